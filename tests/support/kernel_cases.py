"""The named cases of tests/differential/kernel_exec.py: one file `x` to execute, and the files beside it. The working directory is their
folder. A program that works ends with exit code 42; a script that a shell runs itself ends with 7."""
import dataclasses
import struct

import elf_builder as elf
from elf_builder import PF_R, PF_W, PF_X, PT_GNU_STACK, PT_LOAD, segment

EXIT_7 = b"exit 7\n"


@dataclasses.dataclass
class Case:
    name: str
    contents: bytes | None          # None: a directory
    mode: int = 0o755
    files: tuple = ()               # (name, contents, mode); contents None is a directory, a str a symbolic link
    unknown: bool = False           # abiscope may answer that it cannot tell
    shells: bool = True             # the shells' words are compared too
    codes: tuple = (42, 43)         # exit codes of what runs
    script: int = 7                 # exit code of a text that a shell runs itself


def program(*segments, **options):
    made = elf.Elf(**options)
    if segments:
        made.segments = [dict(entry) for entry in segments]
    return made


def changed(made, **fields):
    """Header fields by name; p_... apply to the first segment."""
    for name, value in fields.items():
        (made.header if name.startswith("e_") else made.segments[0])[name] = value
    return made


def pie(**options):
    return elf.Elf(e_type=elf.ET_DYN, **options)


def interp(path, made=None, **options):
    return (made or elf.Elf()).interpreter(path, **options)


def loaded(name, made, **more):
    return Case(name, made.build(), files=(("loader", pie().build(), 0o755),), **more)


def by_loader(name, loader, mode=0o755, **more):
    return Case(name, interp("./loader").build(), files=(("loader", loader, mode),), **more)


def _at_the_end(missing):
    """The program header is the last thing in the file, and its last bytes may be missing."""
    made = changed(elf.Elf(), e_phoff=elf.PAGE - 56 + missing)
    made.size = None
    table = elf.Elf()
    table.header["e_phoff"] = None
    made.pieces.append((elf.PAGE - 56 + missing, table.build()[64:64 + 56 - missing]))
    return made


def header_cases():
    yield Case("static", elf.Elf().build())
    yield Case("static-pie", pie().build())
    yield Case("static-i386", elf.Elf(bits=32).build())
    yield Case("static-pie-i386", pie(bits=32).build())
    yield Case("machine-486", elf.Elf(bits=32, machine=elf.EM_486, code=elf.EXIT_CODE[elf.EM_386](42)).build())
    for name, machine in (("arm64", elf.EM_AARCH64), ("riscv", elf.EM_RISCV), ("none", 0)):
        yield Case(f"machine-{name}", elf.Elf(machine=machine).build())
    yield Case("machine-arm", elf.Elf(bits=32, machine=elf.EM_ARM).build())
    yield Case("machine-s390-big", elf.Elf(machine=22, big=True).build())
    for name, machine in (("mips", 8), ("ppc64", 21), ("sparc", 2), ("loongarch", 258), ("ia64", 50), ("68k", 4)):
        yield Case(f"machine-{name}", elf.Elf(machine=machine).build(), shells=False)
    yield Case("x32", elf.Elf(bits=32, machine=elf.EM_X86_64).build())
    yield Case("machine-386-in-64-bit-layout", elf.Elf(machine=elf.EM_386).build())
    for name, value in (("none", 0), ("rel", 1), ("core", 4), ("large", 0xFE00)):
        yield Case(f"type-{name}", changed(elf.Elf(), e_type=value).build())
    for field, value in ((4, 1), (4, 0), (5, 2), (5, 0), (6, 0), (7, 9), (7, 255), (8, 7)):
        ident = bytes(value if i == field else byte for i, byte in enumerate(elf.ident()))
        yield Case(f"ident-{field}-{value}", changed(elf.Elf(), e_ident=ident).build())
    yield Case("e-version", changed(elf.Elf(), e_version=77).build())
    yield Case("phentsize-0", changed(elf.Elf(), e_phentsize=0).build())
    yield Case("phentsize-64", changed(elf.Elf(), e_phentsize=64).build())
    yield Case("phnum-0", changed(elf.Elf(), e_phnum=0).build())
    for count in (73, 74, 1170, 1171, 0xFFFF):
        made = elf.Elf()
        made.segments += [segment(0)] * (min(count, 1200) - 1)
        made.pieces = [(0x20000, elf.EXIT_CODE[elf.EM_X86_64](42))]
        made.size = 0x21000
        yield Case(f"phnum-{count}", changed(made, e_phnum=count, e_entry=0x420000, p_filesz=0x21000, p_memsz=0x21000).build())
    yield Case("phoff-past-end", changed(elf.Elf(), e_phoff=0x100000).build())
    yield Case("phoff-partly-past-end", changed(elf.Elf(), e_phoff=elf.PAGE - 8).build())
    yield Case("phoff-negative", changed(elf.Elf(), e_phoff=1 << 63).build())
    yield Case("phoff-0", changed(elf.Elf(), e_phoff=0).build())
    yield Case("header-only", elf.Elf().build()[:64])
    yield Case("header-cut", elf.Elf().build()[:40])
    yield Case("magic-only", b"\x7fELF")
    yield Case("half-magic", b"\x7fEL", shells=False)
    made = elf.Elf(bits=32)
    made.pieces = [(96, elf.EXIT_CODE[elf.EM_386](42))]
    made.size = None
    for flags in (1, 0x05000000, 0xFFFFFFFF):
        yield Case(f"flags-field-{flags:#x}", changed(elf.Elf(), e_flags=flags).build(), shells=False)
    yield Case("section-headers-past-end", changed(elf.Elf(), e_shoff=1 << 40, e_shnum=9, e_shentsize=64, e_shstrndx=77).build(), shells=False)
    yield Case("x32-pie", elf.Elf(bits=32, machine=elf.EM_X86_64, e_type=elf.ET_DYN).build(), shells=False)
    yield Case("phdrs-overlap-header", changed(elf.Elf(), e_phoff=8).build(), unknown=True, shells=False)
    yield Case("phdrs-at-the-end", _at_the_end(0).build())
    yield Case("phdrs-one-byte-short", _at_the_end(1).build())
    yield Case("smaller-than-a-page", changed(made, e_entry=0x400060, p_filesz=108, p_memsz=108).build())


