#!/usr/bin/env python3
"""`abiscope call --function NAME PROGRAM`, where a function is not called in its ABI's usual way: functions with every attribute a compiler knows,
each returning one of its arguments, and the place the compiler reads that argument from. What no compiler records must be what the
documentation says of it."""
import json
import re
import sys

import differential

CLANG = ["clang-19", "-w"]
TARGETS = {
    "gcc amd64": (["gcc", "-w"], 8), "clang amd64": ([*CLANG, "--target=x86_64-linux-gnu"], 8), "clang mingw64": ([*CLANG, "--target=x86_64-w64-mingw32"], 8),
    "clang i386": ([*CLANG, "--target=i386-linux-gnu"], 4), "clang mingw32": ([*CLANG, "--target=i686-w64-mingw32"], 4), "gcc mingw32": (["i686-w64-mingw32-gcc", "-w"], 4),
    "gcc mingw64": (["x86_64-w64-mingw32-gcc", "-w"], 8), "gcc -mregparm": (["gcc", "-w", "-m32", "-mregparm=3", "-fno-pic"], 4),
    "gcc -mabi=ms": (["gcc", "-w", "-mabi=ms"], 8),
}
# By target: attributes the compiler knows, and whether the answer must be right ("told"), a refusal ("refused"), or one of the two ("places"):
# nothing is recorded of it but where arguments are at the first instruction, and who takes them off the stack cannot be told of others.
ATTRIBUTES = {
    "gcc amd64": {"": "told", "ms_abi": "told", "sysv_abi": "told"},
    "clang amd64": {"": "told", "ms_abi": "told", "sysv_abi": "told", "vectorcall": "refused", "regcall": "refused", "preserve_most": "refused", "preserve_all": "refused"},
    "clang mingw64": {"": "told", "ms_abi": "told", "sysv_abi": "told", "vectorcall": "told", "regcall": "refused"},
    "gcc mingw64": {"": "told", "ms_abi": "told", "sysv_abi": "told"},
    "clang i386": {"": "told", "stdcall": "told", "fastcall": "told", "thiscall": "told", "vectorcall": "told", "regcall": "refused", "regparm(3)": "places"},
    "clang mingw32": {"": "told", "stdcall": "told", "fastcall": "told", "thiscall": "told", "vectorcall": "told", "regcall": "refused"},
    "gcc mingw32": {"": "told", "stdcall": "told", "fastcall": "told", "thiscall": "places", "regparm(3)": "places"},
    "gcc -mregparm": {"": "refused", "stdcall": "refused"},
    "gcc -mabi=ms": {"": "told"},
}
PARAMETERS = 7


def functions(attributes, cxx):
    """(name, attribute, which argument it returns, text)"""
    made = []
    for attribute in attributes:
        word = re.sub(r"\W", "", attribute) or "plain"
        put = f"__attribute__(({attribute})) " if attribute else ""
        for which in range(PARAMETERS):
            parameters = ", ".join(f"int p{i}" for i in range(PARAMETERS))
            name = f"{word}_{which}"
            made.append((name, attribute, which, f"{put}int {name}({parameters}) {{ return p{which}; }}"))
            if cxx:
                method = f"{word}_method_{which}"
                made.append((f"S{method}::m", attribute, which, f"struct S{method} {{ int x; {put}int m({parameters}); }}; int S{method}::m({parameters}) {{ return p{which}; }}"))
    return made


def bodies(text):
    """The instructions of each function of an assembly text, by its label."""
    found, label = {}, None
    for line in text.splitlines():
        if match := re.match(r'^"?([\w@$.]+)"?:', line):
            if not match[1].startswith((".L", "L")):
                label = match[1]
                found[label] = []
        elif label and re.match(r"^\s+[a-z]", line):
            found[label].append(line.split("#")[0].strip())
    return found


