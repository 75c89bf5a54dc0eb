#!/usr/bin/env python3
"""`abiscope call` of functions in source text: what is found by its name (redeclared, of headers, of an included header), and where values of templates
travel that nobody instantiated before, against the place the compilers read them from."""
import json
import re
import sys

import differential

FLAGS = ["-w", "-O1", "-fomit-frame-pointer", "-fno-asynchronous-unwind-tables", "-fcf-protection=none", "-fno-stack-protector", "-S", "-o", "-"]
COMPILERS = {"sysv-amd64/gcc-12": "g++", "sysv-amd64/clang-19": "clang++-19"}
HEADERS = ["array", "atomic", "functional", "initializer_list", "map", "memory", "optional", "string", "string_view", "tuple", "utility", "variant", "vector"]
OWN = """
template <class T> struct V { T a, b; };
template <class T> struct B { T x; ~B() {} };
template <class T> struct D : B<T> { V<T> more; };
template <class T, int N> struct Many { V<T> all[N]; };
"""
TYPES = ["V<int>", "V<double>", "V<V<float>>", "B<int>", "D<char>", "Many<char, 3>", "Many<float, 9>", "std::optional<int>", "std::optional<std::string>", "std::pair<int, double>",
         "std::pair<V<char>, std::optional<char>>", "std::tuple<int, float>", "std::tuple<>", "std::array<float, 3>", "std::array<std::optional<int>, 2>", "std::vector<V<int>>",
         "std::unique_ptr<int>", "std::shared_ptr<int>", "std::weak_ptr<V<int>>", "std::function<void(int)>", "std::variant<int, double>", "std::variant<int, std::string>",
         "std::initializer_list<int>", "std::basic_string<char16_t>", "std::basic_string_view<char>", "std::map<int, int>", "std::atomic<int>"]
# Of several special members of one kind the constraints (C++20) choose.
CONSTRAINED = """
template <bool B> struct Copied { Copied(const Copied&) requires B {} Copied(const Copied&) requires (!B) = default; int a; };
template <bool B> struct Destroyed { ~Destroyed() requires B {} ~Destroyed() requires (!B) = default; int a; };
template <bool B> struct Moved { Moved(Moved&&) requires B {} Moved(Moved&&) requires (!B) = default; Moved(const Moved&) = default; float a; };
"""
CONSTRAINED_TYPES = [f"{name}<{value}>" for name in ("Copied", "Destroyed", "Moved") for value in ("true", "false")] + [
    "std::variant<int, float>", "std::variant<std::monostate, double>", "std::variant<std::monostate>", "std::variant<int, std::string>", "std::optional<int>", "std::optional<std::string>",
    "std::expected<int, int>", "std::expected<double, int>", "std::expected<std::string, int>", "std::pair<int, float>"]
NAMES = {"edi": "rdi", "esi": "rsi", "edx": "rdx", "ecx": "rcx", "r8d": "r8", "r9d": "r9"}


def call(suite, *arguments, code=0):
    done = differential.run([suite.options.abiscope, "call", "--json", *arguments], seconds=100)
    suite.equal(f"exit code of {' '.join(map(str, arguments))}", code, done.code, done.err[:500])
    return done.json()


def place(answer, name):
    argument = next(one for one in answer["arguments"] if one.get("name") == name)
    found = argument["locations"][0]
    return found["stack_offset"] if found["kind"] == "stack" else found["register"]


def bodies(text):
    """The instructions of each function of an assembly text, by its name."""
    found, label = {}, None
    for line in text.splitlines():
        if match := re.match(r"^(\w+):", line):
            label = match[1]
            found[label] = []
        elif label and re.match(r"^\s+[a-z]", line):
            found[label].append(line.split("#")[0].strip())
    return found


def matched(pattern, lines):
    return next((match[1] for line in lines if (match := re.match(pattern, line))), None)


