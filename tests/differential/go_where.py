#!/usr/bin/env python3
"""What lies at an address of a crashed Go program (core --where): objects of every size and kind, variables of goroutines and of the program, against the
addresses and types that the program printed itself; stripped."""
import json
import pathlib
import re
import sys

import differential

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "golang"))
import crash_dump   # noqa: E402
import toolchains   # noqa: E402

ALL, SAMPLE = ["1.19", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27"], ["1.19", "1.24", "1.27"]
SIZES = [1, 8, 16, 17, 24, 48, 100, 500, 504, 512, 513, 600, 1000, 2048, 5000, 8000, 20000, 32000, 32760, 32761, 33000, 40000, 100000, 3000000]
# runtime/sizeclasses.go, the same from Go 1.16 to 1.27
CLASSES = [8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408,
           1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480,
           21760, 24576, 27264, 28672, 32768]
SOURCE = """package main

import (
	"fmt"
	"runtime"
	"unsafe"
)

type middle struct {
	next *middle
	rest [100]int
}

type huge struct {
	next *huge
	rest [9000]int
}

var keep []any
var dropped any
var global [40]byte
var constant = "a text that the linker put among the constants"

func say(what string, at unsafe.Pointer, size int, kind string) { fmt.Printf("AT %s %#x %d %s\\n", what, uintptr(at), size, kind) }

//go:noinline
func local(block chan int, ready chan int) {
	var here [5]uintptr
	here[0] = 7
	fmt.Printf("the stack grows here, and moves: %#x %v\\n", 7, here)
	fmt.Printf("ON local %#x\\n", uintptr(unsafe.Pointer(&here)))
	ready <- 1
	<-block
	fmt.Println(here[0])
}

//go:noinline
func gone() uintptr {
	p := new([777]*int)
	dropped = p
	dropped = nil
	return uintptr(unsafe.Pointer(p))
}

func main() {
NOSCAN
	for i := 0; i < 3; i++ {
		m, h, s := &middle{}, &huge{}, make([]middle, 20+i)
		keep = append(keep, m, h, s)
		say("middle", unsafe.Pointer(m), int(unsafe.Sizeof(*m)), "main.middle")
		say("huge", unsafe.Pointer(h), int(unsafe.Sizeof(*h)), "main.huge")
		say("slice", unsafe.Pointer(&s[0]), len(s)*int(unsafe.Sizeof(s[0])), "main.middle")
		small := &struct{ a, b *int }{}
		keep = append(keep, small)
		say("small", unsafe.Pointer(small), 16, "-")
	}
	fmt.Printf("GLOBAL %#x\\n", uintptr(unsafe.Pointer(&global)))
	fmt.Printf("CONSTANT %#x\\n", **(**uintptr)(unsafe.Pointer(&[]*string{&constant}[0])))
	block, ready := make(chan int), make(chan int)
	for i := 0; i < 3; i++ {
		go local(block, ready)
		<-ready
	}
	free := gone()
	runtime.GC()
	runtime.GC()
	fmt.Printf("FREE %#x\\n", free)
	panic("end")
}
"""


def build(suite, version):
    folder = suite.work / version
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"\t{{ p := new([{size}]byte); keep = append(keep, p); say(\"bytes\", unsafe.Pointer(p), {size}, \"noscan\") }}" for size in SIZES]
    (folder / "main.go").write_text(SOURCE.replace("NOSCAN", "\n".join(lines)), encoding="utf-8")
    (folder / "go.mod").write_text("module example.com/where\n\ngo 1.18\n", encoding="utf-8")
    done = toolchains.go(version, "build", "-o", folder / "program", "-ldflags=-s -w", ".", cwd=folder)
    if done.code != 0:
        raise differential.Failure(f"go build: {done.err[:2000]}")
    return folder / "program"


def ask(suite, core, addresses):
    words = [word for address in addresses for word in ("--where", hex(address))]
    done = differential.run([suite.options.abiscope, "core", "--json", *words, core], seconds=100)
    suite.equal("exit code", 0, done.code, done.err[:500])
    return json.loads(done.out)["results"][0]["places"]


def check_objects(suite, version, core, text):
    printed = [(what, int(address, 16), int(size), kind) for what, address, size, kind in re.findall(r"^AT (\S+) (0x[0-9a-f]+) (\d+) (\S+)$", text, re.M)]
    suite.true("objects", len(printed) >= len(SIZES) + 12)
    for offset in (0, None):
        places = ask(suite, core, [address + (size - 1 if offset is None else 0) for _, address, size, _ in printed])
        for (what, address, size, kind), place in zip(printed, places):
            title = f"{what} of {size} bytes at {address:#x}: {place}"
            found = place.get("go_object", {})
            suite.true(title, place["name"] == "[Go heap]" and found.get("allocated") is True)
            start, room = int(found["start"], 16), found["size"]
            # What is smaller than 16 bytes and has no pointers shares a slot with others.
            header = 8 if version not in ("1.19", "1.21") and kind != "noscan" and 512 < size <= 32760 else 0
            suite.true(f"start and size of {title}", start + header == address if size >= 16 else start <= address < start + room)
            need = size + header
            wanted = next((one for one in CLASSES if one >= need), None) if kind != "noscan" or size >= 16 else 16
            suite.true(f"room of {title}", room == (wanted or -(-need // 8192) * 8192) or (size < 16 and room <= 16))
            suite.equal(f"pointers of {title}", kind != "noscan", found["span"]["holds_pointers"])
            typed = version not in ("1.19", "1.21") and kind.startswith("main.")
            suite.equal(f"type of {title}", kind if typed else None, found.get("type"))


def check_rest(suite, core, text):
    def one(what):
        return int(re.search(rf"^{what} (0x[0-9a-f]+)$", text, re.M).group(1), 16)
    locals_ = [int(address, 16) for address in re.findall(r"^ON local (0x[0-9a-f]+)$", text, re.M)]
    for place in ask(suite, core, locals_):
        suite.equal(f"function of {place}", "main.local", place.get("stack", {}).get("function"))
        suite.true(f"goroutine of {place}", place["stack"]["goroutine"] > 1)
    program, constant, free = ask(suite, core, [one("GLOBAL"), one("CONSTANT"), one("FREE")])
    suite.true(f"a variable: {program}", program["permissions"] == "rw-" and "go_object" not in program and "stack" not in program)
    suite.true(f"a constant: {constant}", constant.get("section") == ".rodata" and constant["file"]["path"].endswith("/program"))
    suite.true(f"what is free: {free}", free["name"] == "[Go heap]" and (free.get("go_unused") is True or free["go_object"]["span"]["state"] == "manual" or free.get("go_object", {}).get("allocated") is False))


def main():
    suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--all", action="store_true", help="every release instead of a sample"))
    for version in ALL if suite.options.all else SAMPLE:
        if not suite.wanted(version):
            continue
        with suite.case(version):
            crash_dump.need(suite)
            folder = suite.work / "dumps" / version
            program = build(suite, version)
            core, printed = crash_dump.dump(program, folder, [], also_output=True, GODEBUG="gcshrinkstackoff=1")   # a stack that moves has other addresses
            check_objects(suite, version, core, printed)
            check_rest(suite, core, printed)
            core.unlink()
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