def label_of(name, cxx):
    """What is in the label of a function, whatever decorates it."""
    plain = name.split("::")[0]
    return rf"(?:^|\D){len(plain)}{plain}(?:1m|\D|$)" if cxx else rf"(?:^|[_@]){plain}(?:@|$)"


def read_from(body, word):
    """Where `return pN` takes it from: a register's name, or the offset from the stack pointer at entry."""
    names = {"e" + x: "r" + x for x in ("ax", "bx", "cx", "dx", "si", "di")} | {f"r{i}d": f"r{i}" for i in range(8, 16)}
    for line in body:
        if match := re.match(r"movl\s+(-?\d*)\(%[er]sp\), %eax$", line):
            return int(match[1] or 0)
        if match := re.match(r"movl\s+%(\w+), (?:%eax|sink\(%rip\))$", line):
            return names.get(match[1], match[1]) if word == 8 else match[1]
    return "rax" if word == 8 else "eax"


def popped(body):
    return next((int(match[1]) for line in body if (match := re.match(r"ret\w*\s+\$(\d+)", line))), 0)


def check(suite, target, cxx):
    compiler, word = TARGETS[target]
    if cxx:
        compiler = [compiler[0].replace("gcc", "g++").replace("clang-", "clang++-"), *compiler[1:]]
    suite.need(compiler[0])
    made = functions(ATTRIBUTES[target], cxx)
    source = suite.work / (target.replace(" ", "-") + (".cc" if cxx else ".c"))
    source.write_text("\n".join(text for *_, text in made) + "\n")
    assembly, program = source.with_suffix(".s"), source.with_suffix(".o")
    for more in (["-S", "-o", assembly], ["-c", "-o", program]):
        done = differential.run([*compiler, "-g", "-O1", "-fomit-frame-pointer", "-fno-asynchronous-unwind-tables", *more, source], seconds=100)
        suite.equal("the compiler's exit code", 0, done.code, done.err[:500])
    bodies_by_label = bodies(assembly.read_text())
    done = differential.run([suite.options.abiscope, "call", "--json", "--function", "*", program], seconds=100)
    answers = {one["name"]: one for one in json.loads(done.out)["results"]}
    counts = {"told": 0, "refused": 0}
    for name, attribute, which, _ in made:
        kind = ATTRIBUTES[target][attribute]
        # Only of methods does clang say that they are __thiscall, and by that which are not; GCC never does.
        one = answers[name]["conventions"][0]
        title = f"{target}: {name}"
        refused = "error" in one
        counts["refused" if refused else "told"] += 1
        suite.equal(f"{title}: refused", kind == "refused" or kind == "places" and refused, refused, str(one)[:300])
        if refused:
            continue
        labels = [label for label in bodies_by_label if re.search(label_of(name, cxx), label)]
        suite.equal(f"{title}: its label", 1, len(labels), str(list(bodies_by_label)[:9]))
        body = bodies_by_label[labels[0]]
        argument = next(a for a in one["arguments"] if a.get("name") == f"p{which}")
        place = argument["locations"][0]
        ours = place["stack_offset"] + word if place["kind"] == "stack" else place["register"]
        suite.equal(f"{title}: where p{which} is at entry", read_from(body, word), ours, "\n".join(body))
        if kind == "told":
            suite.equal(f"{title}: popped by the callee", popped(body), one["callee_pops"], "\n".join(body))
    print(f"{target}{' c++' if cxx else ''}: {counts['told']} functions as compiled, {counts['refused']} refused", flush=True)


