"""Which definition a reference gets, and what is said of one that has none."""
import named_cases

CASES, case = named_cases.registry()


USE_X = "int x(void); int use(void){return x();}"


@case
def missing_function(b):
    b.lib("a/libx.so", "int y(void){return 0;}")
    b.prog(needed=[("libx.so", "int x(void){return 0;}")], runpath=f"{b.folder}/a", code=USE_X)
    b.expect(127)


@case
def missing_function_is_no_lazy_matter(b):
    b.lib("a/libx.so")
    b.prog(needed=[("libx.so", "int x(void){return 0;}")], runpath=f"{b.folder}/a", code=USE_X, flags=["-Wl,-z,lazy"])
    b.expect(127)


@case
def missing_symbols_of_many_objects_in_order(b):
    low = b.lib("a/liblow.so", "int gone1(void); int gone2; extern int gone3; int low(void){return gone1()+gone3;}")
    top = b.lib("a/libtop.so", "int gone4(void); int low(void); int top(void){return gone4()+low();}", needed=[low])
    b.prog(needed=[top, ("libz.so", "int gone5(void){return 0;}"), ("libstub.so", "int gone6;")], runpath=f"{b.folder}/a",
           code="int top(void); int gone5(void); extern int gone6; int use(void){return top()+gone5()+gone6;}")
    b.expect(127)


@case
def missing_data(b):
    b.lib("a/libx.so")
    b.prog(needed=[("libx.so", "int v = 1;")], runpath=f"{b.folder}/a", code="extern int v; int use(void){return v;}", flags=["-no-pie"])
    b.expect(127)


@case
def weak_and_missing(b):
    b.prog(code="int x(void) __attribute__((weak)); int use(void){return x ? x() : 0;}")


@case
def weak_definition_first_wins(b):
    one = b.lib("a/libone.so", "int x(void) __attribute__((weak)); int x(void){return 1;}")
    two = b.lib("a/libtwo.so", "int x(void){return 2;}")
    b.prog(needed=[one, two], runpath=f"{b.folder}/a", code="int x(void); __attribute__((constructor)) void check(void){ if (x()!=1) __builtin_trap(); }")


@case
def ifunc_definition_does_not_count(b):
    lib = b.lib("a/libx.so", "static int one(void){return 1;} static void *pick(void){return one;} int x(void) __attribute__((ifunc(\"pick\")));")
    b.prog(needed=[lib], runpath=f"{b.folder}/a", code=USE_X)
    b.expect(127)


@case
def own_ifunc_is_an_unsupported_relocation(b):
    b.prog(code="static int one(void){return 1;} static void *pick(void){return one;} static int x(void) __attribute__((ifunc(\"pick\"))); int use(void){return x();}")
    b.expect(127)


@case
def version_of_the_provider_missing(b):
    old = b.lib("a/libx.so", "int x(void){return 0;}", script="V1 { global: x; };")
    b.prog(needed=[("libx.so", "int x(void){return 0;}", "V2 { global: x; };")], runpath=f"{b.folder}/a", code=USE_X)
    assert old.exists()


@case
def versioned_reference_to_an_unversioned_library(b):
    b.lib("a/libx.so", "int x(void){return 0;}")
    b.prog(needed=[("libx.so", "int x(void){return 0;}", "V2 { global: x; };")], runpath=f"{b.folder}/a", code=USE_X)


TWO_VERSIONS = ('__asm__(".symver one,x@V1\\n.symver two,x@@V2"); int one(void){return 1;} int two(void){return 2;}', "V1 { local: one; two; }; V2 { };")


@case
def default_version_wins_although_the_old_is_asked_for(b):
    b.lib("a/libx.so", TWO_VERSIONS[0], script=TWO_VERSIONS[1])
    b.prog(needed=[("libx.so", "int x(void){return 0;}", "V1 { global: x; };")], runpath=f"{b.folder}/a",
           code="int x(void); __attribute__((constructor)) void check(void){ if (x()!=2) __builtin_trap(); }")


