"""Symbols, and what relocation does with them."""
import named_cases
from elf_patch import Patch

CASES, case = named_cases.registry()
CODE = "int x_f(void) { return 1; }"
WANT = "int x_f(void);"
DT_GNU_HASH = 0x6FFFFEF5


# --- there or not -------------------------------------------------------------------------------------------------------------------------

@case
def function_there(b):
    b.prog(WANT, "x_f()", needed=[b.lib("/a/libx.so", CODE)], runpath="/a")


@case
def function_missing_bound_now(b):
    b.lib("/a/libx.so")
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE)], runpath="/a", flags=["-z", "now"])
    b.expect(127)


@case
def function_missing_and_called(b):
    b.lib("/a/libx.so")
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE)], runpath="/a", flags=["-z", "lazy"])
    b.lazy = True
    b.expect(127)


@case
def function_missing_and_not_called(b):
    b.lib("/a/libx.so")
    b.prog(WANT + "int never;", "if (never) x_f()", needed=[("libx.so", CODE)], runpath="/a", flags=["-z", "lazy"])
    b.lazy = True


@case
def function_missing_and_the_user_binds_now(b):
    b.lib("/a/libx.so")
    b.prog(WANT + "int never;", "if (never) x_f()", needed=[("libx.so", CODE)], runpath="/a", flags=["-z", "lazy"])
    b.environment["LD_BIND_NOW"] = "1"
    b.expect(127)


@case
def bind_now_set_to_nothing(b):
    b.lib("/a/libx.so")
    b.prog(WANT + "int never;", "if (never) x_f()", needed=[("libx.so", CODE)], runpath="/a", flags=["-z", "lazy"])
    b.environment["LD_BIND_NOW"] = ""
    b.lazy = True


@case
def function_missing_in_a_library_bound_now(b):
    top = b.lib("/a/libtop.so", "int gone(void); int top(void) { return gone(); }", flags=["-z", "now"])
    b.prog(needed=[top], runpath="/a")
    b.expect(127)


@case
def function_missing_in_a_library_lazy(b):
    top = b.lib("/a/libtop.so", "int gone(void); int top(void) { return gone(); }", flags=["-z", "lazy"])
    b.prog("int top(void);", "top()", needed=[top], runpath="/a", flags=["-z", "now"])
    b.lazy = True
    b.expect(127)


@case
def function_missing_in_a_library_that_is_asked_for_its_address(b):
    top = b.lib("/a/libtop.so", "int gone(void); void *top(void) { return gone; }", flags=["-z", "lazy"])
    b.prog(needed=[top], runpath="/a")
    b.expect(127)


@case
def df_bind_now_in_flags(b):
    top = b.lib("/a/libtop.so", "int gone(void); int top(void) { return gone(); }", flags=["-z", "now"])
    patch = Patch(top)
    patch.drop(0x6FFFFFFB)   # leaves DF_BIND_NOW of DT_FLAGS
    patch.save()
    b.prog(needed=[top], runpath="/a")
    b.expect(127)


@case
def dt_bind_now_alone(b):
    top = b.lib("/a/libtop.so", "int gone(void); int top(void) { return gone(); }", flags=["-z", "now"])
    patch = Patch(top)
    patch.drop(0x6FFFFFFB)
    patch.retag(30, 24, 0)
    patch.save()
    b.prog(needed=[top], runpath="/a")
    b.expect(127)


@case
def data_missing(b):
    b.lib("/a/libx.so")
    b.prog("extern int x_d; int *p = &x_d;", "", needed=[("libx.so", "int x_d = 1;")], runpath="/a")
    b.expect(127)


@case
def data_missing_in_a_library(b):
    top = b.lib("/a/libtop.so", "extern int gone; int *top = &gone;")
    b.prog(needed=[top], runpath="/a")
    b.expect(127)


@case
def weak_function_missing(b):
    b.lib("/a/libx.so")
    b.prog("int x_f(void) __attribute__((weak));", "if (x_f) leave(3)", needed=[("libx.so", CODE)], runpath="/a")


