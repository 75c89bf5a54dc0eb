"""Random scripts: a folder's worth of files to name in a #! line, and lines that name them in every shape."""
import elf_builder as elf

RUN = elf.Elf().build()
FILES = (("run", RUN, 0o755), ("run with blank", RUN, 0o755), ("i386", elf.Elf(bits=32).build(), 0o755), ("arm64", elf.Elf(machine=elf.EM_AARCH64).build(), 0o755),
         ("crash", elf.Elf(code=b"\x0f\x0b").build(), 0o755), ("no-x", RUN, 0o644), ("owner", RUN, 0o700), ("text", b"exit 7\n", 0o755), ("empty", b"", 0o755),
         ("unreadable", b"#!./run\n", 0o711), ("folder", None, 0o755), ("link", "run", 0), ("dangling", "nowhere", 0), ("loop", "loop", 0))
_NAMES = [name for name, _, _ in FILES]


def _name(random, earlier):
    kind = random.random()
    if kind < 0.35:
        return "./" + random.choice(_NAMES)
    if kind < 0.55 and earlier:
        return "./" + random.choice(earlier[-8:])
    if kind < 0.65:
        return random.choice(_NAMES)
    if kind < 0.8:
        return random.choice(["/no/such", "/etc/passwd", "/etc/passwd/x", "/", ".", "", "/tmp", "/dev/null", "no-such-command", "/no/such" + "n" * 247])
    return "." + "/" * random.choice([1, 2, 60, 110, 118, 119, 120, 121, 122, 200, 240, 245, 246, 247, 248, 249, 250, 251, 252, 253, 300]) + "run"


def _blanks(random):
    return random.choice([b"", b"", b"", b" ", b"\t", b"  \t", b" " * 20, b" " * 250])


def _line(random, earlier):
    line = b"#!" + _blanks(random) + _name(random, earlier).encode()
    if random.random() < 0.4:
        line += random.choice([b" ", b"\t", b"  ", b"\0"]) + random.choice([b"-a", b"a b", b"a" * 100, b"a" * 239, b"a" * 300, b"\0", b"-\r", b"\xc3\xa9", b"a\0b"])
    line += random.choice([b"", b"", b"", b" ", b"\t ", b"\r", b"\0", b" " * 130])
    return line + random.choice([b"\n", b"\n", b"\n", b"\n", b"", b"\r\n"])


def scripts(random, count):
    """(name, contents, mode), to be put into one folder with FILES; some name an earlier one."""
    earlier = []
    for number in range(count):
        name = f"s{number:05}"
        contents = _line(random, earlier)
        if contents.endswith(b"\n"):
            contents += random.choice([b"", b"exit 7\n", b"exit 7\n", b"exit 7\n" + bytes(20), bytes(3)])
        earlier.append(name)
        yield name, contents, random.choice([0o755] * 9 + [0o711])