@case
def only_a_hidden_version(b):
    b.lib("a/libx.so", '__asm__(".symver one,x@V1"); int one(void){return 1;}', script="V1 { local: one; };")
    b.prog(needed=[("libx.so", "int x(void){return 0;}", "V1 { global: x; };")], runpath=f"{b.folder}/a", code=USE_X)
    b.expect(127)


@case
def hidden_version_in_the_old_hash_table(b):
    b.lib("a/libx.so", TWO_VERSIONS[0], script=TWO_VERSIONS[1], flags=["-Wl,--hash-style=sysv"])
    b.prog(needed=[("libx.so", "int x(void){return 0;}", "V1 { global: x; };")], runpath=f"{b.folder}/a",
           code="int x(void); __attribute__((constructor)) void check(void){ if (x()!=2) __builtin_trap(); }")


@case
def protected_symbol(b):
    lib = b.lib("a/libx.so", "__attribute__((visibility(\"protected\"))) int x(void){return 0;}")
    b.prog(needed=[lib], runpath=f"{b.folder}/a", code=USE_X)


@case
def symbol_from_the_program(b):
    low = b.lib("a/liblow.so", "int from_program(void); int low(void){return from_program();}")
    b.prog(needed=[low], runpath=f"{b.folder}/a", code="int from_program(void){return 0;}", flags=["-Wl,--export-dynamic"])


@case
def symbol_from_a_later_library(b):
    first = b.lib("a/libfirst.so", "int later(void); int first(void){return later();}")
    second = b.lib("a/libsecond.so", "int later(void){return 0;}")
    b.prog(needed=[first, second], runpath=f"{b.folder}/a")


@case
def address_of_a_function_in_a_fixed_program(b):
    lib = b.lib("a/libx.so", "int x(void){return 0;} void *address(void){return x;}", flags=["-fno-plt"])
    b.prog(needed=[lib], runpath=f"{b.folder}/a", flags=["-no-pie", "-fno-pic", "-fno-pie"],
           code="int x(void); void *volatile p = x; void *address(void); __attribute__((constructor)) void check(void){ if (address()!=p) __builtin_trap(); }")


@case
def undefined_in_one_library_does_not_define(b):
    lib = b.lib("a/liba.so", "int x(void); int y(void){return x();}")
    b.prog(needed=[lib, ("libb.so", "int x(void){return 0;}")], runpath=f"{b.folder}/a", code=USE_X)
    b.lib("a/libb.so")
    b.expect(127)


@case
def preload_provides_a_missing_symbol(b):
    b.lib("a/libx.so")
    b.lib("a/libpre.so", "int x(void){return 0;}")
    b.prog(needed=[("libx.so", "int x(void){return 0;}")], runpath=f"{b.folder}/a", code=USE_X)
    b.environment["LD_PRELOAD"] = f"{b.folder}/a/libpre.so"


@case
def large_file_aliases(b):
    b.prog(needed=[("libstub.so", "int open64(void){return 0;} int fstat64(void){return 0;} int readdir64_r(void){return 0;}")],
           code="int open64(void); int fstat64(void); int readdir64_r(void); void use(void){open64(); fstat64(); readdir64_r();}")
    b.lib("a/libstub.so")
    b.environment["LD_LIBRARY_PATH"] = f"{b.folder}/a"


@case
def posix_fallocate64_is_too_long_for_the_alias_table(b):
    b.prog(needed=[("libstub.so", "int posix_fallocate64(void){return 0;}")], code="int posix_fallocate64(void); void use(void){posix_fallocate64();}")
    b.lib("a/libstub.so")
    b.environment["LD_LIBRARY_PATH"] = f"{b.folder}/a"
    b.expect(0, v1_2_5=127)


@case
def names_with_64_that_are_no_aliases(b):
    b.prog(needed=[("libstub.so", "int fseek64(void){return 0;} int x64(void){return 0;}")], code="int fseek64(void); int x64(void); void use(void){fseek64(); x64();}")
    b.lib("a/libstub.so")
    b.environment["LD_LIBRARY_PATH"] = f"{b.folder}/a"
    b.expect(127)
