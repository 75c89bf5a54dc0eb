#!/usr/bin/env python3
"""Core dumps in every state: backtraces against gdb's, dumps that are cut off, damaged, compressed, of other builds. No crash, no hang, and
never a cause that the whole dump does not have.
"""
import gzip
import json
import lzma
import os
import pathlib
import re
import shutil
import sys

import core_dump
import differential

SOURCES = pathlib.Path(__file__).resolve().parent / "crash"
GDB_FRAMES = """
import gdb, json
out = []
frame = gdb.newest_frame()
while frame is not None and len(out) < 400:
    if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):
        out.append([frame.pc(), frame.name(), frame.type() == gdb.SIGTRAMP_FRAME])
    frame = frame.older()
print("FRAMES " + json.dumps(out))
"""

suite = differential.Suite(__doc__)
programs = {}


def program(source, *flags):
    key = (source, flags)
    if key not in programs:
        out = suite.work / f"{pathlib.Path(source).stem}-{len(programs)}"
        compiler = "g++" if source.endswith(".cc") else "gcc"
        suite.need(compiler)
        built = differential.run([compiler, "-w", "-pthread", "-fno-stack-protector", *flags, "-o", out, SOURCES / source, "-lm"])
        suite.true("compiler", built.code == 0, built.err)
        programs[key] = out
    return programs[key]


def crashed(source, name, *flags):
    binary = program(source, *flags)
    return binary, core_dump.dump(suite, [binary, name], suite.work / "cores" / f"{binary.name}-{name}")


def gdb_frames(binary, core):
    script = suite.work / "frames.py"
    script.write_text(GDB_FRAMES, encoding="ascii")
    done = differential.run(["gdb", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "set backtrace past-main on", "-ex", f"source {script}", binary, core],
                            env=differential.clean_environment())
    found = re.search(r"^FRAMES (.*)$", done.out, re.MULTILINE)
    suite.true("gdb gives no frames", found is not None, done.out + done.err)
    return json.loads(found[1])


def plain(name):
    """The name without its parameters, versions and clone suffixes: gdb prints demangled ones."""
    return re.sub(r"\(.*|@.*|\..*|\[.*|<.*|^__GI_", "", name or "").split("::")[-1].lstrip("_").removeprefix("libc_")


BACKTRACES = [("pointers.c", "null_read"), ("pointers.c", "null_index"), ("pointers.c", "literal"), ("pointers.c", "handler_raises"), ("control.c", "call_null"),
              ("control.c", "call_weak"), ("control.c", "big_frame"), ("control.c", "abort"), ("control.c", "thread_null"), ("control.c", "seccomp_trap"),
              ("instructions.c", "divide_zero"), ("instructions.c", "misaligned_stack"), ("aborts.c", "assert"), ("aborts.c", "bad_free"),
              ("language.cc", "throw"), ("language.cc", "noexcept"), ("language.cc", "pure_virtual")]


def backtraces():
    for source, name in BACKTRACES:
        for flags in (("-O0", "-g"), ("-O2",), ("-O2", "-fno-asynchronous-unwind-tables", "-fno-omit-frame-pointer")):
            label = f"backtrace.{name}.{'.'.join(flag.lstrip('-') for flag in flags)}"
            if not suite.wanted(label):
                continue
            with suite.case(label):
                suite.need("gdb")
                if "-fno-asynchronous-unwind-tables" in flags and (source.endswith(".cc") or name == "misaligned_stack"):
                    continue
                binary, core = crashed(source, name, *flags)
                wanted = gdb_frames(binary, core)
                if "-fno-asynchronous-unwind-tables" in flags and not all(function for _, function, _ in wanted):
                    suite.skip("gdb itself goes astray without call frame information")
                answer, _ = suite.ask("core", core)
                got = answer["results"][0]["frames"]
                pairs = list(zip(wanted, got))
                for i, ((pc, function, trampoline), frame) in enumerate(pairs):
                    suite.equal(f"pc of frame {i}", hex(pc), frame["pc"], f"{wanted}\n{got}")
                    if function and "function" in frame and not trampoline:
                        same = plain(function) in frame["function"] or plain(frame["function"]) in function
                        aliases = {plain(function), plain(frame["function"])} == {"raise", "gsignal"}
                        suite.true(f"function of frame {i}: gdb {function!r}, abiscope {frame['function']!r}", same or aliases)
                suite.true("fewer frames than gdb", len(got) >= len(wanted), f"{wanted}\n{got}\n{answer['results'][0]['end']}")


def cause_of(path, *more, may_fail=True):
    outcome = differential.run([suite.abiscope, "core", path, "--json", *more], seconds=30, env=differential.clean_environment())
    suite.true("hangs", not outcome.timed_out)
    suite.true("ends by a signal", outcome.signal is None, f"{outcome.signal} {outcome.err}")
    suite.true(f"exit code {outcome.code}", outcome.code in ((0, 3, 4) if may_fail else (0, 3)), outcome.err)
    results = outcome.json()["results"]
    return (results[0].get("cause") or {}).get("id") if results else None, outcome, results


