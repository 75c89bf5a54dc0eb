"""Builds the programs of the calling-convention test, runs them, and compares what arrived with what the engine says."""
import dataclasses
import json
import pathlib
import struct
import subprocess

import differential

import calls_machine as machines
from calls_image import macho_image, macho_symbol, pe_export, pe_image
from calls_program import STACK, Program
from calls_types import Declarations, describe

PLAIN = ["-ffreestanding", "-fno-builtin", "-fno-strict-aliasing", "-fno-stack-protector", "-fno-inline", "-w", "-Wno-error"]
GCC = [*PLAIN, "-fno-tree-loop-distribute-patterns", "-fno-asynchronous-unwind-tables"]
BASE = {"pe": 0x10000000, "macho": 0x10000000}


@dataclasses.dataclass
class Abi:
    name: str                  # of the profile
    compiler: list
    machine: machines.Machine
    format: str = "elf"
    features: dict = dataclasses.field(default_factory=dict)
    x87: bool = False
    convention: str = ""       # of the signature, as the dump names it
    attribute: str = ""        # of the call, as C writes it
    entry: str = ""            # attribute of run_one
    link: list = dataclasses.field(default_factory=list)
    flags: list = dataclasses.field(default_factory=list)   # of the profile
    optimise: str = "-O1"
    language: str = "c"
    variadic: bool = True      # whether the convention has variadic functions
    first_pointer: bool = False   # thiscall wants one
    known: "callable" = None   # signature -> why it differs, or None: what docs/abi/calls.md explains
    label: str = ""

    def needs(self):
        return {"pe": ["lld-link-19"], "macho": ["ld64.lld-19"]}.get(self.format, [])

    @property
    def title(self):
        return self.label or self.name + (f" {self.attribute}" if self.attribute else "")


