#!/usr/bin/env python3
"""Every goroutine of a crashed Go program with its stack, those at the same place together, against delve's."""
import os
import pathlib
import subprocess
import sys

import ratios

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

import core_dump  # noqa: E402

COUNT = 100_000
SOURCE = """package main

import (
	"sync"
	"time"
)

func wait(c chan int)        { <-c }
func lock(m *sync.Mutex)     { m.Lock() }
func pick(a, b chan int)     { select { case <-a: case <-b: } }
func nap()                   { time.Sleep(time.Hour) }
func deep(n int, c chan int) { if n > 0 { deep(n-1, c) } else { <-c } }

func main() {
	c, d := make(chan int), make(chan int)
	var m sync.Mutex
	m.Lock()
	for i := 0; i < COUNT; i++ {
		switch i % 10 {
		case 0: go wait(c)
		case 1: go lock(&m)
		case 2: go pick(c, d)
		case 3: go nap()
		default: go deep(i%10, c)
		}
	}
	time.Sleep(2 * time.Second)
	panic("enough")
}
"""

bench = ratios.Bench(__doc__)
WHAT = f"{COUNT:,} goroutines with their stacks, grouped"
if bench.need(WHAT, "go", "dlv"):
    if not core_dump.kernel_dumps():
        bench.skip(WHAT, "the kernel writes no core file into the current folder here")
    else:
        source, program = bench.work / "main.go", bench.work / "program"
        source.write_text(SOURCE.replace("COUNT", str(COUNT)), encoding="utf-8")
        subprocess.run(["go", "build", "-o", program, source], check=True, env={**os.environ, "GO111MODULE": "off", "GOFLAGS": ""})
        core = core_dump.by_kernel([program], bench.work / "dump", seconds=60, env={**os.environ, "GOTRACEBACK": "crash"})
        command = [bench.abiscope, "core", "--goroutines", core]
        ours = ratios.seconds(command, runs=3)
        (bench.work / "dlv-script").write_text("goroutines -t\nexit\n", encoding="utf-8")
        # Debian's delve and Go are of one time: it reads what that Go builds, with the debug information that it needs.
        dlv = ["dlv", "core", "--allow-non-terminal-interactive=true", "--init", bench.work / "dlv-script", program, core]
        bench.compare(WHAT, ours, "dlv goroutines -t", ratios.seconds(dlv, runs=1), at_least=20)
        size = core.stat().st_size / 1e6
        bench.limit(f"memory beside the dump's {size:.0f} MB", ratios.peak_megabytes(command) - size, "MB", at_most=300)
        core.unlink()
bench.finish()