def cut_off():
    for source, name in (("pointers.c", "null_read"), ("pointers.c", "wild"), ("instructions.c", "misaligned_stack"), ("aborts.c", "assert"), ("control.c", "recursion")):
        label = f"truncated.{name}"
        if not suite.wanted(label):
            continue
        with suite.case(label):
            _, core = crashed(source, name, "-O0", "-g")
            whole, _, _ = cause_of(core)
            data = core.read_bytes()
            short = suite.work / "short.core"
            sizes = [0, 1, 63, 64, 65, 120, 400, 1000, 2000, 3000, 4096] + [len(data) * i // 12 for i in range(1, 12)] + [len(data) - 1]
            for size in sizes + [suite.random.randrange(len(data)) for _ in range(10)]:
                short.write_bytes(data[:size])
                cause, _, results = cause_of(short)
                # What is left may tell less; it must not tell another thing of the fault.
                same = cause in (None, whole) or (whole == "CRASH-ASSERT" and cause in ("CRASH-ABORT", "CRASH-LIBRARY-ABORT"))
                suite.true(f"cut at {size}: {cause}, the whole dump says {whole}", same)
                if results and size > 64:
                    suite.true(f"cut at {size}: nothing is said to be lost", results[0]["lost"])


def damaged():
    for source, name in (("pointers.c", "null_read"), ("control.c", "abort"), ("instructions.c", "misaligned_stack")):
        label = f"damaged.{name}"
        if not suite.wanted(label):
            continue
        with suite.case(label):
            _, core = crashed(source, name, "-O0", "-g")
            data = core.read_bytes()
            bad = suite.work / "bad.core"
            for _ in range(60):
                changed = bytearray(data)
                for _ in range(suite.random.choice((1, 4, 40))):
                    # Headers and notes are where damage leads astray.
                    at = suite.random.randrange(min(len(data), 6000))
                    changed[at] = suite.random.choice((0, 1, 0x7f, 0x80, 0xff, suite.random.randrange(256)))
                bad.write_bytes(changed)
                cause_of(bad)


def compressed():
    packers = {"gz": lambda data: gzip.compress(data, 1), "xz": lambda data: lzma.compress(data, preset=0)}
    for suffix in ("gz", "xz", "zst", "lz4"):
        label = f"compressed.{suffix}"
        if not suite.wanted(label):
            continue
        with suite.case(label):
            _, core = crashed("pointers.c", "null_read", "-O0", "-g")
            packed = suite.work / f"packed.core.{suffix}"
            if suffix in packers:
                packed.write_bytes(packers[suffix](core.read_bytes()))
            else:
                tool = {"zst": "zstd", "lz4": "lz4"}[suffix]
                suite.need(tool)
                differential.run([tool, "-q", "-f", core, packed] if tool == "lz4" else [tool, "-q", "-f", "-o", packed, core])
            suite.equal("cause", "CRASH-NULL-FIELD", cause_of(packed)[0])
            outcome = differential.run([suite.abiscope, "core", "-", "--json"], stdin=packed.read_bytes(), env=differential.clean_environment())
            suite.equal("cause from standard input", "CRASH-NULL-FIELD", outcome.json()["results"][0]["cause"]["id"])
            packed.write_bytes(packed.read_bytes()[:packed.stat().st_size * 2 // 3])
            suite.true("a truncated stream", cause_of(packed)[0] in (None, "CRASH-NULL-FIELD"))


def other_builds():
    if suite.wanted("other build"):
        with suite.case("other build"):
            binary, core = crashed("pointers.c", "null_read", "-O0", "-g")
            moved = suite.work / "moved" / binary.name
            moved.parent.mkdir(exist_ok=True)
            shutil.copy(binary, moved)
            other = program("pointers.c", "-O1")
            shutil.copy(other, suite.work / "kept")
            os.replace(suite.work / "kept", binary)   # rebuilt in place
            cause, outcome, results = cause_of(core)
            suite.equal("without the program", None, cause)
            suite.equal("exit code", 3, outcome.code)
            module = next(one for one in results[0]["modules"] if one["path"] == str(binary))
            suite.equal("state", "other_build_id", module["file"])
            suite.true("both build-ids", module["build_id"] != module["file_build_id"] and len(module["file_build_id"]) == 40, str(module))
            suite.true("no instruction of another build", "instruction" not in results[0])
            suite.equal("with --exe", "CRASH-NULL-FIELD", cause_of(core, "--exe", moved)[0])
            text = differential.run([suite.abiscope, "core", core], env=differential.clean_environment())
            suite.true("text names both ids", module["build_id"] in text.out and module["file_build_id"] in text.out, text.out)
    if suite.wanted("by gdb"):
        with suite.case("by gdb"):
            suite.need("gdb")
            binary = program("control.c", "-O0", "-g")
            core = core_dump.by_gdb([binary, "call_null"], suite.work / "cores" / "by-gdb")
            suite.true("gdb makes a dump", core is not None)
            suite.equal("cause", "CRASH-CALL-NULL", cause_of(core)[0])
    # It writes no program header for what is mapped read-only from files: the code of every library.
    if suite.wanted("by gdb, in a library"):
        with suite.case("by gdb, in a library"):
            suite.need("gdb")
            core = core_dump.by_gdb([program("aborts.c", "-O0", "-g"), "double_free"], suite.work / "cores" / "by-gdb-abort")
            suite.true("gdb makes a dump", core is not None)
            rule, _, results = cause_of(core)
            result = results[0]
            suite.equal("cause", "CRASH-HEAP-CORRUPTED", rule)
            suite.true("the program's own function is to blame", "in main" in result["cause"]["title"], result["cause"]["title"])
            functions = [frame.get("function") for frame in result["frames"]]
            suite.true("the backtrace leads out of the library", "abort" in functions and "main" in functions, str(functions))


backtraces()
cut_off()
damaged()
compressed()
other_builds()
sys.exit(suite.finish())
