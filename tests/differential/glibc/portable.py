"""Cases for any machine: every path begins with the place of the case, and files are changed only where all ELF files are alike."""
CASES = {}
CODE = "int x_f(void) { return 1; }"
WANT = "int x_f(void);"


def case(made):
    CASES[made.__name__] = made
    return made


def set_bytes(path, offset, data):
    content = bytearray(path.read_bytes())
    content[offset:offset + len(data)] = data
    path.write_bytes(content)


@case
def nothing_needed(b):
    b.prog()


@case
def missing_library(b):
    b.prog(needed=["libx.so"])
    b.expect(127)


@case
def runpath_finds(b):
    b.prog(WANT, "x_f()", needed=[b.lib("/a/libx.so", CODE)], runpath=f"{b.at}/a")


@case
def rpath_is_inherited(b):
    b.prog(needed=[b.lib("/a/libtop.so", needed=[b.lib("/a/liblow.so")])], rpath=f"{b.at}/a")


@case
def runpath_is_not_inherited(b):
    b.prog(needed=[b.lib("/a/libtop.so", needed=[b.lib("/a/liblow.so")])], runpath=f"{b.at}/a")
    b.expect(127)


@case
def library_path(b):
    b.prog(needed=[b.lib("/a/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = f"{b.at}/none:{b.at}/a"


@case
def origin(b):
    b.prog(needed=[b.lib("/app/libx.so")], runpath="$ORIGIN/app")


@case
def lib_token(b):
    b.prog(needed=[b.lib(f"/opt/{b.lib_token}/libx.so")], runpath=f"{b.at}/opt/$LIB")


@case
def platform_token(b):
    b.lib(f"/opt/{b.platform or 'none'}/libx.so")
    b.prog(needed=["libx.so"], runpath=f"{b.at}/opt/$PLATFORM")
    b.expect(None)


def legacy(name, *folders):
    def made(b):
        for folder in folders:
            b.lib(f"/a/{folder}/libx.so")
        b.prog(needed=[b.lib("/a/libx.so")], runpath=f"{b.at}/a")
    CASES[name] = made


legacy("legacy_tls", "tls")
legacy("legacy_atomics", "atomics", "tls/atomics")
legacy("legacy_vfp", "vfp", "neon", "neon/vfp")
legacy("legacy_neon_vfp", "tls/v8l/neon/vfp", "vfp")
legacy("legacy_platform", "aarch64", "v8l", "v7l", "riscv64")
legacy("hwcaps_of_another_machine", "glibc-hwcaps/x86-64-v2", "glibc-hwcaps/power9")


@case
def other_machine_is_passed_over(b):
    set_bytes(b.lib("/one/libx.so"), 18, b"\x3e\0")
    b.prog(needed=[b.lib("/two/libx.so")], runpath=f"{b.at}/one:{b.at}/two")


@case
def other_machine_only(b):
    set_bytes(b.lib("/one/libx.so"), 18, b"\x3e\0")
    b.prog(needed=["libx.so"], runpath=f"{b.at}/one")
    b.expect(127)


@case
def other_class_only(b):
    path = b.lib("/one/libx.so")
    set_bytes(path, 4, bytes([3 - path.read_bytes()[4]]))
    b.prog(needed=["libx.so"], runpath=f"{b.at}/one")
    b.expect(127)


@case
def other_byte_order_stops(b):
    set_bytes(b.lib("/one/libx.so"), 5, b"\x02")
    b.prog(needed=[b.lib("/two/libx.so")], runpath=f"{b.at}/one:{b.at}/two")
    b.expect(127)


@case
def osabi_stops(b):
    set_bytes(b.lib("/one/libx.so"), 7, b"\x09")
    b.prog(needed=[b.lib("/two/libx.so")], runpath=f"{b.at}/one:{b.at}/two")
    b.expect(127)


@case
def osabi_of_arm(b):
    set_bytes(b.lib("/one/libx.so"), 7, b"\x40")
    b.prog(needed=[b.lib("/two/libx.so")], runpath=f"{b.at}/one:{b.at}/two")
    b.expect(None)


@case
def text_stops(b):
    b.put("/one/libx.so", "a text that is longer than the sixty-four bytes of the header of an ELF file, or fifty-two\n")
    b.prog(needed=[b.lib("/two/libx.so")], runpath=f"{b.at}/one:{b.at}/two")
    b.expect(127)


@case
def empty_file_stops(b):
    b.put("/one/libx.so", "")
    b.prog(needed=[b.lib("/two/libx.so")], runpath=f"{b.at}/one:{b.at}/two")
    b.expect(127)


@case
def object_file_stops(b):
    set_bytes(b.lib("/one/libx.so"), 16, b"\x01\0")
    b.prog(needed=[b.lib("/two/libx.so")], runpath=f"{b.at}/one:{b.at}/two")
    b.expect(127)


def flags(name, place, byte):
    def made(b):
        wide = 48 if b.bits == 64 else 36
        path = b.lib("/one/libx.so")
        set_bytes(path, wide + place, bytes([path.read_bytes()[wide + place] ^ byte]))
        b.prog(needed=["libx.so"], runpath=f"{b.at}/one")
        b.expect(None)
    CASES[name] = made


flags("float_abi_in_flags", 0, 0x06)
flags("compressed_code_in_flags", 0, 0x01)
flags("arm_float_flags", 1, 0x06)
flags("eabi_version_in_flags", 3, 0x05)


@case
def version_missing(b):
    b.lib("/a/libx.so", CODE, script="V0 { x_f; };")
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE, "V1 { x_f; };")], runpath=f"{b.at}/a")
    b.expect(1)