def check_templates(suite, profile, standard, headers, own, types):
    suite.need(COMPILERS[profile])
    prelude = "".join(f"#include <{name}>\n" for name in headers) + own
    header = suite.work / f"templates-{standard}.cc"
    header.write_text(prelude)
    path = suite.work / f"{profile.replace('/', '-')}-{standard}.cc"
    path.write_text(prelude + "void *out;\n" + "".join(f"""extern "C" int k{i}({kind} z, int k, double d) {{ return k; }}
extern "C" double d{i}({kind} z, int k, double d) {{ return d; }}
extern "C" void a{i}({kind} z, int k, double d) {{ out = (void*)&z; }}
""" for i, kind in enumerate(types)))
    done = differential.run([COMPILERS[profile], f"-std={standard}", *FLAGS, path], seconds=300)
    suite.equal("the compiler's exit code", 0, done.code, done.err[:1000])
    compiled = bodies(done.out)
    # Declarations alone: a body that holds the type by value would have instantiated it.
    declared = header.with_name(f"declarations-{standard}.cc")
    declared.write_text(prelude + "".join(f'extern "C" int f{i}({kind} z, int k, double d);\n' for i, kind in enumerate(types)))
    found = {one["name"]: one for one in call(suite, "--from", declared, "--function", "f*", "--abi", profile, "--", f"-std={standard}")["results"]}
    # One by one they are asked as signatures behind a header: a few of them, each takes as long as all.
    alone = suite.random.sample(range(len(types)), 5)
    for i, kind in enumerate(types):
        title = f"{profile} {standard}: {kind}"
        answer = found[f"f{i}"]["conventions"][0]
        if i in alone:
            signature = call(suite, "--from", header, f"int f{i}({kind} z, int k, double d)", "--abi", profile, "--", f"-std={standard}")["results"][0]["conventions"][0]
            suite.equal(f"{title}: as a signature", answer, signature)
        register = matched(r"movl\s+%(\w+), %eax$", compiled[f"k{i}"])
        suite.equal(f"{title}: where k is", NAMES.get(register, register), place(answer, "k"), "\n".join(compiled[f"k{i}"]))
        register = matched(r"movap[sd]\s+%(xmm\d), %xmm0$", compiled[f"d{i}"]) or "xmm0"
        suite.equal(f"{title}: where d is", register, place(answer, "d"), "\n".join(compiled[f"d{i}"]))
        by_reference = matched(r"(movq)\s+%rdi, (out|\(%rax\))", compiled[f"a{i}"]) is not None
        passed = next(one for one in answer["arguments"] if one.get("name") == "z")["passed"]
        suite.equal(f"{title}: by reference", by_reference, passed not in ("directly", "ignored"), "\n".join(compiled[f"a{i}"]))
    print(f"{profile} {standard}: {len(types)} templates as compiled", flush=True)


def check_refused(suite):
    """A template that cannot be instantiated is refused alone, with clang's words; the compilers accept its name in a declaration."""
    text = "template <class T> struct N { static_assert(sizeof(T) > 8); T a; }; template <class T> struct U; void n(N<int>); void u(U<int>); void good(N<long double>);"
    results = {one["name"]: one["conventions"][0] for one in call(suite, "--lang", "c++", "-e", text, "--abi", "sysv-amd64", code=3)["results"]}
    suite.equal("functions", ["good", "n", "u"], sorted(results))
    suite.true("why N<int> is refused", "static assertion failed" in results["n"]["error"]["message"], str(results["n"]))
    suite.true("why U<int> is refused", "U<int> is declared, but not defined" in results["u"]["error"]["message"], str(results["u"]))
    suite.true("N<long double>", "error" not in results["good"], str(results["good"]))


def check_names(suite):
    """Every function that a symbol of the compiled text stands for is found, and those of headers by their name."""
    suite.need("gcc", "nm")
    (suite.work / "own.h").write_text("struct S { int k; }; int f(struct S *); int only_declared(int);\n")
    source = suite.work / "own.c"
    source.write_text('#include "own.h"\nint g(int); int g(int named) { return named; }\nstatic int helper(int a) { return a; }\nint f(struct S *s) { return helper(s->k); }\n')
    done = differential.run(["gcc", "-c", "-o", suite.work / "own.o", source])
    suite.equal("the compiler's exit code", 0, done.code, done.err)
    symbols = sorted(line.split()[2] for line in differential.run(["nm", suite.work / "own.o"]).out.splitlines())
    found = call(suite, "--from", source, "--abi", "sysv-amd64")["results"]
    suite.equal("functions of the file", symbols, sorted(one["name"] for one in found))
    for name in ("f", "only_declared"):
        suite.equal(f"--function {name}", [name], [one["name"] for one in call(suite, "--from", source, "--function", name, "--abi", "sysv-amd64")["results"]])
    for header, name, signature in (("unistd.h", "close", "int close(int here)"), ("string.h", "memcpy", "void *memcpy(void *to, const void *here, __SIZE_TYPE__ n)")):
        by_name = call(suite, "-e", f"#include <{header}>", "--function", name, "--abi", "sysv-amd64")["results"]
        suite.equal(f"--function {name} of <{header}>", [name], [one["name"] for one in by_name])
        again = call(suite, "-e", f"#include <{header}>", signature, "--abi", "sysv-amd64")["results"]
        suite.equal(f"{signature} behind <{header}>", [(name, True)], [(one["name"], "here" in json.dumps(one)) for one in again])
    # The signature is what is asked about, also where the name was there before.
    again = call(suite, "-e", "int a(int); int b(int);", "int a(int here)", "--abi", "sysv-amd64")["results"]
    suite.equal("a redeclared signature", [("a", True)], [(one["name"], "here" in json.dumps(one)) for one in again])
    overload = call(suite, "--lang", "c++", "-e", "void a(int);", "void a(double x)", "--abi", "sysv-amd64")["results"][0]["conventions"][0]
    suite.equal("an overload as the signature", "xmm0", place(overload, "x"))


