"""Builds small PE32+ files, byte by byte after the Microsoft PE/COFF specification. Knows nothing of abiscope's parsers."""
import struct

SECTION_ALIGNMENT, FILE_ALIGNMENT, HEADERS = 0x1000, 0x200, 0x400
CODE, RODATA, DATA = 0x60000020, 0x40000040, 0xC0000040
EXECUTABLE, LARGE_ADDRESS_AWARE, DLL = 0x0002, 0x0020, 0x2000
EXPORTS, IMPORTS, CLR = 0, 1, 14
ANY_RVA = 0x1000


def text(value):
    data = value.encode() + b"\0"
    return data + bytes(len(data) % 2)


def import_table(rva, library, functions):
    """An import directory of one DLL for the address it will lie at: (bytes, size of the descriptors)."""
    thunks = 8 * (len(functions) + 1)
    names_at = 40 + 2 * thunks
    names, offsets = b"", []
    for function in functions:
        offsets.append(rva + names_at + len(names))
        names += struct.pack("<H", 0) + text(function)
    library_at = rva + names_at + len(names)
    table = b"".join(struct.pack("<Q", offset) for offset in (*offsets, 0))
    descriptor = struct.pack("<IIIII", rva + 40, 0, 0, library_at, rva + 40 + thunks)
    return descriptor + bytes(20) + table + table + names + text(library), 40


def export_table(rva, library, functions, address):
    count = len(functions)
    names_at = 40 + 10 * count
    names, offsets = text(library), []
    for function in sorted(functions):
        offsets.append(rva + names_at + len(names))
        names += text(function)
    out = struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, rva + names_at, 1, count, count, rva + 40, rva + 40 + 4 * count, rva + 40 + 8 * count)
    out += struct.pack(f"<{count}I", *[address] * count) + struct.pack(f"<{count}I", *offsets) + struct.pack(f"<{count}H", *range(count))
    return out + names


class Pe:
    def __init__(self, machine=0x8664, dll=False, subsystem=3, version=(6, 1), dll_characteristics=0x160, code=b"\xb8\x2a\x00\x00\x00\xc3"):
        self.machine, self.subsystem, self.version, self.dll_characteristics = machine, subsystem, version, dll_characteristics
        self.characteristics = EXECUTABLE | LARGE_ADDRESS_AWARE | (DLL if dll else 0)
        self.image_base, self.entry = 0x180000000 if dll else 0x140000000, ANY_RVA
        self.directories = {}
        self.sections = []
        self.add(".text", CODE, code)

    def next_rva(self):
        return sum((len(data) + SECTION_ALIGNMENT - 1) // SECTION_ALIGNMENT * SECTION_ALIGNMENT for _, _, data in self.sections) + SECTION_ALIGNMENT

    def add(self, name, flags, data):
        self.sections.append((name, flags, data))

    def imports(self, library, functions):
        rva = self.next_rva()
        data, size = import_table(rva, library, functions)
        self.directories[IMPORTS] = (rva, size)
        self.add(".idata", DATA, data)
        return self

    def exports(self, library, functions):
        rva = self.next_rva()
        data = export_table(rva, library, functions, ANY_RVA)
        self.directories[EXPORTS] = (rva, len(data))
        self.add(".edata", RODATA, data)
        return self

    def dotnet(self, runtime="v4.0.30319"):
        """The CLR header with a metadata root and nothing behind it."""
        rva = self.next_rva()
        version = runtime.encode() + b"\0"
        version += bytes(-len(version) % 4)
        metadata = struct.pack("<IHHII", 0x424A5342, 1, 1, 0, len(version)) + version + struct.pack("<HH", 0, 0)
        header = struct.pack("<IHHIIII", 72, 2, 5, rva + 72, len(metadata), 1, 0x06000001) + bytes(48)
        self.directories[CLR] = (rva, 72)
        self.add(".clr", RODATA, header + metadata)
        return self

    def build(self):
        table, contents, offset, rva = b"", b"", HEADERS, SECTION_ALIGNMENT
        for name, flags, data in self.sections:
            raw = len(data) + -len(data) % FILE_ALIGNMENT
            table += struct.pack("<8sIIIIIIHHI", name.encode(), len(data), rva, raw, offset, 0, 0, 0, 0, flags)
            contents += data.ljust(raw, b"\0")
            offset += raw
            rva += (len(data) + SECTION_ALIGNMENT - 1) // SECTION_ALIGNMENT * SECTION_ALIGNMENT
        directories = b"".join(struct.pack("<II", *self.directories.get(i, (0, 0))) for i in range(16))
        optional = struct.pack("<HBBIIIIIQIIHHHHHHIIIIHHQQQQII", 0x20B, 2, 40, FILE_ALIGNMENT, 0, 0, self.entry, SECTION_ALIGNMENT, self.image_base,
                               SECTION_ALIGNMENT, FILE_ALIGNMENT, 4, 0, 0, 0, *self.version, 0, rva, HEADERS, 0, self.subsystem,
                               self.dll_characteristics, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
        coff = struct.pack("<HHIIIHH", self.machine, len(self.sections), 0, 0, 0, len(optional) + len(directories), self.characteristics)
        dos = b"MZ" + bytes(58) + struct.pack("<I", 0x80)
        return (dos.ljust(0x80, b"\0") + b"PE\0\0" + coff + optional + directories + table).ljust(HEADERS, b"\0") + contents
