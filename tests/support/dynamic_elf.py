"""Builds small dynamically linked ELF files (64-bit, little-endian) with symbols, versions, notes and section headers, byte by byte.

    DynamicElf(interpreter="/lib64/ld-linux-x86-64.so.2", needed=["libc.so.6"],
               imports=[Import("puts", "libc.so.6", "GLIBC_2.2.5")]).build()

Two loaded segments: everything that is only read, code included, and behind it on a page of its own what the loader writes. Knows nothing
of abiscope's parsers; the layouts are those of the System V gABI and, for versions, of LSB core, "Symbol Versioning".
"""
import dataclasses
import struct

from elf_builder import (EM_AARCH64, EM_X86_64, ET_DYN, ET_EXEC, EXIT_CODE, PAGE, PF_R, PF_W, PF_X, PT_DYNAMIC, PT_GNU_PROPERTY, PT_GNU_RELRO,
                         PT_GNU_STACK, PT_INTERP, PT_LOAD, PT_NOTE, PT_PHDR, Elf, segment)

DT = {"NULL": 0, "NEEDED": 1, "HASH": 4, "STRTAB": 5, "SYMTAB": 6, "RELA": 7, "RELASZ": 8, "RELAENT": 9, "STRSZ": 10, "SYMENT": 11, "SONAME": 14,
      "RPATH": 15, "DEBUG": 21, "RUNPATH": 29, "FLAGS": 30, "VERSYM": 0x6FFFFFF0, "FLAGS_1": 0x6FFFFFFB, "VERDEF": 0x6FFFFFFC,
      "VERDEFNUM": 0x6FFFFFFD, "VERNEED": 0x6FFFFFFE, "VERNEEDNUM": 0x6FFFFFFF}
SHT = {"PROGBITS": 1, "SYMTAB": 2, "STRTAB": 3, "RELA": 4, "HASH": 5, "DYNAMIC": 6, "NOTE": 7, "DYNSYM": 11, "VERDEF": 0x6FFFFFFD,
       "VERNEED": 0x6FFFFFFE, "VERSYM": 0x6FFFFFFF}
SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR = 1, 2, 4
STB_LOCAL, STB_GLOBAL, STB_WEAK = 0, 1, 2
STT_FUNC = 2
GLOB_DAT = {EM_X86_64: 6, EM_AARCH64: 1025}
HEADERS = 0x400       # ELF header and program headers have this much room


@dataclasses.dataclass
class Import:
    name: str
    library: str = ""
    version: str = ""
    weak: bool = False


@dataclasses.dataclass
class Export:
    name: str
    version: str = ""


def system_v_hash(name):
    value = 0
    for byte in name.encode():
        value = (value << 4) + byte
        value = (value ^ ((value & 0xF0000000) >> 24)) & 0x0FFFFFFF
    return value


def note(owner, kind, descriptor):
    def padded(data):
        return data + bytes(-len(data) % 4)
    name = owner.encode() + b"\0"
    return struct.pack("<III", len(name), len(descriptor), kind) + padded(name) + padded(descriptor)


def abi_tag(major=3, minor=2, patch=0):
    return note("GNU", 1, struct.pack("<IIII", 0, major, minor, patch))


def build_id(digits):
    return note("GNU", 3, bytes.fromhex(digits))


def properties(entries):
    """NT_GNU_PROPERTY_TYPE_0 of (type, 32-bit value) pairs, padded to 8 bytes as on 64-bit machines."""
    return note("GNU", 5, b"".join(struct.pack("<IIII", kind, 4, value, 0) for kind, value in entries))


class Strings:
    def __init__(self):
        self.data = b"\0"

    def __call__(self, text):
        at = len(self.data)
        self.data += text.encode() + b"\0"
        return at


@dataclasses.dataclass
class Section:
    name: str
    kind: str
    flags: int
    data: bytes
    link: str = ""
    info: int = 0
    entry: int = 0
    align: int = 8
    address: int = 0
    offset: int = 0


