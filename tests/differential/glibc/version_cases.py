"""Version needs and what the providers define."""
import struct

import named_cases
from elf_patch import Patch

CASES, case = named_cases.registry()
DT_VERDEF, DT_VERDEFNUM, DT_VERNEED, DT_VERNEEDNUM, DT_VERSYM = 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF, 0x6FFFFFF0
CODE = "int x_f(void) { return 1; }"
WANT = "int x_f(void);"
V1 = "V1 { x_f; };"


@case
def version_there(b):
    b.prog(WANT, "x_f()", needed=[b.lib("/a/libx.so", CODE, script=V1)], runpath="/a")


@case
def version_missing(b):
    b.lib("/a/libx.so", CODE, script="V0 { x_f; };")
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1)], runpath="/a")
    b.expect(1)


@case
def two_versions_missing(b):
    b.lib("/a/libx.so", CODE, script="V0 { x_f; };")
    code = "int x_f(void) { return 1; } int x_g(void) { return 1; }"
    b.prog("int x_f(void); int x_g(void);", "x_f(); x_g()", needed=[("libx.so", code, "V1 { x_f; }; V2 { x_g; };")], runpath="/a")
    b.expect(1)


@case
def versions_missing_in_two_libraries(b):
    b.lib("/a/libx.so", CODE, script="V0 { x_f; };")
    b.lib("/a/liby.so", "int y_f(void) { return 1; }", script="V0 { y_f; };")
    b.prog("int x_f(void); int y_f(void);", "x_f(); y_f()",
           needed=[("libx.so", CODE, V1), ("liby.so", "int y_f(void) { return 1; }", "V9 { y_f; };")], runpath="/a")
    b.expect(1)


@case
def version_missing_asked_for_by_a_library(b):
    b.lib("/a/libx.so", CODE, script="V0 { x_f; };")
    top = b.lib("/a/libtop.so", "int x_f(void); int top(void) { return x_f(); }", needed=[("libx.so", CODE, V1)])
    b.prog(needed=[top], rpath="/a")
    b.expect(1)


@case
def versions_missing_for_program_and_library(b):
    b.lib("/a/libx.so", CODE, script="V0 { x_f; };")
    top = b.lib("/a/libtop.so", "int x_f(void); int top(void) { return x_f(); }", needed=[("libx.so", CODE, "V7 { x_f; };")])
    b.prog(WANT, "x_f()", needed=[top, ("libx.so", CODE, V1)], rpath="/a")
    b.expect(1)


@case
def version_missing_is_told_before_a_missing_symbol(b):
    b.lib("/a/libx.so", "", script="V0 { x_g; };")
    b.prog(WANT + "int gone(void);", "x_f(); gone()", needed=[("libx.so", CODE, V1), ("liby.so", "int gone(void) { return 1; }")], runpath="/a", flags=["-z", "now"])
    b.lib("/a/liby.so")
    b.expect(1)


@case
def missing_library_is_told_before_a_missing_version(b):
    b.lib("/a/libx.so", CODE, script="V0 { x_f; };")
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1), "libgone.so"], runpath="/a")
    b.expect(127)


@case
def version_of_an_unused_symbol_is_asked_for_too(b):
    """Only what the link editor wrote counts: the symbol is never bound."""
    b.lib("/a/libx.so", "int x_d;", script="V0 { x_d; };")
    b.prog("extern int x_d __attribute__((weak)); void *p = &x_d;", "", needed=[("libx.so", "int x_d = 1;", "V1 { x_d; };")], runpath="/a")
    b.expect(None)


def weak(path, flags=2):
    patch = Patch(path)
    start = patch.offset_of(patch.tag(DT_VERNEED)[1])
    first = start + patch.number(start + 8, 4)
    patch.put(first + 4, 2, flags)
    patch.save()


@case
def weak_version_need_that_is_missing(b):
    b.lib("/a/libx.so", CODE, script="V0 { x_g; };")
    prog = b.prog("int x_f(void) __attribute__((weak)); ", "if (x_f) x_f()", needed=[("libx.so", CODE, V1)], runpath="/a")
    weak(prog)
    b.expect(None)


@case
def weak_version_need_and_the_symbol_is_strong(b):
    b.lib("/a/libx.so", CODE, script="V0 { x_f; };")
    prog = b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1)], runpath="/a", flags=["-z", "now"])
    weak(prog)
    b.expect(127)