@case
def weak_data_missing(b):
    b.lib("/a/libx.so")
    b.prog("extern int x_d __attribute__((weak));", "if (&x_d) leave(3)", needed=[("libx.so", "int x_d;")], runpath="/a")


@case
def two_missing_only_the_first_is_told(b):
    b.lib("/a/libx.so")
    b.prog("int one(void); int two(void);", "one(); two()", needed=[("libx.so", "int one(void) { return 1; } int two(void) { return 1; }")], runpath="/a", flags=["-z", "now"])
    b.expect(127)


@case
def library_is_relocated_before_the_program(b):
    top = b.lib("/a/libtop.so", "extern int gone; int *top = &gone;")
    b.lib("/a/libx.so")
    b.prog(WANT, "x_f()", needed=[top, ("libx.so", CODE)], runpath="/a", flags=["-z", "now"])
    b.expect(127)


@case
def last_library_is_relocated_first(b):
    one = b.lib("/a/libone.so", "extern int gone_one; int *one = &gone_one;")
    two = b.lib("/a/libtwo.so", "extern int gone_two; int *two = &gone_two;")
    b.prog(needed=[one, two], runpath="/a")
    b.expect(127)


@case
def dependencies_are_relocated_first(b):
    low = b.lib("/a/liblow.so", "extern int gone_low; int *low = &gone_low;")
    top = b.lib("/a/libtop.so", "extern int gone_top; int *top = &gone_top;", needed=[low])
    b.prog(needed=[low, top], rpath="/a")
    b.expect(127)


@case
def relocation_order_in_a_cycle(b):
    b.lib("/a/libtwo.so", "extern int gone_two; int *two = &gone_two;", needed=["libone.so"])
    one = b.lib("/a/libone.so", "extern int gone_one; int *one = &gone_one;", needed=["libtwo.so"])
    b.prog(needed=[one, "libtwo.so"], rpath="/a")
    b.expect(127)


@case
def defined_in_a_library_nobody_needs_directly(b):
    low = b.lib("/a/liblow.so", CODE)
    b.lib("/a/libx.so", needed=[low], rpath="/a")
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE)], rpath="/a", flags=["-z", "now"])


@case
def program_defines_what_a_library_wants(b):
    x = b.lib("/a/libx.so", "int p_f(void); int x_f(void) { return p_f(); }", flags=["-z", "now"])
    b.prog("int x_f(void); int p_f(void) { return 1; }", "x_f()", needed=[x], runpath="/a")


@case
def preload_defines_what_is_missing(b):
    b.lib("/a/libx.so")
    b.lib("/p/libpre.so", CODE)
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE)], runpath="/a", flags=["-z", "now"])
    b.environment["LD_PRELOAD"] = "/p/libpre.so"


# --- what counts as a definition ----------------------------------------------------------------------------------------------------------

def visibility(name, attribute, code):
    def made(b):
        b.lib("/a/libx.so", f"__attribute__((visibility(\"{attribute}\"))) {CODE}")
        b.prog(WANT, "x_f()", needed=[("libx.so", CODE)], runpath="/a", flags=["-z", "now"])
        b.expect(code)
    CASES[name] = made


visibility("hidden_definition_does_not_count", "hidden", 127)
visibility("protected_definition_counts", "protected", 0)


@case
def weak_definition_counts(b):
    b.prog(WANT, "x_f()", needed=[b.lib("/a/libx.so", "__attribute__((weak)) " + CODE)], runpath="/a", flags=["-z", "now"])


@case
def dynsym_with_hidden_visibility(b):
    """The loader looks at st_other of what the hash table leads to."""
    x = b.lib("/a/libx.so", CODE)
    b.prog(WANT, "x_f()", needed=[x], runpath="/a", flags=["-z", "now"])
    patch = Patch(x)
    at = patch.offset_of(patch.tag(6)[1])
    patch.put(at + 24 + 5, 1, 2)
    patch.save()
    b.expect(127)


