"""The profiles that layouts are compared under, and the compiler that speaks for each."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Target:
    profile: str
    compiler: str                 # "gcc" or "clang"
    prefix: str = ""              # of gcc's programs: x86_64-w64-mingw32-
    triple: str = ""              # of clang
    flags: tuple = ()
    microsoft: bool = False       # the C++ ABI
    windows: bool = False         # bit-fields of Microsoft's kind
    int128: bool = True
    float128: bool = False
    half: bool = False
    bit_int: int = 0              # widest
    languages: tuple = ("c", "cxx")
    standard: int = 17            # of C++

    @property
    def gcc(self):
        return self.compiler == "gcc"

    def program(self, language):
        if self.gcc:
            return self.prefix + ("gcc" if language == "c" else "g++")
        return "clang-19" if language == "c" else "clang++-19"


def clang(profile, triple, **more):
    standard = f"/c++{more['standard']}" if "standard" in more else ""
    return Target(profile + "/clang-19" + standard, "clang", triple=triple, half="x86" not in triple and "i386" not in triple and "i686" not in triple, **more)


def gcc(profile, prefix="", **more):
    standard = f"/c++{more['standard']}" if "standard" in more else ""
    return Target(profile + "/gcc-12" + standard, "gcc", prefix=prefix, **more)


WIDE = 1024

TARGETS = [
    gcc("sysv-amd64", float128=True, half=True),
    gcc("sysv-i386", flags=("-m32",), int128=False, float128=True),
    gcc("win64-mingw", "x86_64-w64-mingw32-", windows=True, float128=True),
    gcc("win32-mingw", "i686-w64-mingw32-", windows=True, int128=False, float128=True),
    gcc("aapcs64", "aarch64-linux-gnu-", half=True),
    gcc("aapcs32", "arm-linux-gnueabihf-", int128=False),
    gcc("aapcs32-base", "arm-linux-gnueabihf-", flags=("-mfloat-abi=softfp",), int128=False),
    gcc("lp64d-riscv64", "riscv64-linux-gnu-"),
    clang("sysv-amd64", "x86_64-unknown-linux-gnu", float128=True, bit_int=WIDE),
    clang("sysv-i386", "i386-unknown-linux-gnu", int128=False, float128=True, bit_int=WIDE),
    clang("win64-msvc", "x86_64-pc-windows-msvc", microsoft=True, windows=True, bit_int=WIDE),
    clang("win32-msvc", "i686-pc-windows-msvc", microsoft=True, windows=True, int128=False, bit_int=WIDE),
    clang("win64-mingw", "x86_64-w64-windows-gnu", windows=True, float128=True, bit_int=WIDE),
    clang("win32-mingw", "i686-w64-windows-gnu", windows=True, int128=False, float128=True, bit_int=WIDE),
    clang("aapcs64", "aarch64-unknown-linux-gnu", bit_int=128),
    clang("apple-arm64", "arm64-apple-macosx14.0.0", bit_int=128),
    clang("win-arm64", "aarch64-pc-windows-msvc", microsoft=True, windows=True, bit_int=128),
    clang("lp64d-riscv64", "riscv64-unknown-linux-gnu", bit_int=WIDE),
    clang("aapcs32", "armv7-unknown-linux-gnueabihf", int128=False, bit_int=128),
    clang("aapcs32-base", "armv7-unknown-linux-gnueabi", int128=False, bit_int=128),
    # C++20 changed what an aggregate is, and C++11 and C++14 what one with initializers is.
    gcc("sysv-amd64", float128=True, half=True, languages=("cxx",), standard=20),
    gcc("sysv-amd64", float128=True, half=True, languages=("cxx",), standard=11),
    gcc("win64-mingw", "x86_64-w64-mingw32-", windows=True, float128=True, languages=("cxx",), standard=20),
    gcc("aapcs64", "aarch64-linux-gnu-", half=True, languages=("cxx",), standard=20),
    clang("sysv-amd64", "x86_64-unknown-linux-gnu", float128=True, bit_int=WIDE, languages=("cxx",), standard=20),
    clang("apple-arm64", "arm64-apple-macosx14.0.0", bit_int=128, languages=("cxx",), standard=20),
    clang("win64-msvc", "x86_64-pc-windows-msvc", microsoft=True, windows=True, bit_int=WIDE, languages=("cxx",), standard=20),
]
