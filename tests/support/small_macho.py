"""Builds small 64-bit Mach-O files and universal files of them, byte by byte after <mach-o/loader.h>. Knows nothing of abiscope's parsers."""
import struct

X86_64, ARM64 = (0x01000007, 3), (0x0100000C, 0)
EXECUTE, DYLIB = 2, 6
PAGE = 0x4000
BASE = 0x100000000
R, W, X = 1, 2, 4
CODE = {X86_64: b"\xb8\x2a\x00\x00\x00\xc3", ARM64: struct.pack("<II", 0x52800540, 0xD65F03C0)}   # return 42


def version(major, minor=0, patch=0):
    return major << 16 | minor << 8 | patch


def command(kind, body):
    body += bytes(-len(body) % 8)
    return struct.pack("<II", kind, 8 + len(body)) + body


def path_command(kind, path, *words):
    """A command whose first word is the offset of a string behind its fixed part."""
    data = path.encode() + b"\0"
    return command(kind, struct.pack("<I", 12 + 4 * len(words)) + b"".join(struct.pack("<I", word) for word in words) + data)


def segment(name, address, memory, offset, size, protection, sections=()):
    body = struct.pack("<16sQQQQiiII", name.encode(), address, memory, offset, size, protection, protection, len(sections), 0)
    for section, where, length, place, flags in sections:
        body += struct.pack("<16s16sQQIIIIIIII", section.encode(), name.encode(), where, length, place, 4, 0, 0, flags, 0, 0, 0)
    return command(0x19, body)


def thin(cpu=ARM64, kind=EXECUTE, libraries=("/usr/lib/libSystem.B.dylib",), rpaths=(), minimum=(13, 0), name=None):
    code = CODE[cpu]
    symbol = b"_main" if kind == EXECUTE else b"_greet"
    base = BASE if kind == EXECUTE else 0
    code_at = PAGE - 0x40
    strings = b"\0" + symbol + b"\0"
    symbols = struct.pack("<IBBHQ", 1, 0x0F, 1, 0, base + code_at)
    link = symbols + strings
    commands = [segment("__PAGEZERO", 0, BASE, 0, 0, 0)] if kind == EXECUTE else []
    commands += [segment("__TEXT", base, PAGE, 0, PAGE, R | X, [("__text", base + code_at, len(code), code_at, 0x80000400)]),
                 segment("__LINKEDIT", base + PAGE, PAGE, PAGE, len(link), R),
                 command(0x02, struct.pack("<IIII", PAGE, 1, PAGE + len(symbols), len(strings))),
                 command(0x1B, bytes(range(16))),
                 command(0x32, struct.pack("<IIIIII", 1, version(*minimum), version(14, 2), 1, 3, version(1015, 7)))]
    if kind == EXECUTE:
        commands += [path_command(0x0E, "/usr/lib/dyld"), command(0x80000028, struct.pack("<QQ", code_at, 0))]
    else:
        commands.append(path_command(0x0D, name, 2, version(1, 2, 3), version(1)))
    commands += [path_command(0x0C, library, 2, version(1311), version(1)) for library in libraries]
    commands += [path_command(0x8000001C, rpath) for rpath in rpaths]
    body = b"".join(commands)
    flags = 0x200085 if kind == EXECUTE else 0x100085
    head = struct.pack("<IiiIIIII", 0xFEEDFACF, *cpu, kind, len(commands), len(body), flags, 0) + body
    return head.ljust(code_at, b"\0") + code.ljust(PAGE - code_at, b"\0") + link


def universal(slices):
    """`slices`: (cpu, bytes)."""
    table, contents, offset = b"", b"", PAGE
    for cpu, data in slices:
        table += struct.pack(">iiIII", *cpu, offset, len(data), 14)
        data = data.ljust(len(data) + -len(data) % PAGE, b"\0")
        contents += data
        offset += len(data)
    return (struct.pack(">II", 0xCAFEBABE, len(slices)) + table).ljust(PAGE, b"\0") + contents