@case
def version_flags_of_another_bit_are_not_weak(b):
    b.lib("/a/libx.so", CODE, script="V0 { x_f; };")
    prog = b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1)], runpath="/a", flags=["-z", "now"])
    weak(prog, 4)
    b.expect(1)


@case
def provider_without_versions(b):
    b.lib("/a/libx.so", "")
    b.lib("/a/liby.so", CODE)
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1), "liby.so"], runpath="/a", flags=["-z", "now"])


@case
def provider_without_versions_defines_the_symbol(b):
    b.lib("/a/libx.so", CODE)
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1)], runpath="/a", flags=["-z", "now"])
    b.expect(0, v2_31=127, v2_36=127)


@case
def provider_without_versions_defines_the_symbol_and_binding_is_lazy(b):
    b.lib("/a/libx.so", CODE)
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1)], runpath="/a", flags=["-z", "lazy"])
    b.lazy = True
    b.expect(127)
    b.versions = ("2.31", "2.36")


@case
def version_of_a_library_that_is_not_needed(b):
    """The name in DT_VERNEED is that of no library."""
    prog = b.prog(WANT, "x_f()", needed=[b.lib("/a/libx.so", CODE, script=V1)], runpath="/a")
    patch = Patch(prog)
    start = patch.offset_of(patch.tag(DT_VERNEED)[1])
    patch.put(start + 4, 4, patch.tag(29)[1])   # the text of DT_RUNPATH
    patch.save()
    b.expect(127)


@case
def version_hash_differs(b):
    prog = b.prog(WANT, "x_f()", needed=[b.lib("/a/libx.so", CODE, script=V1)], runpath="/a")
    patch = Patch(prog)
    start = patch.offset_of(patch.tag(DT_VERNEED)[1])
    first = start + patch.number(start + 8, 4)
    patch.put(first, 4, 0x12345)
    patch.save()
    b.expect(1)


@case
def version_name_differs_and_hash_does_not(b):
    prog = b.prog(WANT, "x_f()", needed=[b.lib("/a/libx.so", CODE, script=V1)], runpath="/a")
    patch = Patch(prog)
    start = patch.offset_of(patch.tag(DT_VERNEED)[1])
    first = start + patch.number(start + 8, 4)
    patch.put(first + 8, 4, patch.tag(29)[1])
    patch.save()
    b.expect(1)


@case
def verneed_of_version_2(b):
    prog = b.prog(WANT, "x_f()", needed=[b.lib("/a/libx.so", CODE, script=V1)], runpath="/a")
    patch = Patch(prog)
    start = patch.offset_of(patch.tag(DT_VERNEED)[1])
    patch.put(start, 2, 2)
    patch.save()
    b.expect(127)


@case
def verdef_of_version_2(b):
    x = b.lib("/a/libx.so", CODE, script=V1)
    b.prog(WANT, "x_f()", needed=[x], runpath="/a")
    patch = Patch(x)
    patch.put(patch.offset_of(patch.tag(DT_VERDEF)[1]), 2, 2)
    patch.save()
    b.expect(None)


@case
def version_there_and_symbol_missing(b):
    b.lib("/a/libx.so", "int x_g(void) { return 1; }", script="V1 { x_g; };")
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1)], runpath="/a", flags=["-z", "now"])
    b.expect(127)


@case
def version_there_and_symbol_in_another_library_without_versions(b):
    b.lib("/a/libx.so", "int x_g(void) { return 1; }", script="V1 { x_g; };")
    b.lib("/a/liby.so", CODE)
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1), "liby.so"], runpath="/a", flags=["-z", "now"])
    b.expect(0)


@case
def symbol_has_another_version(b):
    b.lib("/a/libx.so", "int x_f(void) { return 1; } int x_g(void) { return 1; }", script="V1 { x_g; }; V2 { x_f; };")
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1)], runpath="/a", flags=["-z", "now"])
    b.expect(127)


HIDDEN = "int old(void) { return 1; } int new(void) { return 2; } __asm__(\".symver old, x_f@V1\"); __asm__(\".symver new, x_f@@V2\");"


@case
def hidden_version_asked_for_by_name(b):
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1)], runpath="/a", flags=["-z", "now"])
    b.lib("/a/libx.so", HIDDEN, script="V1 { }; V2 { } V1;")