def check_classes(suite):
    """clang records of each class whether it travels in registers."""
    suite.need("clang++-19")
    bodies_of = {"plain": "int a;", "destructor": "int a; ~T();", "copy": "int a; T(const T&);", "defaulted": "int a; T(const T&) = default;", "moved": "int a; T(T&&) = default; T(const T&) = delete;",
                 "trivial_abi": "int a; T(const T&); ~T();", "virtual_": "virtual void f(); int a;", "deleted": "int a; T(const T&) = delete;"}
    lines = []
    for name, body in bodies_of.items():
        attribute = "[[clang::trivial_abi]] " if name == "trivial_abi" else ""
        lines.append(f"namespace {name} {{ struct {attribute}T {{ {body} }}; int f(T t) {{ return t.a; }} }}")
    source = suite.work / "classes.cc"
    source.write_text("\n".join(lines) + "\n")
    for more in (["-S", "-o", source.with_suffix(".s")], ["-c", "-o", source.with_suffix(".o")]):
        done = differential.run(["clang++-19", "-w", "-g", "-O1", "-fno-asynchronous-unwind-tables", "-fstandalone-debug", *more, source], seconds=100)
        suite.equal("the compiler's exit code", 0, done.code, done.err[:500])
    assembly = bodies(source.with_suffix(".s").read_text())
    done = differential.run([suite.options.abiscope, "call", "--json", "--function", "*::f", "--abi", "sysv-amd64/clang-19", source.with_suffix(".o")], seconds=100)
    for one in json.loads(done.out)["results"]:
        name, *inner = one["name"].split("::")
        if inner != ["f"]:   # the class's own
            continue
        body = next(lines for label, lines in assembly.items() if label.startswith(f"_ZN{len(name)}{name}1fE"))
        by_reference = any(re.match(r"movl\s+\d*\(%rdi\), %eax", line) for line in body)
        suite.equal(f"{name}: by reference", by_reference, one["conventions"][0]["arguments"][0]["passed"] != "directly", "\n".join(body))


# What a program's own profile is; None: no answer, as there is no profile of it. With and without names that a language decorates.
PROFILES = {"x86_64-pc-windows-msvc": "win64-msvc/clang-19", "i686-pc-windows-msvc": "win32-msvc/clang-19", "x86_64-w64-mingw32": "win64-mingw/clang-19",
            "i686-w64-mingw32": "win32-mingw/clang-19", "armv7-linux-gnueabihf": "aapcs32/clang-19", "armv7-linux-gnueabi": "aapcs32-base/clang-19"}


def check_profiles(suite):
    suite.need("clang-19", "clang++-19")
    for triple, wanted in PROFILES.items():
        for compiler, ending in (("clang-19", "c"), ("clang++-19", "cc")):
            source = suite.work / f"profile-{triple}.{ending}"
            source.write_text("double f(double a) { return a + 1; }\n")
            program = source.with_suffix(".o")
            done = differential.run([compiler, f"--target={triple}", "-w", "-gdwarf", "-O1", "-c", "-o", program, source], seconds=100)
            suite.equal("the compiler's exit code", 0, done.code, done.err[:500])
            done = differential.run([suite.options.abiscope, "call", "--json", "--function", "f", program], seconds=100)
            suite.equal(f"{triple}, {ending}: exit code", 0 if wanted else 3, done.code, done.err[:300])
            found = [one["profile"] for result in json.loads(done.out)["results"] for one in result["conventions"]]
            suite.equal(f"{triple}, {ending}: the program's own profile", [wanted] if wanted else [], found[:1])


def check_vectors(suite):
    """What a unit was compiled with decides where a vector of 32 bytes travels; where it is neither recorded nor to be seen at the first instruction,
    the answer says what it takes for granted."""
    suite.need("gcc", "clang-19")
    source = suite.work / "vectors.c"
    source.write_text("typedef float v8 __attribute__((vector_size(32)));\nv8 f(v8 a) { return a; }\n")
    for compiler, switches, in_register in (("gcc", ["-mavx"], True), ("gcc", ["-march=x86-64-v3"], True), ("gcc", [], False),
                                                      ("clang-19", ["-mavx", "-grecord-command-line"], True), ("clang-19", ["-mavx"], True),
                                                      ("clang-19", ["-mavx", "-O0"], False)):
        program = source.with_suffix(".o")
        done = differential.run([compiler, "-O1", *switches, "-w", "-g", "-c", "-o", program, source], seconds=100)
        suite.equal("the compiler's exit code", 0, done.code, done.err[:500])
        done = differential.run([suite.options.abiscope, "call", "--json", "--function", "f", program], seconds=100)
        own = json.loads(done.out)["results"][0]["conventions"][0]
        title = f"{compiler} {' '.join(switches)}"
        suite.equal(f"{title}: in ymm0", in_register, [place.get("register") for place in own["arguments"][-1]["locations"]] == ["ymm0"], str(own)[:600])
        suite.equal(f"{title}: what is assumed", not in_register, "compiled without -mavx" in json.dumps(own), str(own)[:600])


