"""The ABIs of the calling-convention test: which compiler speaks for each, and what its types can hold."""
import dataclasses

import calls_machine as machines
from calls_run import Abi
from calls_types import leaves

COMMON = {"bit_fields": 1, "packed": 1, "aligned": 1, "empty": 1, "complex": 1, "anonymous": 1, "empty_arrays": 1, "vectors": [8, 16]}
LINUX64 = COMMON | {"wide": 1}
AMD64 = LINUX64 | {"half": 1, "float128": 1, "vectors": [4, 8, 16, 32, 64]}
WINDOWS64 = LINUX64 | {"vectors": [16]}
WINDOWS32 = COMMON | {"vectors": [16]}

GCC = ["-fno-pie", "-fno-tree-loop-distribute-patterns"]
WINDOWS_X86 = ["-mno-stack-arg-probe", "-fno-pic"]


def _clang(triple, *more):
    return ["clang-19", f"--target={triple}", *more]


def _expanded_float(signature):
    """clang 19 hands a small struct of scalars to the code generator member by member, and vectorcall on 32-bit x86 then puts a float of it into a
    vector register, ahead of what is entitled to it."""
    def expands(type_):
        words = {"int", "unsigned int", "long", "unsigned long", "long long", "unsigned long long", "float", "double", "long double"}
        if type_.kind != "record" or type_.union or not type_.fields:
            return False
        basic = [f.type.target if f.type.kind == "complex" else f.type for f in type_.fields]
        fits = all(f.width is None and (t.kind in ("pointer", "enumeration") or (t.kind == "scalar" and t.name in words)) for f, t in zip(type_.fields, basic))
        return fits and any(t.is_float for t in basic)
    return any(expands(p) for p in signature.parameters)


def _fourth_vector(signature):
    """clang 19 for MinGW: with a vector on the stack the caller expects the callee to pop a multiple of 16, and the callee pops what there is."""
    return sum(p.kind == "vector" for p in signature.parameters) > 3


def _inside(type_):
    """The type and every one that it holds."""
    yield type_
    for held in [*type_.bases, *(f.type for f in type_.fields), *([type_.target] if type_.target else [])]:
        yield from _inside(held)


def _asks_for_16(type_):
    """Whether it holds a vector, or something that an attribute aligns to 16 or more."""
    return any(t.kind == "vector" or t.alignment >= 16 or any(f.alignment >= 16 for f in t.fields) for t in _inside(type_))


def _variadic_apple(signature):
    """clang 19 for Apple arm64: the caller stores a _Float16 for `...` as a double, and va_arg reads two bytes; it puts a homogeneous aggregate that is
    aligned to 16 into the next 8 bytes, and va_arg looks for it at a multiple of 16."""
    rest = signature.parameters[signature.named:] if signature.named is not None else []
    return any((p.kind == "scalar" and p.name == "_Float16") or (p.kind == "record" and _asks_for_16(p)) for p in rest)


def _union_of_vectors(signature):
    """clang 19 with -mavx: an array of two vectors has no class, and with a vector beside it in a union the 32 bytes pass for one vector."""
    def holds(type_):
        if type_.kind == "array":
            return holds(type_.target)
        if type_.kind != "record":
            return False
        kinds = [f.type.kind if f.type.kind != "array" else f"array of {f.type.target.kind}" for f in type_.fields]
        return (type_.union and any(k == "vector" for k in kinds) and any(k.startswith("array of ") for k in kinds)) or any(holds(f.type) for f in type_.fields)
    return any(holds(p) for p in [*signature.parameters, *([signature.result] if signature.result else [])])


def _x87_result(signature):
    """clang 19 for Windows x64, sysv_abi: x87 registers are in its own intermediate code, and its code generator has the result stored instead."""
    kinds = [leaf.target or leaf for _, leaf, _ in leaves(signature.result)] if signature.result else []
    return any(kind.name == "long double" for kind in kinds)


def _aligned_by_32(signature):
    """GCC 12 for Windows x64 aligns the stack to 16 and no further (PR 54412), whatever an argument by value asks for."""
    def asks(type_):
        own = type_.kind == "vector" and type_.count > 16
        return own or type_.alignment > 16 or any(field.alignment > 16 or asks(field.type) for field in type_.fields) or (type_.target is not None and asks(type_.target))
    return any(asks(p) for p in signature.parameters)


def _misplaced_pair(signature):
    """clang 19 for RISC-V. Of a result that is a packed struct of a float and a bit-field which ends with the struct, the caller drops the bit-field: the
    register would be stored past the end. Beside a _BitInt whose bytes are no power of two the float is read and written behind its place."""
    def packs(type_):
        return any(t.kind == "record" and (t.packed or t.pack) and any(f.width for f in t.fields) for t in _inside(type_))
    def odd(type_):
        return type_.kind == "record" and any(t.kind == "bit_int" and t.count not in (8, 16, 32, 64) for t in _inside(type_)) and any(t.is_float for t in _inside(type_))
    records = [*signature.parameters, *([signature.result] if signature.result else [])]
    return (signature.result is not None and packs(signature.result)) or any(odd(t) for t in records)


