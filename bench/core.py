#!/usr/bin/env python3
"""Causes of crashes against gdb's backtraces, which is all that other tools print: a small dump, a deep recursion, a process of 1.5 GB."""
import pathlib
import subprocess
import sys

import ratios

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

import core_dump  # noqa: E402

bench = ratios.Bench(__doc__)
CASES = (("the cause of a null pointer, a small core dump", "pointers.c", ["null_read"], 20, 30),
         ("the cause of a recursion without an end, 87,000 frames", "control.c", ["recursion"], 10, 40),
         ("the cause of a null pointer in a process of 1.5 GB", "large.c", ["1500"], 10, 40))
for what, source, arguments, at_least, megabytes in CASES:
    if not bench.need(what, "gcc", "gdb"):
        continue
    if not core_dump.kernel_dumps():
        bench.skip(what, "the kernel writes no core file into the current folder here")
        continue
    program = bench.work / pathlib.Path(source).stem
    subprocess.run(["gcc", "-w", "-g", "-O0", "-fno-stack-protector", "-pthread", "-o", program, ROOT / "tests/differential/crash" / source], check=True)
    core = core_dump.by_kernel([program, *arguments], bench.work / f"{source}.core", seconds=120)
    if core is None:
        bench.skip(what, "the program left no core dump")
        continue
    command = [bench.abiscope, "core", core]
    ours = ratios.seconds(command, runs=5)
    bench.compare(what, ours, "gdb -batch -ex bt", ratios.seconds(["gdb", "-nx", "-batch", "-ex", "bt", program, core], runs=2), at_least=at_least)
    if source != "control.c":
        bench.limit("the same: time", ours, "s", at_most=0.05)
    bench.limit("the same: memory", ratios.peak_megabytes(command), "MB", at_most=megabytes)
    if source == "large.c" and bench.need("the same dump compressed with zstd", "zstd"):
        packed = bench.work / "core.zst"
        subprocess.run(["zstd", "-q", core, "-o", packed], check=True)
        core.unlink()
        bench.compare("the same dump compressed with zstd", ratios.seconds([bench.abiscope, "core", packed], runs=3), "zstd -d into a file",
                      ratios.seconds(["zstd", "-q", "-f", "-d", packed, "-o", core], runs=3), at_least=0.5)
        packed.unlink()
    core.unlink()
bench.finish()
