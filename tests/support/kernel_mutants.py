"""Working ELF programs with a few header fields changed at random: (program, loader) pairs. The program asks for the loader as `./l#####`,
which the caller replaces by the loader's real name of the same length."""
import elf_builder as elf
from elf_builder import PF_R, PF_W, PF_X, PT_GNU_STACK, PT_LOAD, segment

LOADER = "./l#####"
_NUMBERS = [0, 1, 2, 3, 4, 5, 7, 8, 0x10, 0x3F, 0x40, 0x7F, 0x80, 0x800, 0xFFF, 0x1000, 0x1001, 0x1800, 0x2000, 0x3000, 0x10000, 0x200000, 0x400000,
            0x400800, 0x401000, 0x500000, 1 << 30, (1 << 31) - 1, 1 << 31, (1 << 32) - 4096, (1 << 32) - 1, 1 << 32, 1 << 40, 1 << 43, 1 << 46,
            (1 << 47) - 8192, (1 << 47) - 4096, 1 << 47, 1 << 48, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 4096, (1 << 64) - 1]
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


def _change(random, program):
    kind = random.random()
    if kind < 0.3:
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


def mutants(random, count):
    for _ in range(count):
        bits = random.choice([64, 64, 64, 32])
        program, loader = _program(random, bits, 42), _program(random, bits, 43)
        if random.random() < 0.5:
            program.interpreter(LOADER)
        victim = loader if len(program.segments) and program.segments[0]["p_type"] == elf.PT_INTERP and random.random() < 0.4 else program
        for _ in range(random.choice([0, 1, 1, 1, 2, 2, 3])):
            _change(random, victim)
        yield program.build(), loader.build()
