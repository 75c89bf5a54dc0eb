#!/usr/bin/env python3
"""`abiscope call --function` of programs in Rust: functions of extern "C" are called from C and check what arrives, so that the same prototype in
C is their truth; of both abiscope must say the same, of Rust on the condition that is not recorded. What is not extern "C" must be refused
where the recorded places show it."""
import json
import re
import sys

import differential

# By Rust's name: C's name and how the n-th value is written in both.
SCALARS = {
    "i8": ("signed char", lambda n: -(n % 100) - 1), "u8": ("unsigned char", lambda n: n % 200 + 1), "i16": ("short", lambda n: -1000 - n),
    "u32": ("unsigned", lambda n: 4000000000 + n), "i32": ("int", lambda n: -70000 - n), "i64": ("long long", lambda n: -(1 << 40) - n),
    "u64": ("unsigned long long", lambda n: (1 << 63) + n), "usize": ("unsigned long long", lambda n: 99999 + n), "bool": ("_Bool", lambda n: 1),
    "u128": ("unsigned __int128", lambda n: (n << 64) + 77 + n), "f32": ("float", lambda n: n + 0.5), "f64": ("double", lambda n: n + 0.25),
    "*const u8": ("const unsigned char *", lambda n: 0x1000 + n), "Option<&'static i32>": ("const int *", lambda n: 0x2000 + 4 * n),
    "Option<extern \"C\" fn(i32) -> i32>": ("int (*)(int)", lambda n: 0x3000 + n), "Option<std::num::NonZeroU32>": ("unsigned", lambda n: n + 1),
    "Kind": ("enum Kind", lambda n: 7),
}
# Records: their attribute in both languages, and their members.
RECORDS = {
    "One": ("#[repr(C)]", "", ["f32"]),
    "Two": ("#[repr(C)]", "", ["i32", "f64"]),
    "Floats": ("#[repr(C)]", "", ["f32", "f32", "f32"]),
    "Small": ("#[repr(C)]", "", ["u8", "i16"]),
    "Three": ("#[repr(C)]", "", ["i32", "i32", "i32"]),
    "Mixed": ("#[repr(C)]", "", ["f64", "u8", "f32"]),
    "Large": ("#[repr(C)]", "", ["i64", "i64", "f64"]),
    "Wide": ("#[repr(C)]", "", ["u128"]),
    "Packed": ("#[repr(C, packed)]", "__attribute__((packed))", ["u8", "f64"]),
    "Packed2": ("#[repr(C, packed(2))]", "__attribute__((packed, aligned(2)))", ["i16", "i32", "i16"]),
    "Aligned": ("#[repr(C, align(16))]", "__attribute__((aligned(16)))", ["u8", "i32"]),
    "Nested": ("#[repr(C)]", "", ["Small", "f32"]),
    "Callback": ("#[repr(C)]", "", ["*const u8", "Option<extern \"C\" fn(i32) -> i32>"]),
    "Plain": ("", "", ["f64"]),   # not #[repr(C)]
    "Transparent": ("#[repr(transparent)]", "", ["f64"]),
}
NOT_OF_C = {"Plain", "Transparent"}   # C has what they hold
SIGNATURES = {
    "integers": (["i8", "u8", "i16", "u32", "i32", "i64", "u64", "usize"], "i64"),
    "floats": (["f32", "f64"] * 5, "f32"),
    "mixed": (["i32", "f64", "bool", "f32", "Kind", "i8"], "bool"),
    "wide": (["u8", "u128", "u128", "u128", "u8"], "u128"),
    "pointers": (["*const u8", "Option<&'static i32>", "Option<extern \"C\" fn(i32) -> i32>", "Option<std::num::NonZeroU32>"], "Option<&'static i32>"),
    "small_records": (["Small", "i32", "Three", "Floats"], "Three"),
    "mixed_records": (["Two", "Mixed", "u8", "Two", "Two"], "Mixed"),
    "large_records": (["i32", "Large", "u8"], "Large"),
    "float_record": (["Floats", "Floats", "f64"], "Floats"),
    "wide_record": (["u8", "Wide", "Aligned", "Wide", "u8"], "Wide"),
    "packed_records": (["u8", "Packed", "Packed2", "i32"], "Packed"),
    "aligned_record": (["i32", "Aligned", "i32"], "Aligned"),
    "nested_record": (["Nested", "i32", "Nested"], "Nested"),
    "callback_record": (["i32", "Callback"], "Callback"),
    "one_member": (["One", "i32", "One"], "One"),
    "newtype": (["Plain", "i32", "f64"], "Plain"),
    "transparent": (["i32", "Transparent"], "Transparent"),
    "nothing": (["i32"], ""),
}
# Where a record of one member travels otherwise than what it holds; both are possible of a program that records neither.
OPEN = {"one_member", "newtype", "transparent", "wide_record"}
# Before Rust 1.78 integers of 128 bits do not travel as C's on x86.
WIDE = {"wide", "wide_record"}
WIDE_AS_IN_C = 78
# What clang 19 does not do as GCC and rustc do: it takes a register that an __int128 leaves from later arguments, too.
PARTED = {"wide": "sysv-amd64/clang-19"}
OTHERS = ["win64-msvc/clang-19", "aapcs64/clang-19", "apple-arm64/clang-19", "lp64d-riscv64/clang-19"]
BESIDE = """
pub struct Reordered { a: u8, b: u32, c: u8 }
#[no_mangle] pub extern "C" fn reordered(a: Reordered) -> u32 { a.b + u32::from(a.a) + u32::from(a.c) }
#[no_mangle] pub extern "C" fn array(a: [i32; 5]) -> i32 { a[4] }
#[no_mangle] pub extern "C" fn variants(a: Option<i32>) -> i32 { a.unwrap_or(3) }
#[no_mangle] pub extern "win64" fn of_windows(a: i32, b: f64) -> f64 { f64::from(a) + b }
#[no_mangle] pub extern "sysv64" fn of_unix(a: i32, b: f64) -> f64 { f64::from(a) - b }
#[no_mangle] pub fn of_rust(a: i32, b: &mut i32) { *b = a }
#[inline(never)] pub extern "C" fn mangled(a: i32, b: f64) -> f64 { f64::from(a) * b }
#[used] static KEPT: extern "C" fn(i32, f64) -> f64 = mangled;
#[export_name = "renamed"] pub extern "C" fn named(a: i32) -> i32 { a ^ 5 }
"""


