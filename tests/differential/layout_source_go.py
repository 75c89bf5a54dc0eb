#!/usr/bin/env python3
"""`abiscope layout FILE.go` against the Go compiler: generated types, read by the program's own reader of Go; every field's offset, size,
alignment, and how far the garbage collector looks, as a compiled program says of itself. 386 runs on amd64, arm and arm64 under qemu-user."""
import json
import os
import platform
import random
import re
import sys

import debian_package
import differential

ARCHITECTURES = {"amd64": None, "386": None, "arm64": "qemu-aarch64", "arm": "qemu-arm"}
NATIVE = {"x86_64": ("amd64", "386"), "aarch64": ("arm64",)}.get(platform.machine(), ())
SCALARS = ["bool", "int8", "uint8", "byte", "int16", "uint16", "int32", "rune", "uint32", "int64", "uint64", "int", "uint", "uintptr", "float32",
           "float64", "complex64", "complex128", "string", "error", "any", "unsafe.Pointer"]
SHAPES = ["[]{}", "*{}", "map[string]{}", "chan {}", "func({}) error", "<-chan {}", "interface{{ M({}) }}", "[]*{}"]
STANDARD = ["sync.Mutex", "sync.RWMutex", "sync.Once", "time.Time", "time.Duration", "atomic.Int64", "atomic.Uint32", "atomic.Bool", "atomic.Value"]


def options(parser):
    parser.add_argument("--types", type=int, default=150, help="structs for each architecture")


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.structs = []
        self.lines = []

    def type(self, depth=0):
        roll = self.random.randrange(100)
        if roll < 45 or depth > 3:
            return self.random.choice(SCALARS)
        if roll < 58:
            return self.random.choice(SHAPES).format(self.random.choice(SCALARS))
        if roll < 68:
            return f"[{self.random.choice(['0', '1', '2', '3', '5', 'N', '2*N', 'M-1', '1<<2', '(M+1)/2', 'K'])}]{self.type(depth + 1)}"
        if roll < 78 and self.structs:
            return self.random.choice(self.structs)
        if roll < 84:
            return self.random.choice(["Number", "Text", "Pair[int8]", "Pair[string]", "Pair[Number]", "Pair[[2]int16]", "Both[int8, string]"])
        if roll < 90:
            return self.random.choice(STANDARD)
        if roll < 94:
            return "struct{}"
        return "struct { " + "; ".join(f"f{i} {self.type(depth + 1)}" for i in range(self.random.randrange(1, 4))) + " }"

    def struct(self, number):
        fields, names = [], []
        embedded = set()
        for index in range(self.random.randrange(0, 8)):
            roll = self.random.randrange(100)
            if roll < 8 and self.structs:
                name = self.random.choice(self.structs)
                if name not in embedded:
                    embedded.add(name)
                    fields.append(self.random.choice(["", "*"]) + name)
                    names.append(name)
                    continue
            if roll < 14:
                fields.append(f"_ {self.type()}")
            elif roll < 22:
                fields.append(f"a{index}, b{index} {self.type()} `json:\"x\"`")
                names += [f"a{index}", f"b{index}"]
            else:
                fields.append(f"a{index} {self.type()}")
                names.append(f"a{index}")
        name = f"S{number}"
        self.lines.append(f"type {name} struct {{" + "".join(f"\n\t{field}" for field in fields) + "\n}")
        self.structs.append(name)
        return name, names

    def program(self, count):
        wanted = [self.struct(number) for number in range(count)]
        types = ["package main", "import (", '\t"sync"', '\t"sync/atomic"', '\t"time"', '\t"unsafe"', ")",
                 "const N = 3", "const (\n\tL = iota * 2\n\tM\n\tK\n)", "const wordBits = 32 << (^uint(0) >> 63)",
                 "type Number int32", "type Text string", "type Pair[P any] struct { first P; ok bool }", "type Both[P any, Q any] struct { a P; b Pair[Q] }",
                 "type Words struct { a [wordBits / 8]byte; b byte }",
                 *self.lines, "var _ sync.Mutex", "var _ atomic.Int32", "var _ time.Time"]
        main = ["func main() {"]
        for name, fields in [*wanted, ("Words", ["a", "b"])]:
            offsets = "".join(f', "{field}", unsafe.Offsetof(x.{field})' for field in fields)
            # The first two words of a type's descriptor are its size and PtrBytes (internal/abi, Type).
            main.append(f'\t{{ var x {name}; var e any = x; t := *(**[2]uintptr)(unsafe.Pointer(&e)); println("{name}", unsafe.Sizeof(x), unsafe.Alignof(x), t[1]{offsets}) }}')
        return "\n".join([*types, *main, "}"]) + "\n"


def real_layouts(suite, work, architecture):
    environment = dict(os.environ, GOARCH=architecture, GOOS="linux", CGO_ENABLED="0", GOFLAGS="-mod=mod", GO111MODULE="off", GOCACHE=debian_package.go_cache())
    program = work / "program"
    built = differential.run(["go", "build", "-o", program, work / "types.go"], seconds=400, env=environment)
    if built.code != 0:
        raise differential.Failure(f"go build: {built.err[:3000]}")
    emulator = [] if architecture in NATIVE else [ARCHITECTURES[architecture]]
    ran = differential.run([*emulator, program], seconds=100)
    found = {}
    for line in ran.err.splitlines():
        name, size, alignment, pointers, *rest = line.split()
        found[name] = (int(size), int(alignment), int(pointers), {rest[i]: int(rest[i + 1]) for i in range(0, len(rest), 2)})
    return found


def our_layouts(suite, work, profile):
    outcome = differential.run([suite.options.abiscope, "layout", work / "types.go", "--abi", profile, "--json"], seconds=100)
    document = json.loads(outcome.out)
    if not document["results"]:
        raise differential.Failure(f"abiscope layout: {outcome.err[:1000]}")
    found = {}
    for kind in document["results"][0]["types"]:
        layout = kind["layouts"][0]
        if "error" in layout:
            found[kind["name"]] = layout["error"]["message"]
            continue
        fields = {field["name"]: field["bit_offset"] // 8 for field in layout["fields"] if field.get("depth", 0) == 0 and field["name"] not in ("", "_")}
        found[kind["name"]] = (layout["size"], layout["align"], layout["pointer_bytes"], fields)
    return found


def compare(suite, release, architecture):
    if architecture not in NATIVE:
        suite.need(ARCHITECTURES[architecture] or "a processor that runs " + architecture)
    work = suite.work / architecture
    work.mkdir(parents=True)
    text = Generator(f"{suite.options.seed} {architecture}").program(suite.options.types)
    (work / "types.go").write_text(text)
    real, ours = real_layouts(suite, work, architecture), our_layouts(suite, work, f"go-{architecture}/go{release}")
    wrong = [f"{name}: real {layout}, ours {ours.get(name)}" for name, layout in real.items() if ours.get(name) != layout]
    print(f"go-{architecture}/go{release}: {len(real) - len(wrong)} of {len(real)} agree", flush=True)
    suite.true("no types", len(real) > suite.options.types // 2, text)
    suite.equal("types that disagree", 0, len(wrong), "\n".join(wrong[:5]) + "\n" + text[:3000])


def main():
    suite = differential.Suite(__doc__, options)
    for architecture in ARCHITECTURES:
        if suite.wanted(architecture):
            with suite.case(architecture):
                suite.need("go")
                release = re.search(r"go(1\.\d+)", differential.run(["go", "version"]).out)[1]
                compare(suite, release, architecture)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