@case
def unversioned_reference_takes_the_default(b):
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE)], runpath="/a", flags=["-z", "now"])
    b.lib("/a/libx.so", HIDDEN, script="V1 { }; V2 { } V1;")


@case
def unversioned_reference_and_the_only_version_is_hidden(b):
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE)], runpath="/a", flags=["-z", "now"])
    b.lib("/a/libx.so", "int old(void) { return 1; } int other(void) { return 1; } __asm__(\".symver old, x_f@V2\");", script="V1 { other; }; V2 { } V1;")
    b.expect(127)


@case
def unversioned_reference_and_the_oldest_version_is_hidden(b):
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE)], runpath="/a", flags=["-z", "now"])
    b.lib("/a/libx.so", "int old(void) { return 1; } __asm__(\".symver old, x_f@V1\");", script="V1 { };")


@case
def versioned_reference_to_the_base(b):
    """A definition without a version satisfies any version, unless it is hidden."""
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1)], runpath="/a", flags=["-z", "now"])
    b.lib("/a/libx.so", CODE + "int x_g(void) { return 1; }", script="V1 { x_g; };")


@case
def version_local_symbol(b):
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE, V1)], runpath="/a", flags=["-z", "now"])
    b.lib("/a/libx.so", CODE + "int x_g(void) { return 1; }", script="V1 { global: x_g; local: *; };")
    b.expect(127)


@case
def two_libraries_define_the_same_version_name(b):
    y = b.lib("/a/liby.so", CODE, script=V1)
    x = b.lib("/a/libx.so", CODE, script=V1)
    b.prog(WANT, "x_f()", needed=[x, y], runpath="/a", flags=["-z", "now"])


@case
def versions_of_the_program_itself(b):
    x = b.lib("/a/libx.so", "int p_f(void); int x_f(void) { return p_f(); }", needed=[("prog", "int p_f(void) { return 1; }", "V1 { p_f; };")])
    b.prog("int x_f(void); int p_f(void) { return 1; }", "x_f()", needed=[x], rpath="/a", flags=["-soname", "prog"], script="V1 { p_f; };")
    b.expect(None)


@case
def version_of_the_loader(b):
    b.prog("void *__tls_get_addr(void *); void *p = __tls_get_addr;",
           needed=[("ld-linux-x86-64.so.2", "void *__tls_get_addr(void *p) { return p; }", "GLIBC_2.3 { __tls_get_addr; };")])
    b.expect(0, v2_36=127)


@case
def version_of_the_loader_missing(b):
    b.prog("void *__tls_get_addr(void *); void *p = __tls_get_addr;",
           needed=[("ld-linux-x86-64.so.2", "void *__tls_get_addr(void *p) { return p; }", "GLIBC_2.99 { __tls_get_addr; };")])
    b.expect(1)


def glibc_version(name, symbol, version, code, **versions):
    def made(b):
        b.libc = True
        b.prog(f"int {symbol}(void); void *p = {symbol};", needed=[("libc.so.6", f"int {symbol}(void) {{ return 1; }}", f"{version} {{ {symbol}; }};")],
               flags=["-z", "now"])
        b.expect(code, **versions)
    CASES[name] = made


glibc_version("libc_2_2_5", "getpid", "GLIBC_2.2.5", 0)
glibc_version("libc_2_34_start", "__libc_start_main", "GLIBC_2.34", 0, v2_31=1)
glibc_version("libc_2_38", "strlcpy", "GLIBC_2.38", 1, v2_41=0, v2_43=0)
glibc_version("libc_2_42", "pthread_gettid_np", "GLIBC_2.42", 1, v2_43=0)
glibc_version("libc_of_the_future", "getpid", "GLIBC_2.99", 1)
glibc_version("libc_of_another_symbol", "getpid", "GLIBC_2.17", 127)
glibc_version("libc_private_symbol", "no_such_function", "GLIBC_PRIVATE", 127)


@case
def version_of_the_loader_that_nobody_needs(b):
    loader = (b.loader.rsplit("/", 1)[-1], "void *__tls_get_addr(void *p) { return p; }", "GLIBC_2.3 { __tls_get_addr; };")
    x = b.lib("/a/libx.so", "void *__tls_get_addr(void *); void *x_f(void) { return (void *)__tls_get_addr; }", needed=[loader])
    patch = Patch(x)
    patch.drop(1)
    patch.save()
    b.prog(needed=["libx.so"], runpath="/a")
    b.expect(127)