class Texts:
    """A value of each type: how Rust and C write it, and how they say that another has its members."""

    def __init__(self):
        self.count = 0

    def c_type(self, name):
        if name in NOT_OF_C:
            return self.c_type(RECORDS[name][2][0])
        return SCALARS[name][0] if name in SCALARS else f"struct {name}"

    def c_declaration(self, name, inner):
        kind = self.c_type(name)
        return kind.replace("(*)", f"(*{inner})") if "(*)" in kind else f"{kind} {inner}"

    def value(self, name):
        """Leaves of the value, in order: (path in Rust, path in C, text in Rust, text in C)."""
        if name in SCALARS:
            self.count += 1
            number = SCALARS[name][1](self.count)
            rust, c = str(number), str(number)
            if name == "bool":
                rust = "true"
            elif name == "Kind":
                rust, c = "Kind::B", "B"
            elif name == "u128":
                c = f"((unsigned __int128){number >> 64} << 64 | {number & (1 << 64) - 1})"
            elif name == "u64":
                c += "ul"
            elif name == "*const u8":
                rust = f"{number}usize as *const u8"
                c = f"(const unsigned char *){number}"
            elif name.startswith("Option<&"):
                rust = f"unsafe {{ std::mem::transmute::<usize, {name}>({number}) }}"
                c = f"(const int *){number}"
            elif name.startswith("Option<extern"):
                rust = f"unsafe {{ std::mem::transmute::<usize, {name}>({number}) }}"
                c = f"(int (*)(int)){number}"
            elif name.startswith("Option<std"):
                rust = f"std::num::NonZeroU32::new({number})"
            return [("", "", rust, c)]
        leaves = []
        for i, member in enumerate(RECORDS[name][2]):
            of_c = "" if name in NOT_OF_C else f".m{i}"
            leaves += [(f".m{i}" + path, of_c + c_path, rust, c) for path, c_path, rust, c in self.value(member)]
        return leaves

    def rust_literal(self, name, leaves):
        if name in SCALARS:
            return leaves.pop(0)[2]
        members = ", ".join(f"m{i}: {self.rust_literal(member, leaves)}" for i, member in enumerate(RECORDS[name][2]))
        return f"{name} {{ {members} }}"


