"""A large library of C++ for the benchmarks of what reads debug information: LLVM's headers, compiled into one file, once."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

INCLUDE = pathlib.Path("/usr/lib/llvm-19/include")
# Folders of headers; each is cut into translation units, which share the types below them as the parts of a real program do.
FOLDERS = ["ADT", "Analysis", "AsmParser", "Bitcode", "CodeGen", "CodeGen/GlobalISel", "DebugInfo/CodeView", "DebugInfo/DWARF", "DebugInfo/PDB/Native",
           "ExecutionEngine/JITLink", "ExecutionEngine/Orc", "Frontend/OpenMP", "IR", "MC", "Object", "ObjectYAML", "Passes", "ProfileData", "Support", "Transforms/IPO",
           "Transforms/Scalar", "Transforms/Vectorize"]
HEADERS_IN_ONE = 28
FLAGS = ["-std=c++17", "-g", "-O0", "-w", "-fPIC", f"-I{INCLUDE}", "-D_GNU_SOURCE", "-D__STDC_CONSTANT_MACROS", "-D__STDC_FORMAT_MACROS",
         "-D__STDC_LIMIT_MACROS", "-fno-eliminate-unused-debug-types", "-fkeep-inline-functions"]


def cache():
    return pathlib.Path(os.environ.get("ABISCOPE_TEST_CACHE", pathlib.Path.home() / ".cache" / "abiscope-tests")) / "dwarf-bench"


def library():
    """The path of the library; it is built when it is not in the cache."""
    folder = cache() / "library"
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "library.so"
    if made.exists():
        return made
    headers = [str(path.relative_to(INCLUDE)) for one in FOLDERS for path in sorted((INCLUDE / "llvm" / one).glob("*.h"))]
    units = [headers[at:at + HEADERS_IN_ONE] for at in range(0, len(headers), HEADERS_IN_ONE)]

    def compiled(number):
        source = folder / f"unit{number}.cc"
        source.write_text("".join(f'#include "{header}"\n' for header in units[number]), encoding="utf-8")
        # A header that cannot be compiled on its own takes its unit with it.
        done = subprocess.run(["nice", "g++", *FLAGS, "-c", source, "-o", source.with_suffix(".o")], stderr=subprocess.DEVNULL, check=False)
        return source.with_suffix(".o") if done.returncode == 0 else None

    print(f"compiling {len(units)} units of headers for the benchmark, once ...", file=sys.stderr, flush=True)
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        objects = [path for path in pool.map(compiled, range(len(units))) if path]
    partial = folder / "partial.so"
    subprocess.run(["g++", "-shared", "-o", partial, *objects], check=True)
    partial.rename(made)
    for path in objects:
        path.unlink()
    return made