@case
def dynsym_of_local_binding(b):
    x = b.lib("/a/libx.so", CODE)
    b.prog(WANT, "x_f()", needed=[x], runpath="/a", flags=["-z", "now"])
    patch = Patch(x)
    at = patch.offset_of(patch.tag(6)[1])
    patch.put(at + 24 + 4, 1, 0x02)
    patch.save()
    b.expect(127)


@case
def dynsym_of_an_unknown_type(b):
    x = b.lib("/a/libx.so", CODE)
    b.prog(WANT, "x_f()", needed=[x], runpath="/a", flags=["-z", "now"])
    patch = Patch(x)
    at = patch.offset_of(patch.tag(6)[1])
    patch.put(at + 24 + 4, 1, 0x1d)
    patch.save()
    b.expect(127)


@case
def symbol_with_value_0(b):
    x = b.lib("/a/libx.so", CODE)
    b.prog(WANT, "if (0) x_f()", needed=[x], runpath="/a", flags=["-z", "now"])
    b.prog(WANT + "int never;", "if (never) x_f()", needed=[x], runpath="/a", flags=["-z", "now"])
    patch = Patch(x)
    at = patch.offset_of(patch.tag(6)[1])
    patch.put(at + 24 + 8, 8, 0)
    patch.save()
    b.expect(127)


@case
def absolute_symbol_with_value_0(b):
    x = b.lib("/a/libx.so", "__asm__(\".globl x_d\\n.set x_d, 0\");")
    b.prog("extern char x_d; char *p = &x_d;", "", needed=[("libx.so", "char x_d;")], runpath="/a")
    b.expect(0)


@case
def symbolic_library_prefers_its_own(b):
    x = b.lib("/a/libx.so", CODE + "int y_f(void) { return x_f(); }", flags=["-Bsymbolic", "-z", "now"])
    b.prog("int y_f(void); int x_f(void) { return 2; }", "y_f()", needed=[x], runpath="/a")


@case
def symbolic_library_without_own_definition(b):
    x = b.lib("/a/libx.so", "int x_f(void); int y_f(void) { return x_f(); }", flags=["-Bsymbolic", "-z", "now"])
    b.prog(needed=[x], runpath="/a")
    b.expect(127)


def hash_style(style, there):
    def made(b):
        b.lib("/a/libx.so", CODE if there else "", flags=[f"--hash-style={style}"])
        b.prog(WANT, "x_f()", needed=[("libx.so", CODE)], runpath="/a", flags=["-z", "now"])
        b.expect(0 if there else 127)
    CASES[f"hash_style_{style}_{'there' if there else 'missing'}"] = made


for style in ("sysv", "gnu", "both"):
    for there in (True, False):
        hash_style(style, there)


@case
def many_symbols_gnu_hash(b):
    code = "".join(f"int x_{i}(void) {{ return 1; }}\n" for i in range(500))
    x = b.lib("/a/libx.so", code)
    names = [f"x_{i}" for i in range(0, 500, 7)]
    b.prog("".join(f"int {name}(void);" for name in names), ";".join(f"{name}()" for name in names), needed=[x], runpath="/a", flags=["-z", "now"])


@case
def unique_symbol(b):
    x = b.lib("/a/libx.so", "__asm__(\".data\\n.globl x_d\\n.type x_d, %gnu_unique_object\\n.size x_d, 4\\nx_d: .long 1\\n.text\");")
    b.prog("extern int x_d; int *p = &x_d;", "", needed=[("libx.so", "int x_d;")], runpath="/a")
    assert x


# --- copy relocations ---------------------------------------------------------------------------------------------------------------------

def copy(name, mine, theirs, code=0, verbose=False):
    def made(b):
        b.lib("/a/libx.so", f"int x_d[{theirs}] = {{1}};")
        b.prog("extern int x_d[];", "if (x_d[0] != 1) leave(3)", needed=[("libx.so", f"int x_d[{mine}] = {{1}};")], runpath="/a", pie=False)
        if verbose:
            b.environment["LD_WARN"] = "1"
        b.expect(code)
    CASES[name] = made