def rust_differs(path, text):
    """A condition that is true where the member is not as it should be."""
    if "transmute" in text:
        return f"unsafe {{ std::mem::transmute::<_, usize>({{{path}}}) }} != unsafe {{ std::mem::transmute::<_, usize>({text}) }}"
    return f"{{{path}}} as i32 != 7" if text == "Kind::B" else f"{{{path}}} != {text}"


def rust_release():
    """The 63 of "rustc 1.63.0"."""
    return int(re.match(r"rustc 1\.(\d+)", differential.run(["rustc", "--version"]).out)[1])


def texts(unlike_c):
    """`unlike_c`: functions that must not be called from C."""
    made = Texts()
    rust = ["#![crate_type = \"staticlib\"]", "#![allow(improper_ctypes_definitions, dead_code)]",
            "#[repr(C)] #[derive(Clone, Copy)] pub enum Kind { A = 1, B = 7 }"]
    c = ["enum Kind { A = 1, B = 7 };"]
    for name, (attribute, c_attribute, members) in RECORDS.items():
        rust.append(f"{attribute} #[derive(Clone, Copy)] pub struct {name} {{ " + ", ".join(f"m{i}: {m}" for i, m in enumerate(members)) + " }")
        if name not in NOT_OF_C:
            c.append(f"struct {c_attribute} {name} {{ " + " ".join(made.c_declaration(m, f"m{i}") + ";" for i, m in enumerate(members)) + " };")
    calls = []
    for number, (name, (parameters, result)) in enumerate(SIGNATURES.items(), 1):
        values = [made.value(p) for p in parameters]
        answer = made.value(result) if result else []
        checks = " ".join(f"if {rust_differs(f'p{i}{path}', text)} {{ std::process::exit({number}); }}" for i, leaves in enumerate(values) for path, _, text, _ in leaves)
        arguments = ", ".join(f"p{i}: {p}" for i, p in enumerate(parameters))
        rust.append(f"#[no_mangle] pub extern \"C\" fn {name}({arguments}) {'-> ' + result if result else ''} {{ {checks} {made.rust_literal(result, list(answer)) if result else ''} }}")
        prototype = ", ".join(made.c_declaration(p, f"p{i}") for i, p in enumerate(parameters))
        c.append((made.c_type(result) if result else "void") + f" {name}({prototype});")
        setting = " ".join(f"a{i}{path} = {text};" for i, leaves in enumerate(values) for _, path, _, text in leaves)
        variables = " ".join(made.c_declaration(p, f"a{i}") + ";" for i, p in enumerate(parameters))
        call = f"{name}({', '.join(f'a{i}' for i in range(len(parameters)))})"
        looks = " ".join(f"if (r{path} != {text}) return {number + 100};" for _, path, _, text in answer)
        if name not in unlike_c:
            calls.append(f"{{ {variables} {setting} {made.c_declaration(result, 'r') + ' = ' if result else ''}{call}; {looks} }}")
    twins = [line.replace(";", " { __builtin_trap(); }") if "(" in line and line.endswith(");") else line for line in c]
    return "\n".join(rust) + BESIDE, "\n".join(c) + "\nint main(void) {\n" + "\n".join(calls) + "\nreturn 0; }\n", "\n".join(twins) + "\n"


def places(one):
    """What a caller must do, without the words for it."""
    def of(value):
        return value and (value["passed"], value["locations"])
    return [of(argument) for argument in one["arguments"]], of(one["result"]), one["stack_arguments"]


