"""Go's two conventions against its own compiler: generated signatures whose functions are assembly, which saves registers and stack as they
arrive and fills every register and stack slot that could hold a result."""
import dataclasses
import json
import os
import subprocess

import differential

STACK = 768
PLACE = 256
SCALARS = {
    "bool": ("bool", 1), "int8": ("schar", 1), "uint8": ("uchar", 1), "int16": ("short", 2), "uint16": ("ushort", 2), "int32": ("int", 4),
    "uint32": ("uint", 4), "int64": ("llong", 8), "uint64": ("ullong", 8), "float32": ("float", 4), "float64": ("double", 8),
    "int": ("word", 0), "uintptr": ("uintptr", 0), "complex64": ("complex(float)", 8), "complex128": ("complex(double)", 16),
    "string": ("string", 0), "[]byte": ("slice", 0), "any": ("interface", 0), "*byte": ("ptr", 0), "map[int]int": ("map", 0), "func()": ("func", 0),
}


@dataclasses.dataclass
class GoAbi:
    name: str            # of the profile
    arch: str
    internal: bool
    emulator: list
    word: int
    linkage: int
    general: list        # as the assembler names them
    vector: list
    spelled: dict        # the engine's name -> the assembler's

    @property
    def title(self):
        return self.name


def _rows(prefix, numbers):
    return [f"{prefix}{n}" for n in numbers]


AMD64 = ["AX", "BX", "CX", "DI", "SI", "R8", "R9", "R10", "R11"]
RISCV = [*range(10, 18), 8, 9, *range(18, 24)]
ABIS = [
    GoAbi("go-amd64/go1.19", "amd64", True, [], 8, 0, AMD64, _rows("X", range(15)), {f"R{n}": n for n in ["AX", "BX", "CX", "DI", "SI"]}),
    GoAbi("go0-amd64/go1.19", "amd64", False, [], 8, 0, [], [], {}),
    GoAbi("go-arm64/go1.19", "arm64", True, ["qemu-aarch64"], 8, 8, _rows("R", range(16)), _rows("F", range(16)), {}),
    GoAbi("go0-arm64/go1.19", "arm64", False, ["qemu-aarch64"], 8, 8, [], [], {}),
    GoAbi("go-riscv64/go1.19", "riscv64", True, ["qemu-riscv64"], 8, 8, _rows("X", RISCV), _rows("F", RISCV), {}),
    GoAbi("go0-386/go1.19", "386", False, [], 4, 0, [], [], {}),
    GoAbi("go0-arm/go1.19", "arm", False, ["qemu-arm"], 4, 4, [], [], {}),
]


class Generator:
    def __init__(self, random):
        self.random = random
        self.count = 0
        self.go = []       # declarations
        self.lines = []    # of type_text.h

    def type(self, depth=0):
        """(Go, textual form, paths of the parts that are no padding)"""
        shape = self.random.random()
        if shape < 0.6 or depth > 2:
            name = self.random.choice(list(SCALARS))
            return name, SCALARS[name][0], [""]
        if shape < 0.75:
            count = self.random.choice([0, 1, 1, 1, 2, 3])
            go, text, parts = self.type(depth + 1)
            return f"[{count}]{go}", f"array({count},{text})", [f"[{i}]{part}" for i in range(count) for part in parts]
        self.count += 1
        name, fields, lines, paths = f"T{self.count}", [], [], []
        for i in range(self.random.choice([0, 1, 1, 2, 2, 3, 4])):
            go, text, parts = self.type(depth + 1)
            fields.append(f"f{i} {go}")
            paths += [f".f{i}{part}" for part in parts]
            lines.append(f"field f{i} {text}")
        self.go.append(f"type {name} struct {{ {'; '.join(fields)} }}")
        self.lines += [f"struct {name} go", *lines, "end"]
        return name, name, paths

    def signature(self):
        def some(numbers):
            return [self.type() for _ in range(self.random.choice(numbers))]
        return some([0, 1, 2, 3, 4, 6, 9, 12]), some([0, 1, 1, 2, 3, 5])