copy("copy_of_the_same_size", 4, 4)
copy("copy_of_a_larger_one", 4, 8)
copy("copy_of_a_smaller_one", 8, 4)
copy("copy_of_a_smaller_one_with_warnings", 8, 4, verbose=True)


@case
def copy_of_a_missing_one(b):
    b.lib("/a/libx.so")
    b.prog("extern int x_d[];", "if (x_d[0]) leave(3)", needed=[("libx.so", "int x_d[4] = {1};")], runpath="/a", pie=False)
    b.expect(127)


@case
def copy_of_a_protected_one(b):
    b.lib("/a/libx.so", "__attribute__((visibility(\"protected\"))) int x_d[4] = {1};")
    b.prog("extern int x_d[];", "if (x_d[0] != 1) leave(3)", needed=[("libx.so", "int x_d[4] = {1};")], runpath="/a", pie=False)


@case
def address_of_a_protected_function(b):
    b.lib("/a/libx.so", "__attribute__((visibility(\"protected\"))) " + CODE)
    b.prog(WANT + "int (*volatile p)(void);", "p = x_f; p()", needed=[("libx.so", CODE)], runpath="/a", pie=False, flags=["-z", "now"])


# Notes of a library that wants to be reached indirectly only; ld writes them.
INDIRECT = ["-z", "indirect-extern-access"]


@case
def copy_of_a_protected_one_that_wants_indirect_access(b):
    b.lib("/a/libx.so", "__attribute__((visibility(\"protected\"))) int x_d[4] = {1};", flags=INDIRECT)
    b.prog("extern int x_d[];", "if (x_d[0] != 1) leave(3)", needed=[("libx.so", "int x_d[4] = {1};")], runpath="/a", pie=False)
    b.expect(127, v2_31=0)


@case
def address_of_a_protected_function_that_wants_indirect_access(b):
    b.lib("/a/libx.so", "__attribute__((visibility(\"protected\"))) " + CODE, flags=INDIRECT)
    b.prog(WANT + "int (*volatile p)(void);", "p = x_f; p()", needed=[("libx.so", CODE)], runpath="/a", pie=False, flags=["-z", "now"])
    b.expect(127, v2_31=0)


@case
def copy_of_a_versioned_one(b):
    b.lib("/a/libx.so", "int x_d[4] = {1};", script="V1 { x_d; };")
    b.prog("extern int x_d[];", "if (x_d[0] != 1) leave(3)", needed=[("libx.so", "int x_d[4] = {1};", "V1 { x_d; };")], runpath="/a", pie=False)


# --- thread-local storage -----------------------------------------------------------------------------------------------------------------

TLS = "__thread int x_t = 5;"


@case
def tls_initial_exec(b):
    b.prog("extern __thread int x_t;", "if (x_t != 5) leave(3)", needed=[b.lib("/a/libx.so", TLS)], runpath="/a", cflags=["-ftls-model=initial-exec"])


@case
def tls_missing(b):
    b.lib("/a/libx.so")
    b.prog("extern __thread int x_t;", "if (x_t != 5) leave(3)", needed=[("libx.so", TLS)], runpath="/a", cflags=["-ftls-model=initial-exec"])
    b.expect(127)


@case
def tls_reference_to_a_variable_without(b):
    b.lib("/a/libx.so", "int x_t = 5;")
    b.prog("extern __thread int x_t;", "if (x_t != 5) leave(3)", needed=[("libx.so", TLS)], runpath="/a", cflags=["-ftls-model=initial-exec"])
    b.expect(None)


@case
def tls_of_a_library_with_initial_exec(b):
    x = b.lib("/a/libx.so", "__thread int x_t = 5; int x_f(void) { return x_t; }", cflags=["-ftls-model=initial-exec"])
    b.prog(WANT, "if (x_f() != 5) leave(3)", needed=[x], runpath="/a")