def _interp_at_the_end(missing):
    made = interp("./loader", offset=elf.PAGE - 9)
    made.size -= missing
    return made


def interpreter_cases():
    yield loaded("interp", interp("./loader"))
    yield loaded("interp-pie", interp("./loader", pie()))
    yield by_loader("interp-exec", elf.Elf(base=0x800000).build())
    yield by_loader("interp-exec-over-program", elf.Elf(exit_code=43).build())
    yield loaded("interp-relative", interp("loader"))
    yield Case("interp-link", interp("./link").build(), files=(("loader", pie().build(), 0o755), ("link", "loader", 0)))
    yield loaded("interp-twice", interp("/no/such", interp("./loader"), offset=0x780, at=1))
    yield loaded("interp-twice-bad-first", interp("./loader", interp("/no/such"), offset=0x780, at=1))
    yield loaded("interp-junk-after-nul", interp(b"./loader\0junk\0"))
    yield Case("interp-missing", interp("/no/such/loader").build())
    yield Case("interp-directory", interp("/tmp").build())
    yield Case("interp-below-a-file", interp("/etc/passwd/x").build())
    yield Case("interp-device", interp("/dev/null").build())
    yield Case("interp-empty-name", interp(b"\0\0").build())
    yield Case("interp-filesz-0", interp("./loader", filesz=0).build())
    yield Case("interp-filesz-1", interp("./loader", filesz=1).build())
    yield Case("interp-no-nul", interp(b"./loader").build())
    yield Case("interp-4096", interp(b"/" * 4095 + b"\0").build())
    yield Case("interp-4097", interp(b"/" * 4096 + b"\0").build())
    yield Case("interp-name-too-long", interp("/" + "n" * 256).build())
    yield Case("interp-past-end", interp("./loader", filesz=0xFF0).build())
    yield Case("interp-offset-past-end", changed(interp("./loader"), p_offset=0x100000).build())
    yield Case("interp-offset-negative", changed(interp("./loader"), p_offset=1 << 63).build())
    yield by_loader("interp-no-x", pie().build(), mode=0o644)
    yield by_loader("interp-root-only", pie().build(), mode=0o700)
    yield by_loader("interp-unreadable", pie().build(), mode=0o111)
    yield by_loader("interp-script", b"#!/bin/sh\nexit 42\n" + b"#" * 64)
    yield by_loader("interp-text", b"not an ELF file, but long enough to be taken for one: " + b"." * 64)
    yield by_loader("interp-tiny", b"tiny")
    yield by_loader("interp-empty", b"")
    yield by_loader("interp-63-bytes", elf.Elf().build()[:63])
    yield by_loader("interp-64-bytes", elf.Elf().build()[:64])
    yield by_loader("interp-other-machine", elf.Elf(machine=elf.EM_AARCH64).build())
    yield by_loader("interp-other-class", elf.Elf(bits=32).build())
    # Where the loader goes when its first segment has no bytes in the file: nothing is mapped that would choose a place.
    zeros, code = segment(PT_LOAD, 0, 0x1800, 0, 0x800, PF_R | PF_W), segment(PT_LOAD, 0, 0, elf.PAGE, p_flags=PF_R | PF_X)
    zeros_first = program(zeros, code, e_type=elf.ET_DYN).build()
    yield by_loader("interp-zeros-first", zeros_first)
    yield Case("interp-zeros-first-pie", interp("./loader", pie()).build(), files=(("loader", zeros_first, 0o755),))
    higher = program(dict(zeros, p_vaddr=0x801800), dict(code, p_vaddr=0x800000), e_type=elf.ET_DYN)
    higher = changed(higher, e_entry=0x800800).build()
    yield by_loader("interp-zeros-first-higher", higher)
    yield Case("interp-zeros-first-higher-pie", interp("./loader", pie()).build(), files=(("loader", higher, 0o755),))
    yield by_loader("interp-with-an-address", changed(program(dict(code, p_vaddr=0x800000), e_type=elf.ET_DYN), e_entry=0x800800).build())
    yield by_loader("interp-type-rel", changed(elf.Elf(), e_type=1).build())
    yield by_loader("interp-phentsize", changed(elf.Elf(), e_phentsize=1).build())
    yield by_loader("interp-phnum-0", changed(elf.Elf(), e_phnum=0).build())
    yield by_loader("interp-no-load", program(segment(PT_GNU_STACK)).build())
    yield by_loader("interp-entry-0", changed(elf.Elf(base=0x800000), e_entry=0).build())
    yield by_loader("interp-entry-outside", changed(pie(), e_entry=0x500000).build())
    yield by_loader("interp-not-executable", changed(pie(), p_flags=PF_R).build())
    yield by_loader("interp-cut", changed(pie(), p_filesz=0x9000, p_memsz=0x9000, e_entry=0x8000).build())
    yield by_loader("interp-has-interp", interp("/no/such", pie()).build())
    yield by_loader("interp-empty-elf-of-zeros", b"\x7fELF" + bytes(60))
    yield by_loader("interp-class-wrong-only", changed(pie(), e_ident=elf.ident(32)).build())
    yield by_loader("interp-phnum-74", changed(pie(), e_phnum=74).build(), unknown=True, shells=False)
    yield by_loader("interp-phoff-past-end", changed(pie(), e_phoff=0x100000).build())
    yield by_loader("interp-filesz-over-memsz", changed(pie(), p_memsz=0x900).build())
    yield by_loader("interp-misaligned", changed(pie(), p_offset=8).build())
    yield by_loader("interp-type-core", changed(elf.Elf(), e_type=4).build())
    yield by_loader("interp-entry-ud2", pie(code=b"\x0f\x0b").build())
    yield by_loader("interp-i386-of-64-bit", elf.Elf(bits=32, e_type=elf.ET_DYN).build())
    yield Case("interp-64-of-i386", interp("./loader", elf.Elf(bits=32)).build(), files=(("loader", pie().build(), 0o755),))
    yield Case("interp-i386", interp("./loader", elf.Elf(bits=32)).build(), files=(("loader", pie(bits=32).build(), 0o755),))
    yield Case("interp-i386-missing", interp("/lib/ld-nothing.so.2", elf.Elf(bits=32)).build())
    yield Case("interp-itself", interp("./x", pie()).build())
    yield Case("interp-dangling-link", interp("./link").build(), files=(("link", "nowhere", 0),))
    yield Case("interp-link-loop", interp("./link").build(), files=(("link", "link", 0),))
    yield Case("interp-link-to-directory", interp("./link").build(), files=(("link", "/tmp", 0),))
    yield Case("interp-trailing-slash", interp("./loader/").build(), files=(("loader", pie().build(), 0o755),))
    yield Case("interp-dots", interp(".//././../interp-dots/loader").build(), files=(("loader", pie().build(), 0o755),))
    yield Case("interp-one-nul", interp(b"\0junk\0").build())
    yield Case("interp-dot", interp(".").build())
    yield Case("interp-slash", interp("/").build())
    yield Case("interp-setuid", interp("./loader").build(), files=(("loader", pie().build(), 0o4755),))
    yield Case("interp-in-closed-folder", interp("./closed/loader").build(), files=(("closed", None, 0o700), ("closed/loader", pie().build(), 0o755)))
    yield Case("interp-newline-in-name", interp("./lo\nader").build())
    yield Case("interp-at-end-of-file", _interp_at_the_end(0).build(), files=(("loader", pie().build(), 0o755),))
    yield Case("interp-cut-at-end-of-file", _interp_at_the_end(1).build(), files=(("loader", pie().build(), 0o755),))
    yield loaded("interp-program-entry-0", changed(interp("./loader"), e_entry=0))
    yield loaded("interp-program-entry-beyond", changed(interp("./loader"), e_entry=1 << 63))


