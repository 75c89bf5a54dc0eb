#!/usr/bin/env python3
"""All types of a kernel and of a large C++ library with every hole, against pahole. Both are fetched or made once and kept in the cache."""
import re
import subprocess
import sys

import ratios
from llvm_library import INCLUDE, cache, library

def kernel():
    """The path of a kernel with debug information: Debian's for virtual machines, fetched when it is not in the cache. None: it cannot be fetched."""
    folder = cache() / "kernel"
    folder.mkdir(parents=True, exist_ok=True)
    found = sorted(folder.rglob("vmlinux-*"))
    if found:
        return found[0]
    depends = subprocess.run(["apt-cache", "depends", "linux-image-cloud-amd64-dbg"], capture_output=True, text=True, check=False).stdout
    packages = re.findall(r"Depends: (linux-image-\S+-dbg)", depends)
    print("fetching a kernel with debug information for the benchmark, 280 MB, once ...", file=sys.stderr, flush=True)
    if not packages or subprocess.run(["apt-get", "download", packages[0]], cwd=folder, capture_output=True, check=False).returncode != 0:
        return None
    package = next(folder.glob("*.deb"))
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as unpacking:
        subprocess.run(["tar", "-x", "--wildcards", "-C", folder, "*/vmlinux-*"], stdin=unpacking.stdout, check=True)
    package.unlink()
    return next(iter(sorted(folder.rglob("vmlinux-*"))), None)


def measure(what, file, name, pahole_name, remark):
    """All types of a file and one of them."""
    dump = bench.options.build / "bench" / "dwarf_dump"
    one = ratios.seconds([dump, "text", "--threads", "1", file], runs=3)
    two = ratios.seconds([dump, "text", "--threads", "2", file], runs=3)
    bench.compare(f"{what}, one thread", one, f"pahole, one thread{remark}", ratios.seconds(["pahole", file], runs=2), at_least=10)
    bench.compare("the same, two threads", two, "pahole -j2", ratios.seconds(["pahole", "-j2", file], runs=2), at_least=5)
    bench.limit("the same: how well two threads are used", one / two / 2, "of 1", at_least=0.85)
    bench.limit("the same: its memory, of pahole's", ratios.peak_megabytes([dump, "text", "--threads", "2", file]) / ratios.peak_megabytes(["pahole", file]),
                "of 1", at_most=1 / 6)
    whole = [bench.abiscope, "layout", "--abi", "sysv-amd64", file]
    bench.compare("the same by `abiscope layout`, checked against the ABI, with a reason for every hole", ratios.seconds(whole, runs=2, accept=(0, 3)),
                  "pahole -j2", ratios.seconds(["pahole", "-j2", file], runs=1), at_least=5)
    bench.limit("the same: its memory, of pahole's", ratios.peak_megabytes(whole, accept=(0, 3)) / ratios.peak_megabytes(["pahole", file]), "of 1", at_most=1 / 6)
    found = ratios.seconds([dump, "find", "--threads", "2", name, file], runs=3)
    bench.compare(f"one of them by name, {name}", found, f"pahole -C {pahole_name}", ratios.seconds(["pahole", "-C", pahole_name, file], runs=1))
    bench.limit("the same: time", found, "s", at_most=0.3)
    bench.limit("the same: memory", ratios.peak_megabytes([dump, "find", "--threads", "2", name, file]), "MB", at_most=300)


bench = ratios.Bench(__doc__)
if bench.need("types of a kernel", "pahole", "apt-get", "dpkg-deb"):
    vmlinux = kernel()
    if vmlinux is None:
        bench.skip("types of a kernel", "its package cannot be fetched")
    else:
        # Nearly the last type of the file: a reader that stops at the first match has nothing to gain.
        measure("all types of a kernel with every hole (164 MB of .debug_info)", vmlinux, "printf_spec", "printf_spec", "")
if not (INCLUDE / "llvm").is_dir():
    bench.skip("types of a C++ library", "llvm-19-dev is not installed")
elif bench.need("types of a C++ library", "pahole", "g++"):
    measure("all types of a C++ library with every hole", library(), "llvm::MachineFunction", "MachineFunction", " (it leaves namespaces out)")
bench.finish()
