"""How the programs of crash_zoo.py are built: compilers and flags, by the name of the way."""

# name: compiler, flags
FLAVOURS = {
    "gcc-O0": ("gcc", ["-O0", "-g"]),
    "gcc-O2": ("gcc", ["-O2"]),
    "gcc-O2-fp": ("gcc", ["-O2", "-fno-omit-frame-pointer", "-mno-omit-leaf-frame-pointer"]),
    "gcc-O2-stripped": ("gcc", ["-O2", "-s"]),
    "gcc-O1-static": ("gcc", ["-O1", "-static"]),
    "clang-O0": ("clang-19", ["-O0", "-g"]),
    "clang-O2": ("clang-19", ["-O2", "-fno-pie", "-no-pie"]),
    "clang-O2-stripped": ("clang-19", ["-O2", "-s", "-Wl,--build-id=none"]),
}
ALL = tuple(FLAVOURS)

# Programs with a sanitizer in them: their ways to be built are their own.
SANITIZED = {
    "asan-gcc": ("gcc", ["-g", "-O1", "-fsanitize=address"]),
    "asan-gcc-static": ("gcc", ["-O1", "-fsanitize=address", "-static-libasan"]),
    "asan-clang": ("clang-19", ["-g", "-O0", "-fsanitize=address"]),
    "asan-clang-shared": ("clang-19", ["-O1", "-fsanitize=address", "-shared-libsan"]),
    "asan-gcc-static-stripped": ("gcc", ["-O1", "-s", "-fsanitize=address", "-static-libasan"]),
    "asan-clang-stripped": ("clang-19", ["-O1", "-s", "-fsanitize=address"]),
    "ubsan-gcc": ("gcc", ["-g", "-O1", "-fsanitize=undefined", "-fno-sanitize-recover=all"]),
    "ubsan-gcc-static": ("gcc", ["-O1", "-fsanitize=undefined", "-fno-sanitize-recover=all", "-static-libubsan"]),
    "ubsan-clang": ("clang-19", ["-O0", "-fsanitize=undefined", "-fno-sanitize-recover=all"]),
    "ubsan-clang-stripped": ("clang-19", ["-O2", "-s", "-fsanitize=undefined", "-fno-sanitize-recover=all"]),
    "ubsan-asan-gcc": ("gcc", ["-O1", "-fsanitize=undefined,address", "-fno-sanitize-recover=all"]),
    "ubsan-asan-clang": ("clang-19", ["-O1", "-fsanitize=undefined,address", "-fno-sanitize-recover=all"]),
    "ubsan-minimal": ("clang-19", ["-O1", "-fsanitize=undefined", "-fsanitize-minimal-runtime", "-fno-sanitize-recover=all"]),
    "trap-gcc": ("gcc", ["-O1", "-fsanitize=undefined", "-fsanitize-undefined-trap-on-error"]),
    "trap-clang-O0": ("clang-19", ["-O0", "-g", "-fsanitize=undefined", "-fsanitize-trap=undefined"]),
    "trap-clang-O2": ("clang-19", ["-O2", "-s", "-fsanitize=undefined", "-fsanitize-trap=undefined"]),
    "tsan-gcc": ("gcc", ["-g", "-O1", "-fsanitize=thread"]),
    "tsan-clang": ("clang-19", ["-O1", "-fsanitize=thread"]),
    "msan-clang": ("clang-19", ["-O1", "-fsanitize=memory"]),
    "msan-clang-stripped": ("clang-19", ["-O1", "-s", "-fsanitize=memory"]),
    "lsan-gcc": ("gcc", ["-O1", "-fsanitize=leak"]),
    "lsan-clang": ("clang-19", ["-O1", "-fsanitize=leak"]),
}
SANITIZER_OPTIONS = "abort_on_error=1:halt_on_error=1:disable_coredump=0:detect_leaks=1"
SANITIZER_ENVIRONMENT = {f"{name}_OPTIONS": SANITIZER_OPTIONS for name in ("ASAN", "UBSAN", "TSAN", "MSAN", "LSAN")}

# Linked without the C library.
BARE = {
    "bare-gcc": ("gcc", ["-O1", "-g"]),
    "bare-gcc-packed": ("gcc", ["-O2", "-Wl,-z,pack-relative-relocs"]),
    "bare-clang": ("clang-19", ["-O0", "-fuse-ld=bfd"]),
    "bare-clang-stripped": ("clang-19", ["-O2", "-s", "-fuse-ld=bfd", "-Wl,-z,pack-relative-relocs"]),
}

# Of 32 bits, and with another C library.
OTHERS = {
    "gcc-m32": ("gcc", ["-m32", "-O1", "-msse2"]),
    "clang-m32": ("clang-19", ["-m32", "-O0", "-g", "-msse2"]),
    "musl": ("musl-gcc", ["-O1", "-g"]),
    "musl-static": ("musl-gcc", ["-O1", "-static"]),
}
# With nothing but what is in them.
ALONE = {"alone-gcc": ("gcc", ["-O1"]), "alone-clang": ("clang-19", ["-O1"])}

# Without anything that says how to leave a function.
UNTOLD = {"untold-gcc": ("gcc", ["-O2", "-fno-asynchronous-unwind-tables", "-fomit-frame-pointer"])}

# With calls through a register that are made as a return.
RETPOLINES = {
    "retpoline-gcc": ("gcc", ["-O2", "-mindirect-branch=thunk"]),
    "retpoline-inline": ("gcc", ["-O2", "-mindirect-branch=thunk-inline"]),
    "retpoline-clang": ("clang-19", ["-O2", "-mretpoline"]),
}
# With returns by a jump to one.
THUNKS = {"thunk-gcc": ("gcc", ["-O2", "-mfunction-return=thunk"]), "thunk-both": ("gcc", ["-O2", "-mfunction-return=thunk", "-mindirect-branch=thunk"])}

# Where large frames touch each of their pages.
PROBED = {"probed-gcc": ("gcc", ["-O2", "-fstack-clash-protection"]), "probed-clang": ("clang-19", ["-O0", "-g", "-fstack-clash-protection"])}

# With the C++ library of LLVM.
LIBCXX = {"libcxx": ("clang", ["-O1", "-g", "-std=c++17", "-stdlib=libc++"])}

WAYS = {**FLAVOURS, **SANITIZED, **BARE, **OTHERS, **ALONE, **UNTOLD, **RETPOLINES, **THUNKS, **PROBED, **LIBCXX}

COMMON = ["-w", "-pthread", "-Wno-error"]
PER_SOURCE = {
    "control.c": ["-fno-stack-protector", "-fcf-protection=none"],
    "instructions.c": ["-lm"],
    "language.cc": ["-fno-builtin", "-D_GLIBCXX_ASSERTIONS"],
    "heap.c": ["-fno-builtin"],   # a compiler that knows free() takes stores in front of it for dead, and leaves out a second one
    "arena.c": ["-nostdlib", "-static", "-no-pie", "-ffreestanding", "-fno-stack-protector"],
    "unrelocated.c": ["-nostdlib", "-static-pie", "-fPIE", "-fno-stack-protector", "-ffreestanding", "-fcf-protection=none"],
    "others.c": ["-fno-builtin", "-fno-stack-protector"],
    "aborts.c": ["-ftrapv", "-D_FORTIFY_SOURCE=2", "-fstack-protector-all"],
}