def mapping_cases():
    yield Case("no-load", program(segment(PT_GNU_STACK)).build())
    yield Case("no-load-pie", program(segment(PT_GNU_STACK), e_type=elf.ET_DYN).build())
    yield Case("entry-0", changed(elf.Elf(), e_entry=0).build())
    yield Case("entry-0-pie", changed(pie(), e_entry=0).build())
    yield Case("entry-0-pie-not-executable", changed(pie(), e_entry=0, p_flags=PF_R).build())
    yield Case("entry-outside", changed(elf.Elf(), e_entry=0x500000).build())
    yield Case("entry-outside-pie", changed(pie(), e_entry=0x500000).build())
    yield Case("entry-beyond", changed(elf.Elf(), e_entry=1 << 47).build())
    yield Case("entry-negative", changed(elf.Elf(), e_entry=(1 << 64) - 4096).build())
    yield Case("entry-in-zeros", changed(elf.Elf(), e_entry=0x400F00).build())
    yield Case("entry-ud2", elf.Elf(code=b"\x0f\x0b").build())
    yield Case("entry-hlt", elf.Elf(code=b"\xf4").build())
    for flags in range(8):
        yield Case(f"flags-{flags}", changed(elf.Elf(), p_flags=flags).build())
        yield Case(f"flags-{flags}-i386", changed(elf.Elf(bits=32), p_flags=flags).build())
        stack = segment(PT_GNU_STACK, p_flags=PF_R | PF_W)
        yield Case(f"flags-{flags}-i386-stack", program(segment(PT_LOAD, 0, 0x400000, elf.PAGE, p_flags=flags), stack, bits=32).build())
    for flags in (PF_R | PF_W, PF_R | PF_W | PF_X):
        yield Case(f"stack-{flags}-not-executable", program(segment(PT_LOAD, 0, 0x400000, elf.PAGE), segment(PT_GNU_STACK, p_flags=flags)).build())
    yield Case("offset-not-congruent", changed(elf.Elf(), p_offset=8).build())
    yield Case("vaddr-not-congruent", changed(elf.Elf(), p_vaddr=0x400010).build())
    yield Case("filesz-over-memsz", changed(elf.Elf(), p_memsz=0x900).build())
    yield Case("filesz-0", changed(elf.Elf(), p_filesz=0).build())
    # Root may map page 0, where zeros are instructions that do no harm; the code ends with the page.
    yield Case("filesz-0-pie", changed(pie(), p_filesz=0).build(), codes=(139,))
    yield Case("memsz-0", changed(elf.Elf(), p_filesz=0, p_memsz=0).build())
    yield Case("memsz-0-pie", changed(pie(), p_filesz=0, p_memsz=0).build())
    yield Case("bss", changed(elf.Elf(), p_memsz=0x5000, p_flags=7).build())
    yield Case("bss-not-writable", changed(elf.Elf(), p_memsz=0x5000, p_filesz=0x900).build())
    yield Case("bss-over-code", changed(elf.Elf(), p_memsz=0x5000, p_filesz=0x700, p_flags=7).build())
    yield Case("bss-over-code-not-writable", changed(elf.Elf(), p_memsz=0x5000, p_filesz=0x700).build())
    yield Case("vaddr-beyond", elf.Elf(base=0x7FFFFFFFF000).build())
    yield Case("vaddr-noncanonical", elf.Elf(base=1 << 47).build())
    yield Case("vaddr-kernel", elf.Elf(base=0xFFFF800000000000).build())
    yield Case("vaddr-i386-top", elf.Elf(bits=32, base=0xFFFFE000).build())
    yield Case("vaddr-i386-high", elf.Elf(bits=32, base=0xC0000000).build())
    for base in (0, 0x1000, 0x8000, 0x10000):
        yield Case(f"vaddr-{base:#x}", elf.Elf(base=base).build())
        yield Case(f"vaddr-{base:#x}-i386", elf.Elf(bits=32, base=base).build())
    yield Case("vaddr-0-entry-zeros", changed(elf.Elf(base=0), p_flags=7, e_entry=0xF00).build(), codes=(139,))
    yield Case("memsz-huge", changed(elf.Elf(), p_memsz=1 << 46).build(), unknown=True)
    yield Case("memsz-beyond", changed(elf.Elf(), p_memsz=1 << 47).build())
    yield Case("memsz-64-mib", changed(elf.Elf(), p_memsz=64 << 20).build())
    yield Case("memsz-512-mib", changed(elf.Elf(), p_memsz=512 << 20, p_flags=7).build())
    yield Case("filesz-wraps", changed(elf.Elf(), p_filesz=(1 << 64) - 1, p_memsz=(1 << 64) - 1).build())
    yield Case("offset-past-end", changed(elf.Elf(), p_offset=0x10000).build())
    yield Case("offset-past-end-bss", changed(elf.Elf(), p_offset=0x10000, p_flags=7, p_filesz=0x900, p_memsz=0x5000).build())
    yield Case("offset-negative", changed(elf.Elf(), p_offset=(1 << 64) - 4096).build())
    yield Case("offset-2-40", changed(elf.Elf(), p_offset=1 << 40).build())
    yield Case("filesz-past-end", changed(elf.Elf(), p_filesz=0x10000, p_memsz=0x10000).build())
    yield Case("filesz-past-end-entry-there", changed(elf.Elf(), p_filesz=0x10000, p_memsz=0x10000, e_entry=0x405000).build())
    for align in (0, 1, 3, 8, 0x2000, 0x200000, 1 << 30, 1 << 46, 1 << 47, 1 << 63):
        yield Case(f"align-{align:#x}", changed(elf.Elf(), p_align=align).build())
        yield Case(f"align-{align:#x}-pie", changed(pie(), p_align=align).build())
        made = interp("./loader", pie())
        made.segments[1]["p_align"] = align
        yield loaded(f"align-{align:#x}-interp", made)
    code = segment(PT_LOAD, 0, 0x400000, elf.PAGE, p_flags=PF_R | PF_X)
    data = segment(PT_LOAD, 0, 0x600000, 0x100, 0x2000, p_flags=PF_R | PF_W)
    yield Case("two-segments", program(code, data).build())
    yield Case("segments-descending", program(data, code).build())
    yield Case("segments-overlap-data-last", program(code, dict(data, p_vaddr=0x400000)).build())
    yield Case("segments-overlap-code-last", program(dict(data, p_vaddr=0x400000), code).build())
    yield Case("segments-overlap-bss", program(code, dict(data, p_vaddr=0x3FF000, p_filesz=0, p_memsz=0x2000)).build())
    code = dict(code, p_vaddr=0)
    yield Case("segments-descending-pie", program(data, code, e_type=elf.ET_DYN).build())
    yield Case("segments-far-apart-pie", program(code, dict(data, p_vaddr=1 << 40), e_type=elf.ET_DYN).build())
    yield Case("segments-too-far-apart-pie", program(code, dict(data, p_vaddr=(1 << 47) - 0x5000), e_type=elf.ET_DYN).build(), unknown=True)
    yield Case("tls-only", program(code, segment(elf.PT_TLS, 0, 0, 0x10000000), e_type=elf.ET_DYN).build())
    yield Case("property-broken", program(code, segment(elf.PT_GNU_PROPERTY, 0x900, 0, 4), e_type=elf.ET_DYN).build())
    yield Case("property-too-large", program(code, segment(elf.PT_GNU_PROPERTY, 0, 0, 0x10000), e_type=elf.ET_DYN).build())
    yield Case("property-past-end", program(code, segment(elf.PT_GNU_PROPERTY, 0x100000, 0, 64), e_type=elf.ET_DYN).build())
    note = struct.pack("<III4sIII4x", 4, 16, 5, b"GNU\0", 0xC0000002, 4, 3)   # NT_GNU_PROPERTY_TYPE_0: x86 feature 1, IBT and SHSTK
    yield Case("property-cet", program(code, segment(elf.PT_GNU_PROPERTY, 0x900, 0, len(note), p_align=8), e_type=elf.ET_DYN).add(0x900, note).build())
    for kind in (elf.PT_DYNAMIC, elf.PT_NOTE, elf.PT_SHLIB, elf.PT_PHDR, elf.PT_TLS, elf.PT_GNU_EH_FRAME, elf.PT_GNU_RELRO, 0x70000000, 0x7FFFFFFF, 0xFFFFFFFF):
        yield Case(f"other-type-{kind:#x}", program(code, segment(kind, 1 << 40, 1 << 63, 1 << 50, 5), e_type=elf.ET_DYN).build(), shells=False)
    twice = [segment(PT_GNU_STACK, p_flags=PF_R | PF_W), segment(PT_GNU_STACK, p_flags=PF_R | PF_W | PF_X)]
    yield Case("stack-twice-last-executable", program(dict(code, p_flags=PF_R), *twice, e_type=elf.ET_DYN).build())
    yield Case("stack-twice-last-not", program(dict(code, p_flags=PF_R), *reversed(twice), e_type=elf.ET_DYN).build())
    for size in (0x7FF, 0x801, 0x80C, 0xFFF):
        made = elf.Elf()
        made.size = size
        yield Case(f"cut-to-{size:#x}", made.build(), codes=(42,) if size >= 0x80C else (139,))


