"""Relocation tables, and everything about them that is not a symbol."""
import struct

import named_cases
from elf_patch import Patch

CASES, case = named_cases.registry()
PT_DYNAMIC, PT_PHDR = 2, 6
DT_RELA, DT_RELASZ, DT_JMPREL, DT_PLTRELSZ, DT_RELACOUNT = 7, 8, 23, 2, 0x6FFFFFF9
CODE = "int x_f(void) { return 1; }"


def pointer_library(b, name="/a/libx.so"):
    """A library with a relative and a symbolic relocation."""
    return b.lib(name, "int x_d = 7; static int x_s = 8; int *x_p = &x_d; int *x_q = &x_s;")


def with_type(name, number, code, which=-1, unknown="", **versions):
    def made(b):
        x = pointer_library(b)
        patch = Patch(x)
        record = patch.relocations(DT_RELA, DT_RELASZ)[which]
        patch.put(record + 8, 4, number)
        patch.save()
        b.prog(needed=[x], runpath="/a")
        b.expect(code, **versions)
        if unknown:
            b.cannot_tell(unknown)
    CASES[name] = made


with_type("relocation_type_unknown", 200, 127)
with_type("relocation_type_beyond_a_byte", 0x12345, 127)
with_type("relocation_type_pc64", 24, 127)
with_type("relocation_type_none", 0, 0)
with_type("relocation_type_got64", 27, 127)
with_type("relocation_type_size64", 33, 0)
with_type("relocation_type_32", 10, None, unknown="32 bits")
with_type("relocation_type_pc32", 2, None)
with_type("relative_count_too_large", 1, 127, which=0)


@case
def relocation_type_unknown_in_the_program(b):
    prog = b.prog("int d; int *p = &d; extern int e __attribute__((weak)); int *q = &e;", "")
    patch = Patch(prog)
    record = patch.relocations(DT_RELA, DT_RELASZ)[-1]
    patch.put(record + 8, 4, 200)
    patch.save()
    b.expect(127)


@case
def plt_relocation_type_unknown_bound_now(b):
    x = b.lib("/a/libx.so", CODE)
    prog = b.prog("int x_f(void);", "x_f()", needed=[x], runpath="/a", flags=["-z", "now"])
    patch = Patch(prog)
    patch.put(patch.relocations(DT_JMPREL, DT_PLTRELSZ)[0] + 8, 4, 200)
    patch.save()
    b.expect(127)


@case
def plt_relocation_type_unknown_bound_lazily(b):
    x = b.lib("/a/libx.so", CODE)
    prog = b.prog("int x_f(void);", "x_f()", needed=[x], runpath="/a", flags=["-z", "lazy"])
    patch = Patch(prog)
    patch.put(patch.relocations(DT_JMPREL, DT_PLTRELSZ)[0] + 8, 4, 200)
    patch.save()
    b.expect(127)


@case
def relocation_of_a_place_outside(b):
    x = pointer_library(b)
    patch = Patch(x)
    patch.put(patch.relocations(DT_RELA, DT_RELASZ)[-1], 8, 1 << 40)
    patch.save()
    b.prog(needed=[x], runpath="/a")
    b.expect(139)


@case
def relocation_of_read_only_memory(b):
    x = pointer_library(b)
    patch = Patch(x)
    patch.put(patch.relocations(DT_RELA, DT_RELASZ)[-1], 8, 0x40)
    patch.save()
    b.prog(needed=[x], runpath="/a")
    b.expect(139)


TEXT_RELOCATION = "__asm__(\".text\\n.globl place\\nplace: .quad x_d\\n .quad place\\n\"); int x_d = 4; extern long place[]; int x_f(void) { return *(int *)place[0]; }"


@case
def text_relocation_in_a_library(b):
    x = b.lib("/a/libx.so", TEXT_RELOCATION, flags=["-z", "notext"])
    b.prog("int x_f(void);", "if (x_f() != 4) leave(3)", needed=[x], runpath="/a")


@case
def text_relocation_without_its_tag(b):
    x = b.lib("/a/libx.so", TEXT_RELOCATION, flags=["-z", "notext"])
    patch = Patch(x)
    patch.drop(22)
    for offset, tag, _ in patch.dynamic():
        if tag == 30:
            patch.put(offset + 8, 8, 0)
    patch.save()
    b.prog(needed=[x], runpath="/a")
    b.expect(139)


