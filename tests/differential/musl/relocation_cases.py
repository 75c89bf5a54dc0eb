"""Copy relocations, thread-local storage, DT_RELR, text relocations and relocation types."""
import named_cases
from elf_patch import Patch

CASES, case = named_cases.registry()
DT_RELA, DT_RELASZ, DT_TEXTREL = 7, 8, 22
USE_X = "int x(void); int use(void){return x();}"


@case
def copy_relocation(b):
    lib = b.lib("a/libx.so", "int v[4] = {7};")
    b.prog(needed=[lib], runpath=f"{b.folder}/a", flags=["-no-pie", "-fno-pic"],
           code="extern int v[4]; __attribute__((constructor)) void check(void){ if (v[0]!=7) __builtin_trap(); }")


@case
def copy_relocation_of_another_size_is_silent(b):
    b.lib("a/libx.so", "int v[4] = {7};")
    b.prog(needed=[("libx.so", "int v[2] = {7};")], runpath=f"{b.folder}/a", flags=["-no-pie", "-fno-pic"],
           code="extern int v[2]; __attribute__((constructor)) void check(void){ if (v[0]!=7) __builtin_trap(); }")


@case
def copy_relocation_of_more_than_the_library_has(b):
    b.lib("a/libx.so", "int v[4] = {7};")
    b.prog(needed=[("libx.so", "int v[9000000] = {7};")], runpath=f"{b.folder}/a", flags=["-no-pie", "-fno-pic"], code="extern int v[9000000]; int use(void){return v[0];}")
    b.expect(None)
    b.open_question = "a copy of more bytes than the library has"


@case
def thread_local_variable(b):
    lib = b.lib("a/libx.so", "__thread int t = 5;")
    b.prog(needed=[lib], runpath=f"{b.folder}/a", code="extern __thread int t; __attribute__((constructor)) void check(void){ if (t!=5) __builtin_trap(); }")


@case
def thread_local_variable_missing(b):
    b.lib("a/libx.so")
    b.prog(needed=[("libx.so", "__thread int t = 5;")], runpath=f"{b.folder}/a", code="extern __thread int t; int use(void){return t;}")
    b.expect(127)


@case
def thread_local_variable_weak_and_missing(b):
    b.lib("a/libx.so", "extern __thread int t __attribute__((weak, tls_model(\"initial-exec\"))); int use(void){return t;}")
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")
    b.expect(139)


@case
def dynamic_thread_local_variable_weak_and_missing(b):
    b.lib("a/libx.so", "extern __thread int t __attribute__((weak)); int use(void){return t;}")
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")
    b.expect(139)


@case
def initial_exec_in_a_library(b):
    b.lib("a/libx.so", "__thread int t __attribute__((tls_model(\"initial-exec\"))) = 3; int use(void){return t;}")
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")


@case
def thread_local_descriptors(b):
    b.lib("a/libx.so", "__thread int t = 3; int use(void){return t;}", flags=["-mtls-dialect=gnu2"])
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")


@case
def variable_where_thread_local_is_meant(b):
    b.lib("a/libx.so", "int t = 5;")
    b.prog(needed=[("libx.so", "__thread int t = 5;")], runpath=f"{b.folder}/a", code="extern __thread int t; int use(void){return t;}")


@case
def packed_relative_relocations(b):
    b.prog(flags=["-Wl,-z,pack-relative-relocs"])
    b.expect(139, v1_2_5=0)


@case
def packed_relative_relocations_of_a_library(b):
    b.lib("a/libx.so", "static void first(void) __attribute__((constructor)); int v; int *p = &v; static void first(void){ *p = 1; }", flags=["-Wl,-z,pack-relative-relocs"])
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")
    b.expect(139, v1_2_5=0)


@case
def packed_relative_relocations_of_a_fixed_program(b):
    b.prog(flags=["-Wl,-z,pack-relative-relocs", "-no-pie"])


@case
def missing_symbol_beside_packed_relocations(b):
    b.lib("a/libx.so")
    b.prog(needed=[("libx.so", "int x(void){return 0;}")], runpath=f"{b.folder}/a", code=USE_X, flags=["-Wl,-z,pack-relative-relocs"])
    b.expect(127)


@case
def text_relocation_in_a_library(b):
    lib = b.lib("a/libx.so", "__asm__(\".text\\n.globl f\\nf: .quad f\\n\");", flags=["-Wl,-z,notext"])
    b.prog(needed=[lib], runpath=f"{b.folder}/a")
    b.expect(0, v1_2_2=127)       # the linker left an empty PT_LOAD, which 1.2.2 hands to mmap()


@case
def text_relocation_without_its_tag(b):
    lib = b.lib("a/libx.so", "__asm__(\".text\\n.globl f\\nf: .quad f\\n\");", flags=["-Wl,-z,notext"])
    b.prog(needed=[lib], runpath=f"{b.folder}/a")
    patch = Patch(lib)
    patch.drop(DT_TEXTREL)
    patch.save()
    b.expect(139, v1_2_2=127)


@case
def text_relocation_in_the_program(b):
    b.prog(code="__asm__(\".text\\n.globl f\\nf: .quad f\\n\");", flags=["-Wl,-z,notext"])
    b.listable = False
    b.expect(139)


def relocation_type(name, kind, code):
    def made(b):
        lib = b.lib("a/libx.so", "int v; int *p = &v; extern int q; int *r = &q; int q;")
        b.prog(needed=[lib], runpath=f"{b.folder}/a")
        patch = Patch(lib)
        record = patch.relocations(DT_RELA, DT_RELASZ)[-1]
        patch.put(record + 8, 4, kind)
        patch.save()
        b.expect(code)
    made.__name__ = name
    CASES[name] = made


relocation_type("relocation_type_none", 0, 0)
relocation_type("relocation_type_unknown", 200, 127)
relocation_type("relocation_type_irelative", 37, 127)
relocation_type("relocation_type_32", 10, 127)
relocation_type("relocation_type_size", 33, 127)
relocation_type("relocation_type_huge", 0x7FFFFFFF, 127)
relocation_type("relocation_type_pc32", 2, 0)


@case
def read_only_dynamic_section_of_the_program(b):
    prog = b.prog(flags=["-Wl,-z,norelro"])
    patch = Patch(prog)
    patch.put(patch.segment(1, -1) + 4, 4, 4)
    patch.save()
    b.listable = False
    b.expect(139)


@case
def relro_over_a_hole(b):
    b.prog(flags=["-no-pie"])
    prog = b.folder / "prog"
    patch = Patch(prog)
    relro, last, before = patch.segment(0x6474E552), patch.segment(1, -1), patch.segment(1, -2)
    end = patch.number(before + 16, 8) + patch.number(before + 40, 8)
    start = (end + 4095) // 4096 * 4096
    patch.put(relro + 16, 8, start)
    patch.put(relro + 40, 8, patch.number(last + 16, 8) // 4096 * 4096 + 4096 - start)
    patch.save()
    b.listable = False
    b.expect(None)


@case
def symbols_of_a_cross_pair(b):
    one = b.lib("a/libone.so", "int two(void); int one(void){return two();}")
    two = b.lib("a/libtwo.so", "int one(void); int two(void){return one();}")
    b.prog(needed=[one, two], runpath=f"{b.folder}/a")