VIRTUAL_BASES = """
int sink;
struct V { int v; };
struct D : virtual V { D(int x, int z); ~D(); void usual(int x, int z); int d; };
D::D(int x, int z) { sink = z; }
D::~D() { sink = 1; }
void D::usual(int x, int z) { sink = z; }
"""
# By title: compiler, bytes of a register, text, and by function its label in the assembly and whether the answer must be right ("told") or a
# refusal ("refused"). Each function returns its argument `z`.
ODDITIES = {
    "gcc, a union without its members": (["gcc", "-w", "-fno-pic"], 8, """
typedef union { int i; float f; } T __attribute__((transparent_union));
struct S { short a; T u; };
int travels(T t, int z) { return z; }
int in_struct(struct S s, int z) { return z; }
int behind_pointer(T *t, struct S *s, int z) { return z; }""", {"travels": ("travels", "refused"), "in_struct": ("in_struct", "refused"),
                                                                                            "behind_pointer": ("behind_pointer", "told")}),
    "gcc -malign-double": (["gcc", "-w", "-m32", "-fno-pic", "-malign-double"], 4, """
struct S { int a; double b; }; struct F { int a; float b; };
int wide(struct S s, int z) { return z; }
int narrow(struct F f, int z) { return z; }
int behind_pointer(struct S *s, int z) { return z; }""",
                           {"wide": ("wide", "refused"), "narrow": ("narrow", "told"), "behind_pointer": ("behind_pointer", "told")}),
    # clang records a `this` in front of each.
    "clang, explicit objects": (["clang++-19", "-w", "-std=c++23"], 8, """
struct X { long a; int by_value(this X self, int z); int by_reference(this const X &self, int z); int operator[](this X self, int z); int usual(int z); static int alone(int z); };
int X::by_value(this X self, int z) { return z; }
int X::by_reference(this const X &self, int z) { return z; }
int X::operator[](this X self, int z) { return z; }
int X::usual(int z) { return z; }
int X::alone(int z) { return z; }""", {
    "X::by_value": ("_ZNH1X8by_valueES_i", "told"),
        "X::by_reference": ("_ZNH1X12by_referenceERKS_i", "told"),
        "X::operator[]": ("_ZNH1XixES_i", "told"),
        "X::usual": ("_ZN1X5usualEi", "told"),
        "X::alone": ("_ZN1X5aloneEi", "told")}),
    # Their argument z goes into `sink`. Under its plain name GCC's record is that of both constructors, and says of neither what it takes.
    "gcc, virtual bases": (["g++", "-w", "-fno-pic"], 8, VIRTUAL_BASES, {"D::D": ("", "refused"), "D::~D": ("", "refused"), "_ZN1DC1Eii": ("_ZN1DC1Eii", "told"), "_ZN1DC2Eii": ("_ZN1DC2Eii", "told"), "D::usual": ("_ZN1D5usualEii", "told")}),
    "clang, virtual bases": (["clang++-19", "-w"], 8, VIRTUAL_BASES, {"D::D": ("_ZN1DC2Eii", "told"), "_ZN1DC1Eii": ("_ZN1DC1Eii", "told"), "D::usual": ("_ZN1D5usualEii", "told")}),
    "gcc, functions it calls of its own accord": (["g++", "-w", "-fno-pic", "-mno-sse"], 8, """
int *make() { return new int(1); }
int usual(int a, int z) { return z; }""", {"operator new": ("", "refused"), "usual": ("_Z5usualii", "told")}),
    "gcc -mlong-double-128": (["gcc", "-w", "-fno-pic", "-mlong-double-128"], 8, """
int quad(long double a, int z) { return z; }
int usual(double a, int z) { return z; }
int behind_pointer(long double *a, int z) { return z; }""", {"quad": ("quad", "refused"), "usual": ("usual", "told"), "behind_pointer": ("behind_pointer", "told")}),
    "gcc -msoft-float": (["gcc", "-w", "-fno-pic", "-m32", "-msoft-float"], 4, """
double sum(double a, double b) { return a + b; }
int usual(int a, int z) { return z; }""", {"sum": ("sum", "refused"), "__adddf3": ("", "refused"), "usual": ("usual", "told")}),
    "gcc -mno-fp-ret-in-387": (["gcc", "-w", "-fno-pic", "-m32", "-mno-fp-ret-in-387"], 4, """
float given(float a) { return a; }
int usual(int a, int z) { return z; }""", {"given": ("given", "refused"), "usual": ("usual", "told")}),
    "gcc -mpreferred-stack-boundary=3": (["gcc", "-w", "-fno-pic", "-mno-sse", "-mpreferred-stack-boundary=3"], 8, """
int usual(int a, int z) { return z; }""", {"usual": ("usual", "told")}),
    # Nothing but the places of arguments at the first instruction tells.
    "gcc -m32, a function of its unit alone": (["gcc", "-w", "-m32", "-fno-pic"], 4, """
static __attribute__((noinline)) int within(int a, int b, int z) { return a * b + z; }
int user(int a, int z) { within(3, a, z); return z; }
int other(int a, int b) { return within(a, 2, a) + within(3, a, b); }""", {"within": ("", "refused"), "user": ("user", "told")}),
    "clang -m32, a function of its unit alone": (["clang-19", "-w", "-m32"], 4, """
static __attribute__((noinline)) int within(int a, int b, int z) { return a * b + z; }
int user(int a, int z) { return z; }
int other(int a, int b) { return within(a, 2, a) + within(3, a, b); }""", {"within": ("", "refused"), "user": ("user", "told")}),
    "gcc, an attribute": (["gcc", "-w", "-fno-pic"], 8, """
__attribute__((ms_abi)) int of_windows(int a, int z) { return z; }
int usual(int a, int z) { return z; }""", {"of_windows": ("of_windows", "told"), "usual": ("usual", "told")}),
    "clang -mlong-double-64": (["clang-19", "-w", "-m32", "-mlong-double-64"], 4, """
int narrowed(long double a, int z) { return z; }
int usual(double a, int z) { return z; }""", {"narrowed": ("narrowed", "refused"), "usual": ("usual", "told")}),
}