class DynamicElf:
    def __init__(self, machine=EM_X86_64, e_type=ET_DYN, interpreter=None, soname=None, needed=(), imports=(), exports=(), rpath=None, runpath=None,
                 flags=0, flags_1=0, notes=(), feature_notes=(), comment=None, extra=(), symbols=(), exit_code=42, dynamic=True, relro=True,
                 code=None):
        """`notes` are bytes of note(); `extra`: (section name, bytes) of read-only data; `symbols`: names of .symtab, all at the entry.
        Without `dynamic` there is nothing for a loader in it."""
        self.machine, self.e_type, self.base = machine, e_type, 0x400000 if e_type == ET_EXEC else 0
        self.interpreter, self.soname, self.needed, self.imports, self.exports = interpreter, soname, needed, imports, exports
        self.rpath, self.runpath, self.flags, self.flags_1, self.dynamic, self.relro = rpath, runpath, flags, flags_1, dynamic, relro
        self.notes, self.feature_notes, self.comment, self.extra, self.symbols = notes, feature_notes, comment, extra, symbols
        self.code = EXIT_CODE[machine](exit_code) if code is None else code
        self.strings = Strings()
        self.sections = []

    def versions(self):
        """Index of each version, in the order definitions, then needs; the first is 2."""
        index = {}
        for export in self.exports:
            if export.version:
                index.setdefault(("", export.version), len(index) + 2)
        for wanted in self.imports:
            if wanted.version:
                index.setdefault((wanted.library, wanted.version), len(index) + 2)
        return index

    def dynamic_symbols(self, entry_address, text_index):
        records = bytes(24)
        for wanted in self.imports:
            records += struct.pack("<IBBHQQ", self.strings(wanted.name), (STB_WEAK if wanted.weak else STB_GLOBAL) << 4 | STT_FUNC, 0, 0, 0, 0)
        for export in self.exports:
            records += struct.pack("<IBBHQQ", self.strings(export.name), STB_GLOBAL << 4 | STT_FUNC, 0, text_index, entry_address, len(self.code))
        return records

    def version_table(self, index):
        entries = [0] + [index.get((wanted.library, wanted.version), 1) for wanted in self.imports]
        entries += [index.get(("", export.version), 1) for export in self.exports]
        return struct.pack(f"<{len(entries)}H", *entries)

    def needs_table(self, index):
        libraries = {}
        for (library, version), number in index.items():
            if library:
                libraries.setdefault(library, []).append((version, number))
        out = b""
        for position, (library, versions) in enumerate(libraries.items()):
            last = position + 1 == len(libraries)
            out += struct.pack("<HHIII", 1, len(versions), self.strings(library), 16, 0 if last else 16 + 16 * len(versions))
            for place, (version, number) in enumerate(versions):
                out += struct.pack("<IHHII", system_v_hash(version), 0, number, self.strings(version), 0 if place + 1 == len(versions) else 16)
        return out, len(libraries)

    def definitions_table(self, index):
        own = [(self.soname or "", 1, 1)] + [(version, number, 0) for (library, version), number in index.items() if not library]
        if len(own) == 1:
            return b"", 0
        out = b""
        for position, (name, number, flags) in enumerate(own):
            out += struct.pack("<HHHHIII", 1, flags, number, 1, system_v_hash(name), 20, 0 if position + 1 == len(own) else 28)
            out += struct.pack("<II", self.strings(name), 0)
        return out, len(own)

    @staticmethod
    def hash_table(names):
        """One bucket that leads through all symbols."""
        chain = [i + 1 if i + 1 < len(names) + 1 else 0 for i in range(1, len(names) + 1)]
        return struct.pack(f"<II I {len(names) + 1}I", 1, len(names) + 1, 1 if names else 0, 0, *chain)

    def add(self, name, kind, flags, data, **more):
        self.sections.append(Section(name, kind, flags, data, **more))
        return self.sections[-1]

    def place(self, sections, at):
        for section in sections:
            at += -at % section.align
            section.offset = at
            if section.flags & SHF_ALLOC:
                section.address = self.base + at
            at += len(section.data)
        return at

    def build(self):
        if self.interpreter:
            self.add(".interp", "PROGBITS", SHF_ALLOC, self.interpreter.encode() + b"\0", align=1)
        for data in self.feature_notes:
            self.add(".note.gnu.property", "NOTE", SHF_ALLOC, data)
        for data in self.notes:
            self.add({1: ".note.ABI-tag", 3: ".note.gnu.build-id"}.get(struct.unpack_from("<I", data, 8)[0], ".note.other") if b"GNU\0" in data[12:16] else ".note.go.buildid",
                     "NOTE", SHF_ALLOC, data, align=4)
        index = self.versions()
        version_needs, needs_count = self.needs_table(index)
        definitions, definitions_count = self.definitions_table(index)
        names = [entry.name for entry in (*self.imports, *self.exports)]
        dynsym = versym = verneed = verdef = hashes = relocations = dynstr = None
        if self.dynamic:
            hashes = self.add(".hash", "HASH", SHF_ALLOC, self.hash_table(names), link=".dynsym", entry=4)
            dynsym = self.add(".dynsym", "DYNSYM", SHF_ALLOC, bytes(24 * (len(names) + 1)), link=".dynstr", info=1, entry=24)
            dynstr = self.add(".dynstr", "STRTAB", SHF_ALLOC, b"", align=1)
            if index:
                versym = self.add(".gnu.version", "VERSYM", SHF_ALLOC, self.version_table(index), link=".dynsym", entry=2, align=2)
            if definitions:
                verdef = self.add(".gnu.version_d", "VERDEF", SHF_ALLOC, definitions, link=".dynstr", info=definitions_count)
            if version_needs:
                verneed = self.add(".gnu.version_r", "VERNEED", SHF_ALLOC, version_needs, link=".dynstr", info=needs_count)
            if self.imports:
                relocations = self.add(".rela.dyn", "RELA", SHF_ALLOC, bytes(24 * len(self.imports)), link=".dynsym", entry=24)
        for name, data in self.extra:
            self.add(name, "PROGBITS", SHF_ALLOC, data, align=16)
        text = self.add(".text", "PROGBITS", SHF_ALLOC | SHF_EXECINSTR, self.code, align=16)
        text_index = len(self.sections)

        # Strings first: the size of everything has to be known before anything is placed.
        entries = [("NEEDED", self.strings(name)) for name in self.needed]
        entries += [(tag, self.strings(value)) for tag, value in (("SONAME", self.soname), ("RPATH", self.rpath), ("RUNPATH", self.runpath)) if value]
        if dynsym:
            dynsym.data = self.dynamic_symbols(0, text_index)
            dynstr.data = self.strings.data
        size = self.place(self.sections, HEADERS)
        readable = self.sections[:]
        parts = [segment(PT_LOAD, 0, self.base, size, p_flags=PF_R | PF_X)]
        if self.dynamic:
            got = self.add(".got", "PROGBITS", SHF_ALLOC | SHF_WRITE, bytes(8 * max(1, len(self.imports))), entry=8)
            dyn = self.add(".dynamic", "DYNAMIC", SHF_ALLOC | SHF_WRITE, b"", link=".dynstr", entry=16)
            writable_at = size + -size % PAGE
            self.place([got], writable_at)
            self.strings = Strings()   # the same names in the same order give the same offsets
            self.needs_table(index), self.definitions_table(index)
            entries = [("NEEDED", self.strings(name)) for name in self.needed]
            entries += [(tag, self.strings(value)) for tag, value in (("SONAME", self.soname), ("RPATH", self.rpath), ("RUNPATH", self.runpath)) if value]
            dynsym.data = self.dynamic_symbols(text.address, text_index)
            if relocations:
                relocations.data = b"".join(struct.pack("<QQq", got.address + 8 * i, (i + 1) << 32 | GLOB_DAT[self.machine], 0) for i in range(len(self.imports)))
                entries += [("RELA", relocations.address), ("RELASZ", len(relocations.data)), ("RELAENT", 24)]
            entries += [("HASH", hashes.address), ("STRTAB", dynstr.address), ("SYMTAB", dynsym.address), ("STRSZ", len(dynstr.data)), ("SYMENT", 24)]
            if versym:
                entries.append(("VERSYM", versym.address))
            if verdef:
                entries += [("VERDEF", verdef.address), ("VERDEFNUM", definitions_count)]
            if verneed:
                entries += [("VERNEED", verneed.address), ("VERNEEDNUM", needs_count)]
            if self.interpreter:
                entries.append(("DEBUG", 0))
            entries += [(tag, value) for tag, value in (("FLAGS", self.flags), ("FLAGS_1", self.flags_1)) if value]
            dyn.data = b"".join(struct.pack("<QQ", DT[tag], value) for tag, value in (*entries, ("NULL", 0)))
            size = self.place([got, dyn], writable_at)
            parts.append(segment(PT_LOAD, writable_at, self.base + writable_at, size - writable_at, p_flags=PF_R | PF_W))
            parts.append(segment(PT_DYNAMIC, dyn.offset, dyn.address, len(dyn.data), p_flags=PF_R | PF_W, p_align=8))
            if self.relro:
                parts.append(segment(PT_GNU_RELRO, writable_at, self.base + writable_at, PAGE, p_align=1))
        for section in readable:
            if section.name == ".interp":
                parts.insert(0, segment(PT_INTERP, section.offset, section.address, len(section.data), p_align=1))
            if section.kind == "NOTE":
                parts.append(segment(PT_NOTE, section.offset, section.address, len(section.data), p_align=section.align))
            if section.name == ".note.gnu.property":
                parts.append(segment(PT_GNU_PROPERTY, section.offset, section.address, len(section.data), p_align=8))
        parts.append(segment(PT_GNU_STACK, p_flags=PF_R | PF_W, p_align=16))
        if self.interpreter:
            # glibc learns from it where a position-independent program lies.
            parts.insert(0, segment(PT_PHDR, 64, self.base + 64, 56 * (len(parts) + 1), p_align=8))
        return self.assemble(parts, text, size)

    def assemble(self, parts, text, size):
        if self.comment:
            self.add(".comment", "PROGBITS", 0, self.comment.encode() + b"\0", align=1)
        if self.symbols:
            names = Strings()
            records = bytes(24)
            text_index = self.sections.index(text) + 1
            for name in self.symbols:
                records += struct.pack("<IBBHQQ", names(name), STB_GLOBAL << 4 | STT_FUNC, 0, text_index, text.address, len(self.code))
            self.add(".symtab", "SYMTAB", 0, records, link=".strtab", info=1, entry=24)
            self.add(".strtab", "STRTAB", 0, names.data, align=1)
        section_names = Strings()
        offsets = {section.name: section_names(section.name) for section in self.sections}
        offsets[".shstrtab"] = section_names(".shstrtab")
        self.add(".shstrtab", "STRTAB", 0, section_names.data, align=1)
        end = self.place([section for section in self.sections if not section.flags & SHF_ALLOC], size)
        end += -end % 8
        numbers = {section.name: i + 1 for i, section in enumerate(self.sections)}
        headers = bytes(64)
        for section in self.sections:
            headers += struct.pack("<IIQQQQIIQQ", offsets[section.name], SHT[section.kind], section.flags, section.address, section.offset, len(section.data),
                                   numbers.get(section.link, 0), section.info, section.align, section.entry)
        out = Elf(machine=self.machine, e_type=self.e_type)
        out.base, out.size = self.base, None
        out.header.update({"e_entry": text.address, "e_shoff": end, "e_shentsize": 64, "e_shnum": len(self.sections) + 1, "e_shstrndx": len(self.sections)})
        out.segments = parts
        out.pieces = [(section.offset, section.data) for section in self.sections] + [(end, headers)]
        return out
