"""Working ELF programs with a few header fields changed at random: (program, loader) pairs. The program asks for the loader as `./l#####`,
which the caller replaces by the loader's real name of the same length."""
import elf_builder as elf
from elf_builder import PF_R, PF_W, PF_X, PT_GNU_STACK, PT_LOAD, segment

LOADER = "./l#####"
_NUMBERS = [0, 1, 2, 3, 4, 5, 7, 8, 0x10, 0x3F, 0x40, 0x7F, 0x80, 0x800, 0xFFF, 0x1000, 0x1001, 0x1800, 0x2000, 0x3000, 0x10000, 0x200000, 0x400000,
            0x400800, 0x401000, 0x500000, 1 << 30, (1 << 31) - 1, 1 << 31, (1 << 32) - 4096, (1 << 32) - 1, 1 << 32, 1 << 40, 1 << 43, 1 << 46,
            (1 << 47) - 8192, (1 << 47) - 4096, 1 << 47, 1 << 48, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 4096, (1 << 64) - 1]
# Contents of PT_INTERP.
_NAMES = [LOADER.encode() + b"\0", LOADER.encode(), LOADER.encode() + b"\0\0", LOADER.encode() + b"\0junk\0", LOADER.encode() + b"/\0", b"\0", b"\0\0",
          b"", b"/\0", b".\0", b"./\0", b"/no/such\0", b"/etc/passwd\0", b"/etc/passwd/x\0", b"/dev/null\0", b"/tmp\0", b"./" + b"/" * 80 + b"l#####\0",
          b"." + b"/." * 90 + b"/l#####\0", b"n" * 300 + b"\0", b"/" * 4090 + b"\0", b"/" * 5000 + b"\0"]
_HEADER = ["e_type", "e_machine", "e_entry", "e_entry", "e_phoff", "e_phentsize", "e_phnum", "e_flags", "e_shoff"]
_SEGMENT = ["p_type", "p_flags", "p_flags", "p_offset", "p_vaddr", "p_vaddr", "p_filesz", "p_filesz", "p_memsz", "p_memsz", "p_align"]


def _program(random, bits, exit_code):
    """No-operations everywhere, so that an entry that moves a little still ends well."""
    machine = elf.EM_X86_64 if bits == 64 else elf.EM_386
    pages = random.choice([1, 1, 2, 3])
    code = elf.EXIT_CODE[machine](exit_code)
    program = elf.Elf(bits=bits, e_type=random.choice([elf.ET_EXEC, elf.ET_DYN]), code=b"\x90" * (pages * elf.PAGE - 0x800 - len(code)) + code,
                      base=random.choice([0x400000, 0x400000, 0x10000, 0x8048000]))
    program.size = pages * elf.PAGE
    program.segments[0].update(p_filesz=program.size, p_memsz=program.size)
    if random.random() < 0.5:
        size = random.choice([0, 0x10, 0x200, 0x1000])
        data = segment(PT_LOAD, 0x800 if size else 0, program.base + program.size + 0x800, size, random.choice([size, size + 0x800, 0x3000]), PF_R | PF_W)
        program.segments.insert(random.choice([0, 1, 1, 1]), data)
    if random.random() < 0.5:
        program.segments.append(segment(PT_GNU_STACK, p_flags=random.choice([PF_R | PF_W, PF_R | PF_W | PF_X]), p_align=16))
    return program


def _number(random, old):
    kind = random.random()
    if kind < 0.45:
        return random.choice(_NUMBERS)
    if kind < 0.8:
        return ((old or 0) + random.choice([-4096, -2048, -256, -16, -8, -1, 1, 8, 16, 256, 2048, 4096, 8192])) % (1 << 64)
    if kind < 0.9:
        return (old or 0) ^ (1 << random.randrange(64))
    return random.getrandbits(random.choice([8, 16, 24, 32, 48, 64]))


def _add(random, program):
    """One more program header, of a kind the kernel looks at or should not look at, or many that mean nothing."""
    kind = random.randrange(5)
    if kind == 0:
        program.segments += [segment(0)] * random.choice([1, 10, 72, 73, 200, 1100, 1170])
    elif kind == 1:
        where = random.choice([0, 0x900, program.size - 4, program.size, 1 << 40])
        program.segments.append(segment(elf.PT_GNU_PROPERTY, where, 0, random.choice([0, 4, 16, 32, 1024, 1025, 0x10000]), p_align=random.choice([4, 8])))
    elif kind == 2:
        program.segments.append(segment(PT_GNU_STACK, p_flags=random.randrange(8)))
    elif kind == 3:
        program.segments.append(segment(random.choice([elf.PT_TLS, elf.PT_NOTE, elf.PT_PHDR, elf.PT_DYNAMIC, elf.PT_SHLIB, 0x6FFFFFFF]), 1 << 40, 1 << 62, 1 << 50))
    else:
        at = random.choice([0x10000, 0x300000, 0x500000, 0x7000000])
        program.segments.append(segment(PT_LOAD, 0, program.base + at, random.choice([0, 1, 0x800, 0x1000]), 0x1000, random.randrange(8)))


def _change(random, program):
    kind = random.random()
    if kind < 0.1:
        _add(random, program)
    elif kind < 0.35:
        name = random.choice(_HEADER)
        program.header[name] = _number(random, program.header[name])
    elif kind < 0.85:
        entry = random.choice(program.segments)
        name = random.choice(_SEGMENT)
        entry[name] = random.randrange(8) if name == "p_flags" else _number(random, entry[name])
    elif kind < 0.9:
        random.shuffle(program.segments)
    elif kind < 0.95:
        program.segments.append(dict(random.choice(program.segments)))
    else:
        program.size = random.randrange(program.size + 1)


def _odd_loader(random, loader):
    """What else a program may name as its loader."""
    kind = random.randrange(8)
    whole = loader.build()
    if kind < 3:
        return whole[:random.choice([0, 1, 4, 16, 51, 52, 63, 64, 100, 0x7FF, 0x900])]
    if kind == 3:
        return b"#!" + LOADER.encode() + b"\n" + bytes(random.choice([0, 40, 100]))
    if kind == 4:
        return random.randbytes(random.choice([10, 51, 52, 63, 64, 4096]))
    if kind == 5:
        return b"MZ" + bytes(random.choice([10, 200]))
    if kind == 6:
        loader.header["e_machine"] = random.choice([0, 3, 6, 22, 40, 62, 183, 243])
    else:
        loader.header["e_ident"] = random.randbytes(4) + elf.ident()[4:] if random.random() < 0.5 else elf.ident()[:4] + random.randbytes(12)
    return loader.build()


def mutants(random, count):
    for _ in range(count):
        bits = random.choice([64, 64, 64, 32])
        loader_bits = bits if random.random() < 0.95 else 96 - bits
        program, loader = _program(random, bits, 42), _program(random, loader_bits, 43)
        if random.random() < 0.03:
            program.header["e_machine"] = elf.EM_X86_64 if bits == 32 else elf.EM_386   # x32; i386 in the wrong layout
        if random.random() < 0.5:
            program.interpreter(random.choice(_NAMES) if random.random() < 0.2 else LOADER)
            if random.random() < 0.1:
                yield program.build(), _odd_loader(random, loader)
                continue
        victim = loader if len(program.segments) and program.segments[0]["p_type"] == elf.PT_INTERP and random.random() < 0.4 else program
        for _ in range(random.choice([0, 1, 1, 1, 2, 2, 3])):
            _change(random, victim)
        yield program.build(), loader.build()