def answers(suite, program, code, *more):
    done = differential.run([suite.options.abiscope, "call", "--json", "--function", "*", program, *more], seconds=100)
    suite.equal("the exit code", code, done.code, done.err[:500])
    return {one["name"].split("::")[-1]: {each["profile"]: each for each in one["conventions"]} for one in json.loads(done.out)["results"]}


def compiled(suite, *command):
    done = differential.run(list(command), seconds=200)
    suite.equal(f"{command[0]}'s exit code", 0, done.code, done.err[:2000])


def check(suite, optimised):
    suite.need("rustc", "gcc", "clang-19")
    unlike_c = WIDE if rust_release() < WIDE_AS_IN_C else set()
    rust_text, caller, twin_text = texts(unlike_c)
    stem = suite.work / ("optimised" if optimised else "plain")
    rust, c, twin = stem.with_suffix(".rs"), stem.with_suffix(".c"), suite.work / (stem.name + "_twin.c")
    rust.write_text(rust_text)
    c.write_text(caller)
    twin.write_text(twin_text)
    switches = ["-g", "-C", "panic=abort", "-C", f"opt-level={2 if optimised else 0}", "-C", "codegen-units=1"]
    archive, program, object_ = stem.with_suffix(".a"), stem.with_suffix(".elf"), stem.with_suffix(".o")
    compiled(suite, "rustc", *switches, "-A", "warnings", f"--emit=link={archive},obj={object_}", rust)
    compiled(suite, "gcc", "-w", "-O1", "-o", program, c, archive, "-lpthread", "-ldl", "-lm")
    suite.equal("what the functions of Rust saw of C's arguments (its number), and C of their results (100 more)", 0, differential.run([program]).code)
    compiled(suite, "clang-19", "-w", "-g", "-O1", "-c", "-o", twin.with_suffix(".o"), twin)
    profiles = ["--abi", ",".join(["sysv-amd64/clang-19", *OTHERS])]
    ours, theirs = answers(suite, object_, 3, *profiles), answers(suite, twin.with_suffix(".o"), 0, *profiles)
    told, open_ = 0, 0
    for name in SIGNATURES:
        for profile, wanted in theirs[name].items():
            got = ours[name][profile]
            title = f"{name}, {profile}"
            if "error" in got:
                wanted_words = "before 1.78" if name in unlike_c else "depends on the compiler" if PARTED.get(name) == profile else "transparent" if name in OPEN and profile != "sysv-amd64/clang-19" else "no refusal"
                suite.true(f"{title}: refused", wanted_words in str(got["error"]), str(got))
                open_ += 1
                continue
            told += 1
            suite.equal(title, places(wanted), places(got))
            suite.true(f"{title}: its condition", "extern \"C\"" in got["condition"]["only_if"], str(got)[:500])
            suite.equal(f"{title}: seen at its first instruction", optimised and name not in PARTED,
                        any("at its first instruction" in line for line in got["condition"]["evidence"]), str(got["condition"]))
    check_beside(suite, ours, optimised)
    print(f"{stem.name}: {told} calls as C's, {open_} open", flush=True)


def check_beside(suite, ours, optimised):
    own = {name: profiles["sysv-amd64/clang-19"] for name, profiles in ours.items()}
    for name in ("reordered", "array", "variants"):
        suite.true(f"{name}: refused", "error" in own[name], str(own[name])[:500])
    # Only optimised code records where arguments are at the first instruction.
    suite.equal("of_windows: refused", optimised, "error" in own["of_windows"], str(own["of_windows"])[:500])
    for name, words in {"of_unix": "not mangled", "of_rust": "not mangled", "mangled": "is mangled", "named": "export_name"}.items():
        suite.true(f"{name}: told on a condition", "condition" in own[name], str(own[name])[:500])
        suite.true(f"{name}: its evidence", words in str(own[name]["condition"]["evidence"]), str(own[name]["condition"]))


def main():
    suite = differential.Suite(__doc__)
    for optimised in (False, True):
        name = "optimised" if optimised else "plain"
        if suite.wanted(name):
            with suite.case(name):
                check(suite, optimised)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