def ask(abi, generator, signatures):
    calls = [" ".join(["call go params", *(p[1] for p in parameters), "results", *(r[1] for r in results)]) for parameters, results in signatures]
    request = "\n".join([f"profile {abi.name}", *generator.lines, *calls, ""])
    done = differential.run([differential.dump_program("call_dump")], stdin=request.encode())
    if done.code:
        raise differential.Failure(done.err)
    return [json.loads(line) for line in done.out.splitlines()]


def _assembly(abi, count):
    """One entry for each signature, and the common part."""
    mark = "<ABIInternal>" if abi.internal else ""
    out = ['#include "textflag.h"', ""]
    moves = {"amd64": ("MOVQ", "MOVSD"), "arm64": ("MOVD", "FMOVD"), "riscv64": ("MOV", "MOVD"), "386": ("MOVL", ""), "arm": ("MOVW", "")}[abi.arch]
    general = [f"{moves[0]} {r}, ·saved+{8 * i}(SB)" for i, r in enumerate(abi.general)]
    vector = [f"{moves[1]} {r}, ·saved+{256 + 8 * i}(SB)" for i, r in enumerate(abi.vector)]
    fill = [f"{moves[1]} ·fill+{256 + 8 * i}(SB), {r}" for i, r in enumerate(abi.vector)]
    if abi.arch == "riscv64":   # its assembler has no floating-point moves to and from symbols
        vector = ["MOV $·saved(SB), X25"] + [f"MOVD {r}, {256 + 8 * i}(X25)" for i, r in enumerate(abi.vector)]
        fill = ["MOV $·fill(SB), X25"] + [f"MOVD {256 + 8 * i}(X25), {r}" for i, r in enumerate(abi.vector)]
    fill += [f"{moves[0]} ·fill+{8 * i}(SB), {r}" for i, r in enumerate(abi.general)]
    # The scratch registers are none that could hold an argument; the stack pointer at the call is that of the entry, but on x86.
    address, load, store = {
        "amd64": ("LEAQ 8(SP), R12", "MOVQ {at}(R12), R13", "MOVQ R13, {at}(R12)"), "386": ("LEAL 4(SP), AX", "MOVL {at}(AX), CX", "MOVL CX, {at}(AX)"),
        "arm64": ("MOVD RSP, R26", "MOVD {at}(R26), R25", "MOVD R25, {at}(R26)"), "arm": ("MOVW R13, R1", "MOVW {at}(R1), R2", "MOVW R2, {at}(R1)"),
        "riscv64": ("MOV X2, X28", "MOV {at}(X28), X29", "MOV X29, {at}(X28)")}[abi.arch]
    scratch = {"amd64": "R13", "386": "CX", "arm64": "R25", "arm": "R2", "riscv64": "X29"}[abi.arch]
    step = abi.word
    copy = [address]
    for at in range(0, STACK, step):
        copy += [load.format(at=at), f"{moves[0]} {scratch}, ·stack+{at}(SB)"]
    out.append(f"TEXT ·common{mark}(SB),NOSPLIT|NOFRAME,$0-0")
    out += general + vector + copy
    size = {"amd64": "MOVQ ·fillSize(SB), R13", "386": "MOVL ·fillSize(SB), DX", "arm64": "MOVD ·fillSize(SB), R24", "arm": "MOVW ·fillSize(SB), R3",
            "riscv64": "MOV ·fillSize(SB), X30"}[abi.arch]
    # The results of the stack: whole words from the first argument on.
    compare = {"amd64": "CMPQ ·fillSize(SB), ${n}\nJLT done", "386": "CMPL ·fillSize(SB), ${n}\nJLT done", "arm64": "CMP ${n}, R24\nBLT done",
               "arm": "CMP ${n}, R3\nBLT done", "riscv64": "MOV ${n}, X24\nBLT X30, X24, done"}[abi.arch]
    out.append(size)
    for at in range(0, STACK - abi.linkage, step):
        out += [compare.format(n=at + step).replace("{n}", str(at + step)), f"{moves[0]} ·memory+{at}(SB), {scratch}", store.format(at=at + abi.linkage)]
    out += ["done:", *fill, "RET", ""]
    jump = {"amd64": "JMP", "386": "JMP", "arm64": "B", "arm": "B", "riscv64": "JMP"}[abi.arch]
    for i in range(count):
        out += [f"TEXT ·callee{i}{mark}(SB),NOSPLIT|NOFRAME,$0-0", f"{jump} ·common{mark}(SB)", ""]
    return "\n".join(out) + "\n"