EXPLICIT_OBJECTS = """struct X { long a; int by_value(this X self, int z); int by_reference(this const X &self, int z); int operator[](this X self, int z); int usual(int z); static int alone(int z); };
int X::by_value(this X self, int z) { return z; }
int X::by_reference(this const X &self, int z) { return z; }
int X::operator[](this X self, int z) { return z; }
int X::usual(int z) { return z; }
int X::alone(int z) { return z; }
"""
EXPLICIT_LABELS = {"X::by_value": "_ZNH1X8by_valueES_i", "X::by_reference": "_ZNH1X12by_referenceERKS_i", "X::operator[]": "_ZNH1XixES_i", "X::usual": "_ZN1X5usualEi", "X::alone": "_ZN1X5aloneEi"}


def check_explicit_objects(suite):
    """An explicit object parameter (`this X self`) is a parameter, and no `this` travels beside it."""
    suite.need("clang++-19")
    source = suite.work / "explicit.cc"
    source.write_text(EXPLICIT_OBJECTS)
    compiled = bodies(differential.run(["clang++-19", "-std=c++23", *FLAGS, source], seconds=100).out)
    answers = {one["name"]: one["conventions"][0] for one in call(suite, "--from", source, "--function", "X::*", "--abi", "sysv-amd64/clang-19", "--", "-std=c++23")["results"]}
    for name, label in EXPLICIT_LABELS.items():
        register = matched(r"movl\s+%(\w+), %eax$", compiled[label])
        suite.equal(f"{name}: where z is", NAMES.get(register, register), place(answers[name], "z"), "\n".join(compiled[label]))


def check_attributes(suite):
    """What an attribute of the function decides: refused, or as compiled."""
    before = ["", "char a", "int a, short b", "int a, int b, int c", "long long a", "int a, long long b", "int a, int b, long long c", "double a", "float a, void *b",
              "double a, int b, int c, int d", "long long a, long long b", "_Bool a, float b, double c"]
    for compiler, flags, abi in (("gcc", ["-m32", "-fno-pic"], "sysv-i386/gcc-12"), ("clang-19", ["--target=i386-linux-gnu"], "sysv-i386/clang-19"),
                                 ("clang-19", ["--target=i686-pc-windows-msvc"], "win32-msvc/clang-19"), ("i686-w64-mingw32-gcc", [], "win32-mingw/gcc-12")):
        suite.need(compiler)
        declared = [f"__attribute__((regparm({count}))) int f{count}_{i}({first}{', ' if first else ''}int z)" for count in (1, 2, 3) for i, first in enumerate(before)]
        path = suite.work / "regparm.c"
        path.write_text("".join(f"{one} {{ return z; }}\n" for one in declared))
        compiled = {name.lstrip("_"): lines for name, lines in bodies(differential.run([compiler, *flags, *FLAGS, path], seconds=100).out).items()}
        for one in call(suite, "--from", path, "--abi", abi)["results"]:
            lines = compiled[one["name"]]
            on_stack = matched(r"movl\s+(\d+)\(%esp\), %eax$", lines)
            register = matched(r"movl\s+%(\w+), %eax$", lines) or "eax"
            suite.equal(f"{abi}: {one['name']}", int(on_stack) - 4 if on_stack else register, place(one["conventions"][0], "z"), "\n".join(lines))
    text = """struct S { int a; }; __attribute__((regparm(3))) int record(struct S s, int z); __attribute__((regparm(3))) int more(int z, ...);
__attribute__((regparm(2), stdcall)) int popped(int z);"""
    results = {one["name"]: one["conventions"][0] for one in call(suite, "-e", text, "--abi", "sysv-i386", code=3)["results"]}
    for name, one in results.items():
        suite.true(f"{name} is refused", "regparm" in one.get("error", {}).get("message", ""), str(one))
    # GCC passes `z` in ymm1, clang on the stack.
    text = """typedef float V __attribute__((vector_size(32)));
__attribute__((target("avx"))) V wide(V a, V z); __attribute__((target("avx"))) int narrow(int a, int z);"""
    results = {one["name"]: one["conventions"][0] for one in call(suite, "-e", text, "--abi", "sysv-amd64", code=3)["results"]}
    suite.true("a vector with attribute target", "attribute target" in results["wide"].get("error", {}).get("message", ""), str(results["wide"]))
    suite.equal("an integer with attribute target", "rsi", place(results["narrow"], "z"))


suite = differential.Suite(__doc__)
for profile in COMPILERS:
    if suite.wanted(profile):
        with suite.case(profile):
            check_templates(suite, profile, "c++17", HEADERS, OWN, TYPES)
            check_templates(suite, profile, "c++23", [*HEADERS, "expected"], CONSTRAINED, CONSTRAINED_TYPES)
for name, check in {"refused": check_refused, "names": check_names, "explicit objects": check_explicit_objects, "attributes": check_attributes}.items():
    if suite.wanted(name):
        with suite.case(name):
            check(suite)
sys.exit(suite.finish())