def check_oddity(suite, title):
    """Programs whose records leave out or change something that decides where arguments travel."""
    compiler, word, text, functions_ = ODDITIES[title]
    suite.need(compiler[0])
    source = suite.work / ("oddity-" + re.sub(r"\W", "-", title) + (".cc" if "++" in compiler[0] else ".c"))
    source.write_text(text + "\n")
    for more in (["-S", "-o", source.with_suffix(".s")], ["-c", "-o", source.with_suffix(".o")]):
        done = differential.run([*compiler, "-g", "-O1", "-fomit-frame-pointer", "-fno-asynchronous-unwind-tables", *more, source], seconds=100)
        suite.equal("the compiler's exit code", 0, done.code, done.err[:500])
    assembly = bodies(source.with_suffix(".s").read_text())
    done = differential.run([suite.options.abiscope, "call", "--json", "--function", "*", source.with_suffix(".o")], seconds=100)
    answers = {one["name"]: one["conventions"][0] for one in json.loads(done.out)["results"]}
    for name, (label, kind) in functions_.items():
        one = answers[name]
        suite.equal(f"{name}: refused", kind == "refused", "error" in one, str(one)[:300])
        if kind == "told":
            place = next(a for a in one["arguments"] if a.get("name") == "z")["locations"][0]
            ours = place["stack_offset"] + word if place["kind"] == "stack" else place["register"]
            boundary = next((int(match[1]) for flag in compiler if (match := re.match(r"-mpreferred-stack-boundary=(\d)", flag))), 4)
            suite.equal(f"{name}: the stack's alignment", 1 << boundary, one["stack_alignment"])
            suite.equal(f"{name}: where z is at entry", read_from(assembly[label], word), ours, "\n".join(assembly[label]))