@case
def tls_dynamic(b):
    loader = ("ld-linux-x86-64.so.2", "void *__tls_get_addr(void *p) { return p; }", "GLIBC_2.3 { __tls_get_addr; };")
    x = b.lib("/a/libx.so", "__thread int x_t = 5; int x_f(void) { return x_t; }", needed=[loader])
    b.prog(WANT, "if (x_f() != 5) leave(3)", needed=[x], runpath="/a")
    b.expect(0, v2_36=127)


@case
def tls_dynamic_and_the_loader_is_not_needed(b):
    x = b.lib("/a/libx.so", "__thread int x_t = 5; int x_f(void) { return x_t; }")
    b.prog(WANT, "if (x_f() != 5) leave(3)", needed=[x], runpath="/a")
    b.expect(127)
    b.lazy = True


@case
def tls_descriptors(b):
    x = b.lib("/a/libx.so", "__thread int x_t = 5; int x_f(void) { return x_t; }", cflags=["-mtls-dialect=gnu2"])
    b.prog(WANT, "if (x_f() != 5) leave(3)", needed=[x], runpath="/a")
    b.expect(None)


@case
def tls_of_64_mebibytes(b):
    b.prog(needed=[b.lib("/a/libx.so", "__thread char x_t[1 << 26];")], runpath="/a")
    b.expect(None)


@case
def tls_with_a_large_alignment(b):
    b.prog("extern __thread int x_t;", "if ((long)&x_t % 4096) leave(3)", needed=[b.lib("/a/libx.so", "__thread int x_t __attribute__((aligned(4096))) = 5;")],
           runpath="/a", cflags=["-ftls-model=initial-exec"])


# --- functions chosen at start ------------------------------------------------------------------------------------------------------------

IFUNC = "static int one(void) { return 1; } static void *choose(void) { return one; } int x_f(void) __attribute__((ifunc(\"choose\")));"


@case
def ifunc_in_a_library(b):
    b.prog(WANT, "if (x_f() != 1) leave(3)", needed=[b.lib("/a/libx.so", IFUNC)], runpath="/a", flags=["-z", "now"])


@case
def ifunc_used_by_its_own_library(b):
    x = b.lib("/a/libx.so", IFUNC + "int y_f(void) { return x_f(); }", flags=["-z", "now", "-Bsymbolic"])
    b.prog("int y_f(void);", "if (y_f() != 1) leave(3)", needed=[x], runpath="/a")


@case
def irelative_in_the_program(b):
    b.prog("static int one(void) { return 1; } static void *choose(void) { return one; } static int f(void) __attribute__((ifunc(\"choose\")));", "if (f() != 1) leave(3)")


@case
def ifunc_of_the_program_used_by_a_library(b):
    x = b.lib("/a/libx.so", "int x_f(void); int y_f(void) { return x_f(); }", flags=["-z", "now"])
    b.prog(IFUNC + "int y_f(void);", "y_f()", needed=[x], runpath="/a")
    b.expect(None)


@case
def ifunc_of_a_library_that_is_relocated_later(b):
    y = b.lib("/a/liby.so", "int x_f(void); int y_f(void) { return x_f(); }", flags=["-z", "now"])
    x = b.lib("/a/libx.so", IFUNC, needed=[y])
    b.prog(needed=[x], rpath="/a")
    b.expect(None)
    b.cannot_tell("resolver")


@case
def ifunc_bound_lazily_is_no_trouble(b):
    x = b.lib("/a/libx.so", "int x_f(void); int y_f(void) { return x_f(); }", flags=["-z", "lazy"])
    b.prog(IFUNC + "int y_f(void);", "if (y_f() != 1) leave(3)", needed=[x], runpath="/a")


@case
def gnu_hash_without_buckets_beside_a_sound_hash(b):
    x = b.lib("/a/libx.so", "int x_f(void) { return 1; }", flags=["--hash-style=both"])
    patch = Patch(x)
    patch.put(patch.offset_of(patch.tag(0x6FFFFEF5)[1]), 4, 0)
    patch.save()
    b.prog("int x_f(void);", "x_f()", needed=[("libx.so", "int x_f(void) { return 1; }")], runpath="/a")
    b.expect(127)
    b.cannot_tell("DT_GNU_HASH")
