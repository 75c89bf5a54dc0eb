#!/usr/bin/env python3
"""The goroutines of a running, stripped Go program, read out of its memory without symbols, against what its runtime says of them (runtime.Stack): every one with its
state, what it waits for and who created it."""
import pathlib
import re
import subprocess
import sys

import differential

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "golang"))
import toolchains   # noqa: E402

CASES = [("1.19", "amd64"), ("1.22", "amd64"), ("1.24", "386"), ("1.25", "amd64"), ("1.26", "amd64"), ("1.27", "amd64"), ("1.27", "386")]
SOURCE = """package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

func receive(c chan int)     { <-c }
func send(c chan int)        { c <- 1 }
func choose(c, d chan int)   { select { case <-c: case d <- 2: } }
func lock(m *sync.Mutex)     { m.Lock() }
func wait(w *sync.WaitGroup) { w.Wait() }
func doze()                  { time.Sleep(time.Hour) }
func never()                 { select {} }
func parent(c chan int)      { go receive(c); <-c }
func nothing(c chan int)     { var n chan int; <-n }

func main() {
	c, d, m, w := make(chan int), make(chan int), new(sync.Mutex), new(sync.WaitGroup)
	m.Lock()
	w.Add(1)
	for i := 0; i < 40; i++ {
		go receive(c)
		go send(d)
		go choose(make(chan int), make(chan int))
		go lock(m)
		go wait(w)
		go doze()
		go parent(c)
	}
	go never()
	go nothing(c)
	time.Sleep(300 * time.Millisecond)
	text := make([]byte, 1<<22)
	text = text[:runtime.Stack(text, true)]
	fmt.Println(string(text))
	fmt.Println("end")
	os.Stdin.Read(make([]byte, 1))
}
"""


def build(suite, version, architecture):
    folder = suite.work / version / architecture
    folder.mkdir(parents=True)
    (folder / "main.go").write_text(SOURCE, encoding="utf-8")
    (folder / "go.mod").write_text("module example.com/waiting\n\ngo 1.18\n", encoding="utf-8")
    done = toolchains.go(version, "build", "-ldflags=-s -w", "-o", "waiting", ".", architecture=architecture, cwd=folder)
    if done.code != 0:
        raise differential.Failure(f"go build: {done.err[:2000]}")
    return folder / "waiting"


def compare(suite, version, architecture):
    program = build(suite, version, architecture)
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        said = ""
        for line in process.stdout:
            if line == "end\n":
                break
            said += line
        ours = differential.run([differential.dump_program("go_dump"), "goroutines", str(process.pid), architecture], seconds=100)
        process.stdin.close()
    found = {}
    for line in ours.out.splitlines():
        if line.startswith("goroutine "):
            number, status, reason, _, _, created_by, parent = line[10:].split("|")
            found[int(number)] = (status, reason, created_by, parent)
    wrong, count = [], 0
    for text in re.split(r"\n\n(?=goroutine )", said.strip()):
        head = re.match(r"goroutine (\d+)(?: gp=\S+ m=\S+)? \[([^\],]+)", text)
        number, state = int(head[1]), head[2]
        if state == "running":
            continue   # it wrote the list; now it reads
        count += 1
        created = re.search(r"created by (\S+)(?: in goroutine (\d+))?", text)
        have = found.get(number)
        want = ("waiting", state, created[1] if created else "?", created[2] or "?" if created else "?")
        if have is None or have[:3] != want[:3] or (want[3] != "?" and have[3] != want[3]):
            wrong.append(f"goroutine {number}: real {want}, ours {have}")
    print(f"go{version} {architecture}: {count - len(wrong)} of {count} goroutines agree, {len(found)} read", flush=True)
    suite.true(f"too few goroutines: {said[:500]} {ours.err}", count > 300)
    suite.equal("goroutines", [], wrong[:5])


def main():
    suite = differential.Suite(__doc__)
    for version, architecture in CASES:
        if suite.wanted(f"{version}-{architecture}"):
            with suite.case(f"{version}-{architecture}"):
                compare(suite, version, architecture)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