@case
def text_relocation_in_the_program(b):
    b.prog(TEXT_RELOCATION, "if (x_f() != 4) leave(3)", flags=["-z", "notext"])


@case
def relro_is_protected_after_relocation(b):
    x = b.lib("/a/libx.so", "int x_d; int *const x_p = &x_d;", flags=["-z", "relro", "-z", "now"])
    b.prog(needed=[x], runpath="/a")


RELR = "static int d[64]; int *p[16] = { d, d + 1, d + 2, d + 3, d + 4, d + 5, d + 6, d + 7, d + 8, d + 9, d + 10, d + 11, d + 12, d + 13, d + 14, d + 15 };"


@case
def relr_without_the_c_library(b):
    """Nobody asks for GLIBC_ABI_DT_RELR where the C library is not needed."""
    x = b.lib("/a/libx.so", RELR + "int x_f(void) { return p[3] - d; }", flags=["-z", "pack-relative-relocs"])
    b.prog("int x_f(void);", "if (x_f() != 3) leave(3)", needed=[x], runpath="/a")
    b.expect(0, v2_31=None)
    b.cannot_tell("DT_RELR", "2.31")


GETPID = ("libc.so.6", "int getpid(void) { return 1; }", "GLIBC_2.2.5 { getpid; };")
WITH_RELR_VERSION = ("libc.so.6", "int getpid(void) { return 1; }", "GLIBC_2.2.5 { getpid; }; GLIBC_ABI_DT_RELR { } GLIBC_2.2.5;")


@case
def relr_with_its_version(b):
    b.libc = True
    x = b.lib("/a/libx.so", RELR + "int getpid(void); int x_f(void) { getpid(); return p[3] - d; }", needed=[WITH_RELR_VERSION], flags=["-z", "pack-relative-relocs"])
    b.prog("int x_f(void);", "if (x_f() != 3) leave(3)", needed=[x], runpath="/a")
    b.expect(0, v2_31=1)


@case
def relr_without_its_version(b):
    b.libc = True
    x = b.lib("/a/libx.so", RELR + "int getpid(void); int x_f(void) { getpid(); return p[3] - d; }", needed=[GETPID], flags=["-z", "pack-relative-relocs"])
    # GNU ld asks for the version by itself: its name is made another one that is there.
    data = x.read_bytes()
    if b"GLIBC_ABI_DT_RELR\0" in data:
        patch = Patch(x)
        start = patch.offset_of(patch.tag(0x6FFFFFFE)[1])
        first = start + patch.number(start + 8, 4)
        entries = []
        while True:
            entries.append(first)
            step = patch.number(first + 12, 4)
            if not step:
                break
            first += step
        names = patch.offset_of(patch.tag(5)[1])
        text = lambda entry: bytes(patch.data[names + patch.number(entry + 8, 4):]).split(b"\0")[0]
        wanted = next(entry for entry in entries if text(entry) == b"GLIBC_2.2.5")
        for entry in entries:
            if text(entry) == b"GLIBC_ABI_DT_RELR":
                patch.put(entry, 4, patch.number(wanted, 4))
                patch.put(entry + 8, 4, patch.number(wanted + 8, 4))
        patch.save()
    b.prog("int x_f(void);", "if (x_f() != 3) leave(3)", needed=[x], runpath="/a")
    b.expect(127, v2_31=None)
    b.cannot_tell("DT_RELR", "2.31")


@case
def relr_in_the_program(b):
    b.prog(RELR, "if (p[3] - d != 3) leave(3)", flags=["-z", "pack-relative-relocs"])
    b.expect(0, v2_31=None)
    b.cannot_tell("DT_RELR", "2.31")


@case
def rela_table_runs_past_the_file(b):
    x = pointer_library(b)
    patch = Patch(x)
    offset, value = patch.tag(DT_RELASZ)
    patch.put(offset + 8, 8, 24 * 100000)
    patch.save()
    b.prog(needed=[x], runpath="/a")
    b.expect(None)
    b.cannot_tell("relocation")


@case
def relaent_of_another_size(b):
    x = pointer_library(b)
    patch = Patch(x)
    offset, _ = patch.tag(9)
    patch.put(offset + 8, 8, 32)
    patch.save()
    b.prog(needed=[x], runpath="/a")
    b.expect(127)