# clang's own assembly: of `D::D(int x, int z)` on Windows x64 z comes in r8 and what says that the object is a whole one in r9; the deleting
# destructor has its flag in rdx; both return the object. An Arm constructor returns it, and its destructor.
STRUCTORS = {
    "x86_64-pc-windows-msvc": {"D::D": ("is_most_derived", "r9", "rax"), "??_GV@@UEAAPEAXI@Z": ("should_call_delete", "rdx", "rax"), "V::~V": (None, None, None)},
    "armv7-linux-gnueabihf": {"_ZN1DC1Eii": ("z", "r2", "r0"), "V::~V": (None, None, "r0"), "_ZN1VD0Ev": (None, None, None)},
    "arm64-apple-macos": {"_ZN1DC1Eii": ("z", "x2", "x0")},
    "x86_64-linux-gnu": {"_ZN1DC1Eii": ("z", "rdx", None)},
}


def check_structors(suite):
    """What constructors and destructors take and return beside what their class declares."""
    suite.need("clang++-19")
    source = suite.work / "structors.cc"
    source.write_text("""struct V { int v; V(); virtual ~V(); };
struct D : virtual V { D(int x, int z); int d; };
V::V() {} V::~V() {} D::D(int x, int z) : d(z) {}
V *make() { return new D(1, 2); }
""")
    for triple, wanted in STRUCTORS.items():
        program = suite.work / f"structors-{triple}.o"
        done = differential.run(["clang++-19", f"--target={triple}", "-w", "-gdwarf", "-O1", "-fno-exceptions", "-fstandalone-debug", "-c", "-o", program, source], seconds=100)
        suite.equal("the compiler's exit code", 0, done.code, done.err[:500])
        done = differential.run([suite.options.abiscope, "call", "--json", "--function", "*", program], seconds=100)
        answers = {one["name"]: one["conventions"][0] for one in json.loads(done.out)["results"]}
        for name, (argument, register, returned) in wanted.items():
            one = answers.get(name, {})
            suite.true(f"{triple}: {name} is told", "arguments" in one, str(one)[:300] or str(list(answers)))
            places = {each.get("name"): [place.get("register") for place in each["locations"]] for each in one["arguments"]}
            if argument:
                suite.equal(f"{triple}: {argument} of {name}", [register], places.get(argument))
            results = one.get("results") or [each for each in [one.get("result")] if each]
            suite.equal(f"{triple}: what {name} returns", [returned] if returned else [], [place["register"] for each in results for place in each["locations"]])


suite = differential.Suite(__doc__)
for wanted_target in TARGETS:
    for with_methods in (False, True):
        title = wanted_target + (" c++" if with_methods else "")
        if suite.wanted(title) and not (with_methods and wanted_target == "gcc -mregparm"):
            with suite.case(title):
                check(suite, wanted_target, with_methods)
if suite.wanted("classes"):
    with suite.case("classes"):
        check_classes(suite)
for name, check_one in {"profiles": check_profiles, "vectors": check_vectors, "structors": check_structors}.items():
    if suite.wanted(name):
        with suite.case(name):
            check_one(suite)
for name in ODDITIES:
    if suite.wanted(name):
        with suite.case(name):
            check_oddity(suite, name)
sys.exit(suite.finish())