def _program(abi, generator, signatures, calls):
    out = ["package main", 'import ("runtime/debug"; "syscall"; "unsafe")', "var saved, fill [512]byte", f"var stack, memory [{STACK}]byte",
           f"var places [16][{PLACE}]byte", f"var got [8][{PLACE}]byte", "var fillSize uintptr", f"var mask [{PLACE}]byte",
           "func ones(p unsafe.Pointer, n uintptr) { b := (*[1 << 20]byte)(p)[:n:n]; for i := range b { b[i] = 0xff } }",
           "func common()", *generator.go,
           "var state uint64 = 1", "func next() byte { state = state*6364136223846793005 + 1442695040888963407; return byte(0x11 + (state>>33)%0x5d) }",
           "func put(p unsafe.Pointer, n int) { for n > 0 { b := (*[1 << 20]byte)(p)[:n:n]; m, e := syscall.Write(1, b); if e != nil { panic(1) }; p = unsafe.Pointer(uintptr(p) + uintptr(m)); n -= m } }",
           "func prepare() { for i := range fill { fill[i] = next() }; for i := range memory { memory[i] = next() }; for i := range places { for j := range places[i] { places[i][j] = next() } }; "
           "for i := range saved { saved[i] = 0 }; for i := range stack { stack[i] = 0 }; got = [8][256]byte{} }",
           "//go:noinline\nfunc grow(n int) int { var room [1024]byte; if n == 0 { return int(room[0]) }; return grow(n-1) + int(room[n%1024]) }"]
    body = []
    for i, ((parameters, results), call) in enumerate(zip(signatures, calls)):
        names = ", ".join(f"p{n} {go}" for n, (go, _, _) in enumerate(parameters))
        types = ", ".join(go for go, _, _ in results)
        out.append(f"func callee{i}({names}) ({types})")
        arguments = ", ".join(f"*(*{go})(unsafe.Pointer(&places[{n}]))" for n, (go, _, _) in enumerate(parameters))
        left = ", ".join(f"*(*{go})(unsafe.Pointer(&got[{n}]))" for n, (go, _, _) in enumerate(results))
        out.append(f"//go:noinline\nfunc call{i}() {{ {left + ' = ' if results else ''}callee{i}({arguments}) }}")
        masks = "".join(f"{{ t := (*{go})(unsafe.Pointer(&mask)); mask = [{PLACE}]byte{{}}; "
                        + "".join(f"ones(unsafe.Pointer(&(*t){part}), unsafe.Sizeof((*t){part})); " for part in parts)
                        + f"_ = t; put(unsafe.Pointer(&mask), {PLACE}) }}; " for go, _, parts in [*parameters, *results])
        body.append(f"prepare(); fillSize = {call.get('stack', 0)}; call{i}(); {masks}put(unsafe.Pointer(&saved), 512); put(unsafe.Pointer(&stack), {STACK}); "
                    f"put(unsafe.Pointer(&fill), 512); put(unsafe.Pointer(&memory), {STACK}); put(unsafe.Pointer(&places), {16 * PLACE}); put(unsafe.Pointer(&got), {8 * PLACE})")
    out.append("func main() { debug.SetGCPercent(-1); grow(200)\n" + "\n".join(body) + "\n}")
    return "\n".join(out) + "\n"


