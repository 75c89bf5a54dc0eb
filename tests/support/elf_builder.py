"""Builds small ELF files field by field, right or wrong on purpose. Knows nothing of abiscope's parsers.

    program = elf_builder.Elf()                      # amd64, ET_EXEC, one code segment that ends with exit code 42
    program.header["e_entry"] = 0
    program.segments[0]["p_flags"] = 4
    pathlib.Path("x").write_bytes(program.build())

A file is: header, program headers, then `pieces`: (offset, bytes), later ones on top. Every field of the header and of the program
headers is a plain entry of a dictionary, written as it is (cut to its width), whatever it means.
"""
import struct

PT_NULL, PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_NOTE, PT_SHLIB, PT_PHDR, PT_TLS = range(8)
PT_GNU_EH_FRAME, PT_GNU_STACK, PT_GNU_RELRO, PT_GNU_PROPERTY = 0x6474E550, 0x6474E551, 0x6474E552, 0x6474E553
PF_X, PF_W, PF_R = 1, 2, 4
ET_NONE, ET_REL, ET_EXEC, ET_DYN, ET_CORE = range(5)
EM_386, EM_486, EM_ARM, EM_X86_64, EM_AARCH64, EM_RISCV = 3, 6, 40, 62, 183, 243
PAGE = 4096

# Ends the process with the given exit code; no data, no stack, position independent.
EXIT_CODE = {
    EM_X86_64: lambda code: b"\xbf" + struct.pack("<I", code) + b"\xb8\xe7\x00\x00\x00\x0f\x05",   # mov edi; mov eax, exit_group; syscall
    EM_386: lambda code: b"\xbb" + struct.pack("<I", code) + b"\xb8\xfc\x00\x00\x00\xcd\x80",      # mov ebx; mov eax, exit_group; int 0x80
    EM_AARCH64: lambda code: struct.pack("<III", 0xD2800000 | code << 5, 0xD2800BC8, 0xD4000001),  # mov x0; mov x8, 94; svc 0
}

_HEADER = {64: ("<16sHHIQQQIHHHHHH", 64), 32: ("<16sHHIIIIIHHHHHH", 52)}
_HEADER_FIELDS = ("e_ident", "e_type", "e_machine", "e_version", "e_entry", "e_phoff", "e_shoff", "e_flags", "e_ehsize", "e_phentsize",
                  "e_phnum", "e_shentsize", "e_shnum", "e_shstrndx")
_SEGMENT = {64: ("<IIQQQQQQ", 56), 32: ("<IIIIIIII", 32)}
_SEGMENT_FIELDS = {64: ("p_type", "p_flags", "p_offset", "p_vaddr", "p_paddr", "p_filesz", "p_memsz", "p_align"),
                   32: ("p_type", "p_offset", "p_vaddr", "p_paddr", "p_filesz", "p_memsz", "p_flags", "p_align")}
_WIDTHS = {"B": 1, "H": 2, "I": 4, "Q": 8}


def _pack(form, order, values):
    """struct.pack, but a number that is too large for its field is cut instead of refused."""
    letters = [letter for letter in form[1:] if letter in "HIQ"]
    cut = [values[0]] if form.startswith("<16s") else []
    cut += [value % (1 << 8 * _WIDTHS[letter]) for letter, value in zip(letters, values[len(cut):])]
    return struct.pack(order + form[1:], *cut)


def ident(bits=64, big=False, os_abi=0):
    return b"\x7fELF" + bytes([bits // 32, 2 if big else 1, 1, os_abi]) + bytes(8)


def segment(p_type, p_offset=0, p_vaddr=0, p_filesz=0, p_memsz=None, p_flags=PF_R, p_align=PAGE):
    return {"p_type": p_type, "p_flags": p_flags, "p_offset": p_offset, "p_vaddr": p_vaddr, "p_paddr": p_vaddr, "p_filesz": p_filesz,
            "p_memsz": p_filesz if p_memsz is None else p_memsz, "p_align": p_align}


class Elf:
    def __init__(self, bits=64, machine=None, e_type=ET_EXEC, base=0x400000, exit_code=42, big=False, code=None):
        """One page: headers first, code at 0x800, all of it mapped readable and executable."""
        machine = (EM_X86_64 if bits == 64 else EM_386) if machine is None else machine
        if code is None:
            code = EXIT_CODE.get(machine, lambda _: bytes(16))(exit_code)
        if e_type == ET_DYN:
            base = 0
        self.bits, self.big = bits, big
        self.header = {"e_ident": ident(bits, big), "e_type": e_type, "e_machine": machine, "e_version": 1, "e_entry": base + 0x800,
                       "e_phoff": None, "e_shoff": 0, "e_flags": 0, "e_ehsize": None, "e_phentsize": None, "e_phnum": None,
                       "e_shentsize": 0, "e_shnum": 0, "e_shstrndx": 0}
        self.base = base
        self.pieces = [(0x800, code)]
        self.segments = [segment(PT_LOAD, 0, base, PAGE, p_flags=PF_R | PF_X)]
        self.size = PAGE        # the file is filled with zeros, or cut, to this; None leaves it as long as its parts

    def add(self, offset, data):
        self.pieces.append((offset, data))
        return self

    def interpreter(self, path, offset=0x700, at=None, filesz=None):
        """Adds PT_INTERP (before the other segments, or at an index); `path` is written as it is, with a NUL unless it is bytes."""
        data = path if isinstance(path, bytes) else path.encode() + b"\0"
        if len(data) > 0x100:
            offset = self.size or 0
            self.size = offset + (len(data) + PAGE - 1) // PAGE * PAGE
        self.add(offset, data)
        entry = segment(PT_INTERP, offset, self.base + offset, len(data) if filesz is None else filesz, p_align=1)
        self.segments.insert(0 if at is None else at, entry)
        return self

    def build(self):
        order = ">" if self.big else "<"
        form, header_size = _HEADER[self.bits]
        segment_form, segment_size = _SEGMENT[self.bits]
        header = dict(self.header)
        for name, value in (("e_phoff", header_size), ("e_ehsize", header_size), ("e_phentsize", segment_size), ("e_phnum", len(self.segments))):
            if header[name] is None:
                header[name] = value
        table = b"".join(_pack(segment_form, order, [entry[name] for name in _SEGMENT_FIELDS[self.bits]]) for entry in self.segments)
        parts = [(header_size, table), *self.pieces, (0, _pack(form, order, [header[name] for name in _HEADER_FIELDS]))]
        end = max(offset + len(data) for offset, data in parts)
        out = bytearray(end if self.size is None else max(end, self.size))
        for offset, data in parts:
            out[offset:offset + len(data)] = data
        return bytes(out if self.size is None else out[:self.size])