def script_cases():
    run = (("run", elf.Elf().build(), 0o755),)
    for name, line in (("plain", b"#!./run\n"), ("space", b"#! \t ./run\n"), ("argument", b"#!./run -a -b c\n"), ("trailing", b"#!./run  \t \n"),
                       ("no-newline", b"#!./run"), ("no-newline-argument", b"#!./run x"), ("cr", b"#!./run\r\n"), ("nul", b"#!./run\0x\n"),
                       ("nul-argument", b"#!./run \0x\n"), ("two-spaces-argument", b"#!./run  a\n"), ("relative", b"#!run\n")):
        yield Case(f"script-{name}", line, files=run)
    for name, line in (("tab-before-name", b"#!\t./run\n"), ("tab-after-name", b"#!./run\ta b\n"), ("argument-cr", b"#!./run -\r\n"), ("many-blanks", b"#!   ./run   a   \n"),
                       ("nul-in-argument", b"#!./run a\0b\n"), ("non-ascii-argument", "#!./run \u00e9\n".encode()), ("dots", b"#!./././run\n"),
                       ("second-line-long", b"#!./run\n" + b"x" * 9000), ("binary-after", b"#!./run\n" + bytes(range(256)))):
        yield Case(f"script-{name}", line, files=run)
    yield Case("script-nul-first", b"#!\0./run\n", files=run)
    yield Case("script-nul-after-blank", b"#! \0./run\n", files=run)
    yield Case("script-three-bytes", b"#!\n", script=0)
    yield Case("script-blank-no-newline", b"#! ", shells=False)
    yield Case("script-slash-no-newline", b"#!/")
    yield Case("script-form-feed", b"#!\f./run\n", files=run)
    yield Case("script-vertical-tab", b"#!./run\v\n", files=run)
    yield Case("script-byte-order-mark", b"\xef\xbb\xbf#!./run\n" + EXIT_7, files=run, shells=False)
    yield Case("script-newline-first", b"\n#!./run\n" + EXIT_7, files=run)
    yield Case("script-space-first", b" #!./run\n" + EXIT_7, files=run, shells=False)
    yield Case("script-only-hash", b"#" + EXIT_7, shells=False)
    yield Case("script-sh", b"#!/bin/sh\nexit 42\n")
    yield Case("script-sh-argument", b"#!/bin/sh -e\nexit 42\n")
    yield Case("script-sh-two-arguments-as-one", b"#!/bin/sh -e -u\nexit 42\n", codes=(2, 42))
    yield Case("script-env", b"#!/usr/bin/env sh\nexit 42\n")
    yield Case("script-env-missing", b"#!/usr/bin/env no-such-command\n", codes=(127,))
    yield Case("script-env-cr", b"#!/usr/bin/env sh\r\nexit 42\n", codes=(127,))
    yield Case("script-bare-name", b"#!sh\nexit 42\n", shells=False)
    yield Case("script-bare-name-missing", b"#!no-such-command\n")
    yield Case("script-escape-in-name", b"#!/no/\033such\n")
    yield Case("script-utf-8-in-name", "#!/no/such\u00e9\n".encode())
    yield Case("script-no-utf-8-in-name", b"#!/no/such\xff\xc3\n")
    yield Case("script-tab-missing", b"#!\t/no/such\t-x\n")
    yield Case("script-name-of-255", b"#!" + b"./" + b"n" * 255, script=0)
    yield Case("script-name-too-long", b"#!/" + b"n" * 220 + b"/" + b"n" * 20 + b"\n", shells=False)
    yield Case("script-missing-long", b"#!/" + b"n" * 150 + b"\n")
    yield Case("script-missing-argument-long", b"#!/no/such " + b"n" * 150 + b"\n")
    yield Case("script-missing-at-128", b"#!/" + b"n" * 124 + b"\n")
    yield Case("script-missing-at-127", b"#!/" + b"n" * 123 + b"\n")
    yield Case("script-to-root-only", b"#!./run\n", files=(("run", elf.Elf().build(), 0o700),))
    yield Case("script-to-no-x", b"#!./run\n", files=(("run", elf.Elf().build(), 0o644),))
    yield Case("script-to-empty", b"#!./run\n" + EXIT_7, files=(("run", b"", 0o755),))
    yield Case("script-to-pe", b"#!./run\n" + EXIT_7, files=(("run", b"MZ\x90\0" + bytes(99), 0o755),))
    yield Case("script-to-i386", b"#!./run\n", files=(("run", elf.Elf(bits=32).build(), 0o755),))
    yield Case("script-to-cut", b"#!./run\n", files=(("run", elf.Elf().build()[:64], 0o755),), shells=False)
    yield Case("script-to-bad-interp", b"#!./run\n", files=(("run", interp("./loader").build(), 0o755), ("loader", b"tiny", 0o755)))
    yield Case("script-to-script-missing", b"#!./s\n", files=(("s", b"#!/no/such\n", 0o755),))
    yield Case("script-to-unreadable-script", b"#!./s\n", files=(("s", b"#!./run\n", 0o711), *run))
    yield Case("script-dangling-link", b"#!./link\n", files=(("link", "nowhere", 0),))
    yield Case("script-link-loop", b"#!./link\n", files=(("link", "link", 0),))
    yield Case("script-two-in-a-circle", b"#!./s\n", files=(("s", b"#!./x\n", 0o755),), shells=False)
    yield Case("script-in-closed-folder", b"#!./closed/run\n", files=(("closed", None, 0o700), ("closed/run", elf.Elf().build(), 0o755)))
    yield Case("script-nothing-nul-second-line", b"#!\n#\0\n" + EXIT_7)
    yield Case("script-nothing-nul-third-line", b"#!\n#\n#\0\n" + EXIT_7)
    yield Case("script-link", b"#!./link\n", files=(*run, ("link", "run", 0)))
    yield Case("script-missing", b"#!/no/such\n")
    yield Case("script-missing-argument", b"#!/no/such -x\n")
    yield Case("script-missing-no-newline", b"#!/no/such")
    yield Case("script-sh-cr", b"#!/bin/sh\r\nexit 7\n")
    yield Case("script-directory", b"#!/tmp\n")
    yield Case("script-not-executable", b"#!/etc/passwd\n")
    yield Case("script-below-a-file", b"#!/etc/passwd/x\n")
    yield Case("script-nothing", b"#!\n" + EXIT_7)
    yield Case("script-blanks", b"#! \t\n" + EXIT_7)
    yield Case("script-two-bytes", b"#!", shells=False)
    yield Case("script-only-blanks", b"#!" + b" " * 300, shells=False)
    yield Case("script-to-other-machine", b"#!./run\n" + EXIT_7, files=(("run", elf.Elf(machine=elf.EM_AARCH64).build(), 0o755),))
    yield Case("script-to-missing-interp", b"#!./run\n", files=(("run", interp("/no/such").build(), 0o755),), shells=False)
    yield Case("script-to-text", b"#!./run\n" + EXIT_7, files=(("run", EXIT_7, 0o755),))
    yield Case("script-to-crash", b"#!./run\n", files=(("run", changed(elf.Elf(), e_entry=0).build(), 0o755),))
    yield Case("script-itself", b"#!./x\n", shells=False)
    for length in range(252, 260):
        name = b"./" + b"/" * (length - 7) + b"run"   # the line is 2 + its length
        yield Case(f"script-line-of-{length}", b"#!" + name + b"\n" + EXIT_7, files=run)
        yield Case(f"script-argument-to-{length}", b"#!./run " + b"a" * (length - 8) + b"\n", files=run)
    for depth in range(3, 8):
        chain = [(f"s{i}", f"#!./s{i + 1}\n".encode(), 0o755) for i in range(1, depth)]
        yield Case(f"script-depth-{depth}", b"#!./s1\n", files=(*chain, (f"s{depth}", elf.Elf().build(), 0o755)), shells=depth < 5)