def ask_engine(abi, signatures):
    """What the engine says of every signature."""
    declarations = Declarations()
    calls = []
    for s in signatures:
        convention = s.convention or abi.convention
        words = ["call", abi.language] + ([f"named={s.named}"] if s.named is not None else []) + ["old"] * (not s.prototyped)
        words += [f"convention={convention}"] * bool(convention) + ([f"receiver={declarations.use(s.receiver)}"] if s.receiver else [])
        words += ["params", *map(declarations.use, s.parameters), "results", *([declarations.use(s.result)] if s.result else [])]
        calls.append(" ".join(words))
    request = "\n".join([" ".join(["profile", abi.name, *abi.flags]), *declarations.lines, *calls, ""])
    done = subprocess.run([differential.dump_program("call_dump")], input=request, capture_output=True, text=True, check=False)
    if done.returncode:
        raise differential.Failure(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


class OracleFailed(Exception):
    """The compiler itself died of this text."""


def build(abi, program, folder, number):
    """The path of a program that runs on Linux, under the machine's emulator."""
    suffix = "cc" if abi.language == "cxx" else "c"
    source, object_ = folder / f"calls{number}.{suffix}", folder / f"calls{number}.o"
    source.write_text(program.text)
    _run([*abi.compiler, *PLAIN, abi.optimise, "-c", source, "-o", object_], compiler=True)
    driver, output = folder / "driver.c", folder / f"calls{number}"
    driver.write_text(abi.machine.driver + machines.DRIVER)
    if abi.format == "elf":
        _run([*abi.machine.compiler, driver, object_, "-o", output, "-Wl,-z,noexecstack", "-Wl,--build-id=none", *abi.link])
        return output
    image_path = folder / f"calls{number}.image"
    if abi.format == "pe":
        linked = folder / f"calls{number}.dll"
        _run(["lld-link-19", "/dll", "/noentry", "/nodefaultlib", *([] if "arm64" in abi.machine.name else ["/fixed"]), f"/base:{BASE['pe']:#x}", *abi.link, object_, f"/out:{linked}"])
        base, image = pe_image(linked.read_bytes())
        entry = base + pe_export(linked.read_bytes(), "run_one")
    else:
        linked = folder / f"calls{number}.dylib"
        _run(["ld64.lld-19", "-arch", "arm64", "-platform_version", "macos", "14.0", "14.0", "-dylib", object_, "-o", linked])
        _, image = macho_image(linked.read_bytes())
        entry = BASE["macho"] + macho_symbol(linked.read_bytes(), "_run_one")
    image_path.write_bytes(image)
    holder = folder / f"image{number}.S"
    holder.write_text(f'.section .image, "awx", %progbits\n.incbin "{image_path}"\n')
    _run([*abi.machine.compiler, f"-DRUN_ONE={entry:#x}", driver, holder, "-o", output, f"-Wl,--section-start=.image={BASE[abi.format]:#x}",
          "-Wl,-z,noexecstack", "-Wl,--build-id=none"])
    return output


def _run(command, compiler=False):
    done = differential.run(command, seconds=300)
    if compiler and done.code and ("PLEASE submit a bug report" in done.err or "internal compiler error" in done.err):
        raise OracleFailed(done.err)
    if done.code:
        raise differential.Failure(f"{' '.join(map(str, command))}: {done.err[:3000]}")


def execute(abi, program, count):
    """For every signature the blocks its call left, or None where the program died."""
    out = [None] * count
    start = 0
    while start < count:
        done = subprocess.run([*abi.machine.emulator, str(program)], input=struct.pack("<II", start, count), capture_output=True, check=False)
        at, data = 0, done.stdout
        while at + 4 <= len(data):
            size = struct.unpack_from("<I", data, at)[0]
            if at + 4 + size > len(data):
                break
            out[start] = _blocks(data[at + 4:at + 4 + size])
            at += 4 + size
            start += 1
        if start < count:
            start += 1   # the one that killed the program
    return out


def _blocks(data):
    out, at = [], 0
    while at < len(data):
        size = struct.unpack_from("<I", data, at)[0]
        out.append(data[at + 4:at + 4 + size])
        at += 4 + size
    return out


def compare(abi, signature, call, blocks):
    """What differs, as lines; empty when all agree."""
    if "error" in call:
        return [f"{abi.title} {signature}", f"abiscope: {call['error']}"]
    if blocks is None:
        return [f"{abi.title} {signature}", "the program died in this call"]
    blocks = iter(blocks)
    saved, stack, fill, memory_fill, valid = (next(blocks) for _ in range(5))
    valid = struct.unpack(f"<{len(valid) // 4}I", valid)
    registers = abi.machine.registers
    rows = Program._pointer_rows(_Machine(abi.machine), call)
    contents = {index: (next(blocks), valid[number]) for number, (_, _, index, _) in enumerate(rows)}
    problems = []
    receiver = next(blocks) if signature.receiver is not None else b""
    hidden = len(call["arguments"]) - len(signature.parameters)
    for index, argument in enumerate(call["arguments"]):
        if argument["name"] == "(result)" and index in contents and not contents[index][1]:
            problems.append(f"(result): no address where it should be: {_places(argument)}")
        if argument["name"] == "this" and contents.get(index, (b"", 0))[0] != receiver:
            problems.append(f"this: not where it should be: {_places(argument)}")
        if index < hidden:
            continue
        value, mask = next(blocks), next(blocks)
        if len(value) != len(mask):   # the caller's own variables are gone: the callee took more or less off the stack than it expected
            return [f"{abi.title} {signature}", *problems, f"{argument['name']}: the caller came back to another stack"]
        if argument["passed"] in ("pointer", "reference"):
            content, is_valid = contents.get(index, (b"", False))
            if not is_valid:
                problems.append(f"{argument['name']}: no address where it should be: {_places(argument)}")
            elif not _same(content, value, mask):
                problems.append(f"{argument['name']}: the address leads to something else: {_places(argument)}")
            continue
        got, known = _gather(argument, len(value), registers, saved, stack)
        problems += _differences(argument, value, mask, got, known)
    if signature.result is not None:
        value, mask = next(blocks), next(blocks)
        problems += _result(call, registers, value, mask, fill, memory_fill)
    stack_pointer = registers.get("rsp", registers.get("esp", registers.get("sp")))
    pointer = int.from_bytes(saved[stack_pointer:stack_pointer + abi.machine.word], "little")
    if pointer % call["alignment"]:
        problems.append(f"the stack pointer {pointer:#x} is no multiple of {call['alignment']}")
    return [f"{abi.title} {signature}"] + problems if problems else []


class _Machine:
    """What Program._pointer_rows() needs of a Program."""

    def __init__(self, machine):
        self.machine = machine


def _gather(argument, size, registers, saved, stack):
    got, known = bytearray(size), bytearray(size)
    for place in argument["locations"]:
        if place["kind"] == "stack":
            data = stack[place["stack"]:place["stack"] + place["size"]]
        elif place["register"] in registers:
            at = registers[place["register"]]
            data = saved[at:at + place["size"]]
        else:
            data = b""
        if place["also"] and data != bytes(got[place["byte"]:place["byte"] + len(data)]):
            return got, bytearray(size)
        got[place["byte"]:place["byte"] + len(data)] = data
        known[place["byte"]:place["byte"] + len(data)] = b"\xff" * len(data)
    return got[:size], known[:size]


def _same(a, b, mask):
    return len(a) >= len(b) and all((x ^ y) & m == 0 for x, y, m in zip(a, b, mask))


def _differences(argument, value, mask, got, known):
    # What lies beyond the part of the stack that is kept is not compared.
    beyond = any(place["kind"] == "stack" and place["stack"] + place["size"] > STACK for place in argument["locations"])
    if beyond:
        return []
    wrong = [i for i in range(len(value)) if mask[i] and (not known[i] or (value[i] ^ got[i]) & mask[i])]
    if not wrong:
        return []
    return [f"{argument['name']}: bytes {_ranges(wrong)} of {len(value)} are not where {_places(argument)} says"]


X87 = [(0x9e06510000000000, 0x3fff), (0xc935720000000000, 0x4000)]


def _x87_bytes(number, size):
    mantissa, exponent = X87[number]
    if size == 4:
        return struct.pack("<I", (exponent - 0x3fff + 127) << 23 | mantissa >> 40 & 0x7fffff)
    if size == 8:
        return struct.pack("<Q", (exponent - 0x3fff + 1023) << 52 | mantissa >> 11 & (1 << 52) - 1)
    return struct.pack("<QH", mantissa, exponent)


def _result(call, registers, value, mask, fill, memory_fill):
    argument = call["results"][0]
    if argument["passed"] == "result pointer":
        if not _same(memory_fill, value, mask):
            return [f"result: not what was stored where {_places(next(a for a in call['arguments'] if a['name'] == '(result)') if any(a['name'] == '(result)' for a in call['arguments']) else argument)} points"]
        return []
    got, known = bytearray(len(value)), bytearray(len(value))
    for place in argument["locations"]:
        if place["kind"] == "x87":
            data = _x87_bytes(int(place["register"][2]), place["size"])
        else:
            at = registers[place["register"]]
            data = fill[at:at + place["size"]]
        got[place["byte"]:place["byte"] + len(data)] = data
        known[place["byte"]:place["byte"] + len(data)] = b"\xff" * len(data)
    boolean = len(value) == 1 and mask == b"\xff"
    wrong = [i for i in range(len(value)) if mask[i] and (not known[i] or (value[i] ^ got[i]) & (1 if boolean else mask[i]))]
    return [f"result: bytes {_ranges(wrong)} of {len(value)} are not where {_places(argument)} says"] if wrong else []


def _ranges(numbers):
    out, start = [], None
    for i, n in enumerate(numbers):
        start = n if start is None else start
        if i + 1 == len(numbers) or numbers[i + 1] != n + 1:
            out.append(f"{start}-{n}" if n != start else f"{n}")
            start = None
    return ", ".join(out)


def _places(argument):
    places = [f"{p['register'] or 'sp+' + str(p['stack'])}[{p['byte']}..{p['byte'] + p['size']})" for p in argument["locations"]]
    return f"{argument['class']} {argument['passed']} {', '.join(places)}; {'; '.join(argument['steps'])}"


__all__ = ["Abi", "ask_engine", "build", "compare", "describe", "execute", "pathlib"]