@case
def version_there(b):
    b.prog(WANT, "x_f()", needed=[b.lib("/a/libx.so", CODE, script="V1 { x_f; };")], runpath=f"{b.at}/a")


@case
def symbol_missing(b):
    b.lib("/a/libx.so")
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE)], runpath=f"{b.at}/a", flags=["-z", "now"])
    b.expect(127)


@case
def symbol_missing_lazy(b):
    b.lib("/a/libx.so")
    b.prog(WANT, "x_f()", needed=[("libx.so", CODE)], runpath=f"{b.at}/a", flags=["-z", "lazy"])
    b.lazy = True
    b.expect(127)


@case
def data_missing(b):
    top = b.lib("/a/libtop.so", "extern int gone; int *top = &gone;")
    b.prog(needed=[top], runpath=f"{b.at}/a")
    b.expect(127)


@case
def weak_missing(b):
    b.lib("/a/libx.so")
    b.prog("int x_f(void) __attribute__((weak));", "if (x_f) leave(3)", needed=[("libx.so", CODE)], runpath=f"{b.at}/a")


@case
def copy_of_a_larger_one(b):
    b.lib("/a/libx.so", "int x_d[8] = {1};")
    b.prog("extern int x_d[];", "if (x_d[0] != 1) leave(3)", needed=[("libx.so", "int x_d[4] = {1};")], runpath=f"{b.at}/a", pie=False)


@case
def thread_local(b):
    b.prog("extern __thread int x_t;", "if (x_t != 5) leave(3)", needed=[b.lib("/a/libx.so", "__thread int x_t = 5;")], runpath=f"{b.at}/a",
           cflags=["-ftls-model=initial-exec"])


@case
def thread_local_missing(b):
    b.lib("/a/libx.so")
    b.prog("extern __thread int x_t;", "if (x_t != 5) leave(3)", needed=[("libx.so", "__thread int x_t = 5;")], runpath=f"{b.at}/a",
           cflags=["-ftls-model=initial-exec"])
    b.expect(127)


@case
def hash_style_sysv(b):
    b.prog(WANT, "x_f()", needed=[b.lib("/a/libx.so", CODE, flags=["--hash-style=sysv"])], runpath=f"{b.at}/a", flags=["-z", "now"])


@case
def preload_missing(b):
    b.prog()
    b.environment["LD_PRELOAD"] = "libgone.so"


@case
def preload(b):
    b.lib("/p/libpre.so", CODE)
    b.prog(needed=[b.lib("/a/libx.so")], runpath=f"{b.at}/a")
    b.environment["LD_PRELOAD"] = f"{b.at}/p/libpre.so"


@case
def cycle(b):
    b.lib("/a/libtwo.so", needed=["libone.so"])
    b.prog(needed=[b.lib("/a/libone.so", needed=["libtwo.so"])], rpath=f"{b.at}/a")


@case
def constructor(b):
    x = b.lib("/a/libx.so", "int x_d; __attribute__((constructor)) void init(void) { x_d = 9; } int x_f(void) { return x_d; }")
    b.prog(WANT, "if (x_f() != 9) leave(3)", needed=[x], runpath=f"{b.at}/a")


@case
def pointers(b):
    x = b.lib("/a/libx.so", "int x_d = 7; static int s = 8; int *x_p = &x_d, *x_q = &s; int x_f(void) { return *x_p + *x_q; }")
    b.prog(WANT, "if (x_f() != 15) leave(3)", needed=[x], runpath=f"{b.at}/a")