@case
def syment_of_another_size_does_not_count(b):
    x = pointer_library(b)
    patch = Patch(x)
    offset, _ = patch.tag(11)
    patch.put(offset + 8, 8, 32)
    patch.save()
    b.prog(needed=[x], runpath="/a")


@case
def pltrel_of_the_other_kind(b):
    x = b.lib("/a/libx.so", "int gone(void) __attribute__((weak)); int x_f(void) { return gone(); }")
    patch = Patch(x)
    offset, _ = patch.tag(20)
    patch.put(offset + 8, 8, 17)
    patch.save()
    b.prog(needed=[x], runpath="/a")
    b.expect(127)


@case
def symtab_missing(b):
    x = pointer_library(b)
    patch = Patch(x)
    patch.drop(6)
    patch.save()
    b.prog(needed=["libx.so"], runpath="/a")
    b.expect(None)
    b.cannot_tell("DT_SYMTAB")


@case
def strtab_missing(b):
    x = pointer_library(b)
    patch = Patch(x)
    patch.drop(5)
    patch.save()
    b.prog(needed=["libx.so"], runpath="/a")
    b.expect(None)
    b.cannot_tell("DT_STRTAB")

@case
def relrent_of_another_size(b):
    x = b.lib("/a/libx.so", RELR, flags=["-z", "pack-relative-relocs"])
    patch = Patch(x)
    offset, _ = patch.tag(37)
    patch.put(offset + 8, 8, 16)
    patch.save()
    b.prog(needed=["libx.so"], runpath="/a")
    b.expect(127, v2_31=None)
    b.cannot_tell("DT_RELR", "2.31")



@case
def constructor_runs(b):
    x = b.lib("/a/libx.so", "int x_d; __attribute__((constructor)) void init(void) { x_d = 9; }")
    b.prog("extern int x_d;", "if (x_d != 9) leave(3)", needed=[x], runpath="/a")


# --- instruction-set levels a file declares -------------------------------------------------------------------------------------------------

def declares(name, level, where, code, **versions):
    def made(b):
        flags = ["-z", level]
        x = b.lib("/a/libx.so", CODE, flags=flags if where == "library" else [])
        b.prog("int x_f(void);", "x_f()", needed=[x], runpath="/a", flags=flags if where == "program" else [])
        b.expect(code, **versions)
    CASES[name] = made


for level in ("baseline", "v2", "v3", "v4"):
    for where in ("program", "library"):
        declares(f"isa_{level}_declared_by_the_{where}", f"x86-64-{level}", where, None)

ISA = """__asm__(".pushsection .note.gnu.property,\\"a\\",@note\\n .p2align 3\\n .long 4,16,5\\n .asciz \\"GNU\\"\\n .long 0xc0008002,4,{},0\\n .popsection");"""


@case
def isa_of_the_future(b):
    b.prog(needed=[b.lib("/a/libx.so", ISA.format(0x100))], runpath="/a")
    b.expect(127, v2_31=0)


@case
def isa_of_the_future_in_a_preload(b):
    b.lib("/a/libx.so", ISA.format(0x100))
    b.prog()
    b.environment["LD_PRELOAD"] = "/a/libx.so"
    b.expect(None)


@case
def isa_of_the_future_in_hwcaps_directory(b):
    b.lib("/a/glibc-hwcaps/x86-64-v2/libx.so", ISA.format(0x100))
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/a")
    b.expect(127, v2_31=0)


@case
def program_without_its_own_program_header(b):
    patch = Patch(b.prog("int d; int *p = &d;", ""))
    patch.put(patch.segment(PT_PHDR), 4, 0)
    patch.save()
    b.expect(139)


@case
def program_header_behind_the_dynamic_section(b):
    patch = Patch(b.prog("int d; int *p = &d;", ""))
    headers, dynamic = patch.segment(PT_PHDR), patch.segment(PT_DYNAMIC)
    mine, other = patch.data[headers:headers + 56], patch.data[dynamic:dynamic + 56]
    patch.data[headers:headers + 56], patch.data[dynamic:dynamic + 56] = other, mine
    patch.save()
    b.expect(139)


@case
def fixed_program_without_its_own_program_header(b):
    x = b.lib("/a/libx.so", CODE)
    patch = Patch(b.prog("int x_f(void);", "x_f()", needed=[x], runpath="/a", pie=False))
    patch.put(patch.segment(PT_PHDR), 4, 0)
    patch.save()
    b.expect(0)
