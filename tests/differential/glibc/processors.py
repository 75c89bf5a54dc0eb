"""Cases for amd64 processors under qemu-user: levels that are declared, directories that are chosen, instructions that kill."""
CASES = {}
CODE = "int x_f(void) { return 1; }"
WANT = "int x_f(void);"


def case(made):
    CASES[made.__name__] = made
    return made


def declares(level, where):
    def made(b):
        flags = ["-z", f"x86-64-{level}"]
        x = b.lib("/a/libx.so", CODE, flags=flags if where == "library" else [])
        b.prog(WANT, "x_f()", needed=[x], runpath=f"{b.at}/a", flags=flags if where == "program" else [])
        b.expect(None)
    CASES[f"{level}_declared_by_the_{where}"] = made


for level in ("baseline", "v2", "v3", "v4"):
    declares(level, "program")
declares("v3", "library")


@case
def two_libraries_declare(b):
    """The one that is relocated first is told."""
    one = b.lib("/a/libone.so", flags=["-z", "x86-64-v2"])
    two = b.lib("/a/libtwo.so", flags=["-z", "x86-64-v4"])
    b.prog(needed=[one, two], runpath=f"{b.at}/a", flags=["-z", "x86-64-v3"])
    b.expect(None)


@case
def hwcaps_directories(b):
    for level in ("v2", "v3", "v4"):
        b.lib(f"/a/glibc-hwcaps/x86-64-{level}/libx.so", CODE)
    b.prog(WANT, "x_f()", needed=[b.lib("/a/libx.so", CODE)], runpath=f"{b.at}/a")


@case
def only_in_the_v3_directory(b):
    b.lib("/a/glibc-hwcaps/x86-64-v3/libx.so", CODE)
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE)], runpath=f"{b.at}/a", flags=["-z", "now"])
    b.expect(None)


@case
def legacy_directories(b):
    for folder in ("haswell", "haswell/x86_64", "tls/haswell", "x86_64"):
        b.lib(f"/a/{folder}/libx.so", CODE)
    b.prog(WANT, "x_f()", needed=[b.lib("/a/libx.so", CODE)], runpath=f"{b.at}/a")


def platform(b):
    b.lib("/opt/haswell/libx.so")
    b.lib("/opt/x86_64/libx.so")
    b.prog(needed=["libx.so"], runpath=f"{b.at}/opt/$PLATFORM")


CASES["platform_token"] = platform


def executes(name, instruction):
    def made(b):
        b.prog(body=f"__asm__ volatile(\"{instruction.replace('%', '%%')}\" ::: \"memory\", \"rax\")")
        b.expect(None)
        b.code = True
    CASES[name] = made


executes("executes_popcnt", "popcnt %rax, %rax")
executes("executes_sse4_2", "crc32q %rax, %rax")
executes("executes_ssse3", "pshufb %xmm0, %xmm0")
executes("executes_avx", "vaddps %ymm0, %ymm0, %ymm0")
executes("executes_avx2", "vpaddd %ymm0, %ymm0, %ymm0")
executes("executes_bmi2", "rorx $1, %rax, %rax")
executes("executes_movbe", "movbe (%rsp), %rax")
executes("executes_fma", "vfmadd132ps %ymm0, %ymm0, %ymm0")


@case
def executes_avx2_behind_a_check(b):
    b.prog("static int has(void) { unsigned a = 7, c = 0, d, x; __asm__ volatile(\"cpuid\" : \"+a\"(a), \"=b\"(x), \"+c\"(c), \"=d\"(d)); return x >> 5 & 1; }",
           "if (has()) __asm__ volatile(\"vpaddd %ymm0, %ymm0, %ymm0\")")
    b.code = True