def other_cases():
    yield Case("empty", b"")
    yield Case("text", EXIT_7)
    yield Case("text-nul-first-line", b"ex\0it 7\n")
    yield Case("text-nul-second-line", b"exit 7\n\0\0")
    yield Case("text-nul-at-127", b"#" * 127 + b"\0\n" + EXIT_7)
    yield Case("text-nul-at-128", b"#" * 128 + b"\0\n" + EXIT_7)
    yield Case("text-upper-case", b"#\n\0\n" + EXIT_7)
    yield Case("pe", b"MZ\x90\0" + bytes(200))
    yield Case("pe-without-nul", b"MZ" + EXIT_7, shells=False)
    yield Case("mach-o", b"\xcf\xfa\xed\xfe\x07\0\0\1" + bytes(200))
    yield Case("java-class", b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(200))
    yield Case("archive", b"!<arch>\n" + b"x" * 60 + b"\n", shells=False)
    yield Case("elf-magic-and-text", b"\x7fELF\n" + EXIT_7, shells=False)
    yield Case("utf-16", "\ufeff#!./run\n".encode("utf-16-le"))
    yield Case("zeros", bytes(4096))
    yield Case("one-byte", b"\n", script=0)
    yield Case("directory", None)
    yield Case("link-to-program", "real", files=(("real", elf.Elf().build(), 0o755),))
    yield Case("link-to-no-x", "real", files=(("real", elf.Elf().build(), 0o644),))
    yield Case("link-to-directory", "real", files=(("real", None, 0o755),))
    yield Case("program-in-closed-folder", "closed/real", files=(("closed", None, 0o700), ("closed/real", elf.Elf().build(), 0o755)), shells=False)
    yield Case("mode-644", EXIT_7, mode=0o644)
    yield Case("mode-111-interp-missing", interp("/no/such").build(), mode=0o111)
    yield Case("mode-111-script", b"#!./run\n", mode=0o111, files=(("run", elf.Elf().build(), 0o755),))
    yield Case("mode-111-script-missing", b"#!/no/such\n", mode=0o111)
    yield Case("mode-111-text", EXIT_7, mode=0o111)
    yield Case("mode-111-empty", b"", mode=0o111)
    for mode in (0o010, 0o501, 0o2755, 0o1755, 0o444, 0o666):
        yield Case(f"mode-{mode:o}", elf.Elf().build(), mode=mode)
    for mode in (0, 0o100, 0o001, 0o011, 0o111, 0o4755):
        yield Case(f"mode-{mode:o}", elf.Elf().build(), mode=mode)
    yield Case("mode-111-other-machine", elf.Elf(machine=elf.EM_AARCH64).build(), mode=0o111)


def named_cases():
    for family in (header_cases, interpreter_cases, mapping_cases, script_cases, other_cases):
        yield from family()
