#!/usr/bin/env python3
"""A large C++ library compared with a copy of it in which nothing changed but a section that nobody reads, against abidiff and codiff."""
import subprocess

import ratios
from llvm_library import INCLUDE, library

bench = ratios.Bench(__doc__)
WHAT = "a C++ library compared with a copy (104,000 symbols, 31 MB of .debug_info)"
if not (INCLUDE / "llvm").is_dir():
    bench.skip(WHAT, "llvm-19-dev is not installed")
elif bench.need(WHAT, "g++", "objcopy"):
    old, new, note = library(), bench.work / "copy.so", bench.work / "note"
    note.write_text("a copy", encoding="utf-8")
    # Files of the same bytes would not be read twice.
    subprocess.run(["objcopy", "--add-section", f".copy={note}", old, new], check=True)
    command = [bench.abiscope, "diff", old, new]
    ours, memory = ratios.seconds(command, runs=3, accept=(0, 3)), ratios.peak_megabytes(command, accept=(0, 3))
    for tool, at_least in (("abidiff", 20), ("codiff", 10)):
        if not bench.need(f"{WHAT}: {tool}", tool):
            continue
        theirs, their_memory = ratios.once([tool, old, new], accept=range(16))
        bench.compare(WHAT, ours, tool, theirs, at_least=at_least)
        bench.limit(f"the same: its memory, of {tool}'s", memory / their_memory, "of 1", at_most=1 / 4)
    baseline = bench.work / "old.abi"
    ratios.seconds([bench.abiscope, "diff", "--save", baseline, old], runs=1)
    bench.limit("the same with OLD saved as a baseline", ratios.seconds([bench.abiscope, "diff", baseline, new], runs=3, accept=(0, 3)), "s")
    bench.limit("size of that baseline", baseline.stat().st_size / 1e6, "MB")
bench.finish()