def compare_abi(suite, abi, random, count):
    generator = Generator(random)
    signatures = [generator.signature() for _ in range(count)]
    calls = ask(abi, generator, signatures)
    folder = suite.work / abi.name.replace("/", "-")
    folder.mkdir(parents=True)
    (folder / "go.mod").write_text("module calls\n\ngo 1.18\n")
    (folder / "main.go").write_text(_program(abi, generator, signatures, calls))
    (folder / f"callee_{abi.arch}.s").write_text(_assembly(abi, count))
    flags = ["-asmflags=-compiling-runtime"] if abi.internal else []
    environment = {**os.environ, "GOARCH": abi.arch, "GOOS": "linux", "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOPROXY": "off"}
    done = differential.run(["go", "build", *flags, "-o", "calls", "."], cwd=folder, env=environment, seconds=600)
    if done.code:
        raise differential.Failure(done.err[:3000])
    data = subprocess.run([*abi.emulator, str(folder / "calls")], capture_output=True, check=False, timeout=300)
    return count, _compare(abi, generator, signatures, calls, data.stdout, data.stderr)


def _compare(abi, generator, signatures, calls, data, errors):
    at, problems = 0, []
    for (parameters, results), call in zip(signatures, calls):
        head = f"{abi.name} func({', '.join(p[0] for p in parameters)}) ({', '.join(r[0] for r in results)}); " + "; ".join(
            line for line in generator.go if any(line.split()[1] in p[0] for p in [*parameters, *results]))
        total = len(parameters) + len(results)
        need = PLACE * total + 1024 + 2 * STACK + 16 * PLACE + 8 * PLACE
        if at + need > len(data):
            problems.append([head, "the program died here: " + errors.decode(errors="replace")[:400]])
            break
        masks = [data[at + PLACE * n:at + PLACE * (n + 1)] for n in range(total)]
        at += PLACE * total
        parts = []
        for size in (512, STACK, 512, STACK, 16 * PLACE, 8 * PLACE):
            parts.append(data[at:at + size])
            at += size
        saved, stack, fill, memory, places, got = parts
        lines = [call["error"]] if "error" in call else []
        for n, argument in enumerate(call.get("arguments", [])):
            lines += _check(abi, argument, masks[n], places[n * PLACE:(n + 1) * PLACE], saved, stack, 0)
        for n, result in enumerate(call.get("results", [])):
            lines += _check(abi, result, masks[len(parameters) + n], got[n * PLACE:(n + 1) * PLACE], fill, memory, abi.linkage)
        if lines:
            problems.append([head, *lines])
    return problems


def _check(abi, travels, mask, value, registers, stack, shift):
    known = bytearray(PLACE)
    for place in travels["locations"]:
        count, byte = place["size"], place["byte"]
        known[byte:byte + count] = b"\xff" * count
        if place["kind"] == "stack":
            start = place["stack"] - shift
            if start + count > STACK - abi.linkage:
                continue
            seen = stack[start:start + count]
        else:
            name = abi.spelled.get(place["register"], place["register"])
            start = 8 * abi.general.index(name) if name in abi.general else 256 + 8 * abi.vector.index(name)
            seen = registers[start:start + count]
        if any((a ^ b) & m for a, b, m in zip(seen, value[byte:byte + count], mask[byte:byte + count])):
            return [f"{travels['name']}: {place['register'] or 'sp+' + str(place['stack'])} holds something else than bytes {byte}+{count}; {travels['class']}; {'; '.join(travels['steps'])}"]
    if any(m and not k for m, k in zip(mask, known)):
        return [f"{travels['name']}: bytes that travel nowhere"]
    return []