def _copied_in_place(signature):
    """clang 19 for 32-bit Microsoft constructs a class that has a copy constructor in the argument's place, as if that were aligned as the class
    is; the place is aligned to 4, and an aligned store of a vector ends the program."""
    return any(p.kind == "record" and any(t.members for t in _inside(p)) and _asks_for_16(p) for p in signature.parameters)


def _bit_int(abi):
    """clang alone has _BitInt, and not everywhere above 128 bits."""
    if "clang" not in abi.name:
        return abi
    return dataclasses.replace(abi, features=abi.features | {"bit_int": 128 if any(name in abi.name for name in ("arm", "aapcs", "riscv")) else 256})


def _cxx(abi):
    """The same ABI with classes."""
    compiler = [name.replace("gcc", "g++") if "gcc" in name else name for name in abi.compiler]
    access = ["-fno-access-control"] if "gcc" in abi.compiler[0] else ["-Xclang", "-fno-access-control"]
    features = {name: value for name, value in abi.features.items() if not (name == "half" and "gcc" in abi.name)} | {"trivial_abi": 1}
    known = _copied_in_place if abi.name.startswith("win32-msvc") else abi.known
    return dataclasses.replace(abi, compiler=[*compiler, "-std=c++17", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", *access], language="cxx",
                               features=features, label=f"{abi.name} c++", known=known)


C_ABIS = [
    Abi("sysv-amd64/gcc-12", ["gcc-12", *GCC], machines.X86_64, x87=True, features=AMD64),
    Abi("sysv-amd64/clang-19", _clang("x86_64-linux-gnu", "-fno-pie"), machines.X86_64, x87=True, features=AMD64),
    Abi("sysv-amd64/gcc-12", ["gcc-12", "-mavx", *GCC], machines.X86_64_AVX, x87=True, features=AMD64, flags=["-mavx"], label="sysv-amd64/gcc-12 -mavx"),
    Abi("sysv-amd64/clang-19", _clang("x86_64-linux-gnu", "-mavx", "-fno-pie"), machines.X86_64_AVX, x87=True, features=AMD64, flags=["-mavx"],
        label="sysv-amd64/clang-19 -mavx", known=_union_of_vectors),
    Abi("win64-mingw/gcc-12", ["x86_64-w64-mingw32-gcc", *GCC, "-mno-stack-arg-probe"], machines.X86_64, "pe", x87=True, features=WINDOWS64,
        entry="__attribute__((sysv_abi))"),
    Abi("win64-mingw/clang-19", _clang("x86_64-w64-mingw32", *WINDOWS_X86), machines.X86_64, "pe", x87=True, features=WINDOWS64,
        entry="__attribute__((sysv_abi))"),
    Abi("win64-msvc/clang-19", _clang("x86_64-pc-windows-msvc", *WINDOWS_X86), machines.X86_64, "pe", features=WINDOWS64,
        entry="__attribute__((sysv_abi))"),
    Abi("sysv-amd64/gcc-12", ["gcc-12", *GCC], machines.X86_64, x87=True, features=WINDOWS64, attribute="ms_abi", convention="ms_abi"),
    Abi("sysv-amd64/clang-19", _clang("x86_64-linux-gnu", "-fno-pie"), machines.X86_64, x87=True, features=WINDOWS64, attribute="ms_abi", convention="ms_abi"),
    Abi("win64-mingw/gcc-12", ["x86_64-w64-mingw32-gcc", *GCC, "-mno-stack-arg-probe"], machines.X86_64, "pe", x87=True, features=WINDOWS64,
        entry="__attribute__((sysv_abi))", attribute="sysv_abi", convention="sysv_abi", known=_aligned_by_32),
    Abi("win64-mingw/clang-19", _clang("x86_64-w64-mingw32", *WINDOWS_X86), machines.X86_64, "pe", x87=True, features=WINDOWS64,
        entry="__attribute__((sysv_abi))", attribute="sysv_abi", convention="sysv_abi", known=_x87_result),
    Abi("aapcs64/gcc-12", ["aarch64-linux-gnu-gcc", *GCC], machines.ARM64, features=LINUX64 | {"half": 1}),
    Abi("aapcs64/clang-19", _clang("aarch64-linux-gnu", "-fno-pie"), machines.ARM64, features=LINUX64 | {"half": 1}),
    Abi("apple-arm64/clang-19", _clang("arm64-apple-macosx14.0.0"), machines.ARM64, "macho", features=LINUX64 | {"half": 1}, known=_variadic_apple),
    Abi("win-arm64/clang-19", _clang("aarch64-pc-windows-msvc", "-mno-stack-arg-probe"), machines.ARM64, "pe", features=LINUX64),
    Abi("lp64d-riscv64/gcc-12", ["riscv64-linux-gnu-gcc", *GCC, "-mno-relax", "-mcmodel=medany"], machines.RISCV64, features=LINUX64),
    Abi("lp64d-riscv64/clang-19", _clang("riscv64-linux-gnu", "-fno-pie", "-mno-relax", "-mcmodel=medany", "-march=rv64gc", "-mabi=lp64d"), machines.RISCV64,
        features=LINUX64 | {"half": 1}, known=_misplaced_pair),
    Abi("sysv-i386/gcc-12", ["gcc-12", "-m32", "-msse2", *GCC], machines.I386, x87=True, features=COMMON | {"vectors": [16], "float128": 1}),
    Abi("sysv-i386/clang-19", _clang("i386-linux-gnu", "-msse2", "-fno-pie"), machines.I386, x87=True, features=COMMON | {"vectors": [16]}),
    Abi("aapcs32/gcc-12", ["arm-linux-gnueabihf-gcc", "-marm", "-mfpu=neon", *GCC], machines.ARM, features=COMMON),
    Abi("aapcs32/clang-19", _clang("armv7-linux-gnueabihf", "-marm", "-mfpu=neon", "-fno-pie"), machines.ARM, features=COMMON),
    Abi("aapcs32-base/gcc-12", ["arm-linux-gnueabihf-gcc", "-marm", "-mfpu=neon", "-mfloat-abi=softfp", *GCC], machines.ARM_BASE, features=COMMON),
    Abi("aapcs32-base/clang-19", _clang("armv7-linux-gnueabi", "-marm", "-mfpu=neon", "-mfloat-abi=softfp", "-fno-pie"), machines.ARM_BASE, features=COMMON),
    Abi("win32-msvc/clang-19", _clang("i686-pc-windows-msvc", "-msse2", *WINDOWS_X86), machines.I386, "pe", features=WINDOWS32),
    Abi("win32-mingw/gcc-12", ["i686-w64-mingw32-gcc", "-msse2", *GCC, "-mno-stack-arg-probe"], machines.I386, "pe", x87=True, features=WINDOWS32,
        link=["/lldmingw"]),
    Abi("win32-mingw/clang-19", _clang("i686-w64-mingw32", "-msse2", *WINDOWS_X86), machines.I386, "pe", x87=True, features=WINDOWS32, link=["/lldmingw"]),
    # By attribute. A variadic function has none of these.
    *[Abi("sysv-i386/gcc-12", ["gcc-12", "-m32", "-msse2", *GCC], machines.I386, x87=True, features=COMMON | {"vectors": [16]}, attribute=name, convention=name,
          variadic=False, first_pointer=name == "thiscall") for name in ("stdcall", "fastcall", "thiscall")],
    *[Abi("win32-msvc/clang-19", _clang("i686-pc-windows-msvc", "-msse2", *WINDOWS_X86), machines.I386, "pe", features=WINDOWS32, attribute=name,
          convention=name if name != "vectorcall" else "vectorcall32", variadic=False, first_pointer=name == "thiscall", known=_expanded_float if name == "vectorcall" else None)
      for name in ("stdcall", "fastcall", "thiscall", "vectorcall")],
    *[Abi("win32-mingw/clang-19", _clang("i686-w64-mingw32", "-msse2", *WINDOWS_X86), machines.I386, "pe", x87=True, features=WINDOWS32, link=["/lldmingw"],
          attribute=name, convention=name, variadic=False, first_pointer=name == "thiscall", known=_fourth_vector) for name in ("stdcall", "fastcall", "thiscall")],
    *[Abi("win32-mingw/gcc-12", ["i686-w64-mingw32-gcc", "-msse2", *GCC, "-mno-stack-arg-probe"], machines.I386, "pe", x87=True, features=WINDOWS32,
          link=["/lldmingw"], attribute=name, convention=name, variadic=False, first_pointer=name == "thiscall") for name in ("stdcall", "fastcall", "thiscall")],
    Abi("win64-msvc/clang-19", _clang("x86_64-pc-windows-msvc", *WINDOWS_X86), machines.X86_64, "pe", features=WINDOWS64, entry="__attribute__((sysv_abi))",
        attribute="vectorcall", convention="vectorcall64", variadic=False),
]

C_ABIS = [_bit_int(abi) for abi in C_ABIS]

ABIS = C_ABIS + [_cxx(abi) for abi in C_ABIS if not abi.attribute and not abi.flags]
