#!/usr/bin/env python3
"""`abiscope diff` on libraries that were changed in one known way: the rule and class of each change, no change for rebuilds, places and
vtable entries as the compilers themselves measure them, and abidiff's verdict beside it, with the disagreements explained."""
import pathlib
import random
import re
import shutil
import sys

import diff_sources
import differential

COMPILERS = {"gcc": ["gcc"], "clang": ["clang-19"]}
CXX_COMPILERS = {"gcc": ["g++", "-std=c++17"], "clang": ["clang++-19", "-std=c++17", "-fstandalone-debug"]}
WEIGHT = ["harmless", "risky", "unknown", "breaking"]
ABI_CHANGE, INCOMPATIBLE = 4, 8   # exit bits of abidiff
# Where one of us calls a change breaking and abidiff sees no change at all, or the other way round.
EXPLAINED = {
    "C++: no longer trivial": "abidiff does not look at how a class is passed",
    "C++: virtual function at the end": "abidiff calls every change of a vtable incompatible; a new last entry matters to derived classes only",
}


def build(suite, compiler, source, name, *flags, suffix=".c"):
    path = suite.work / (name + suffix)
    path.write_text(source)
    library = path.with_suffix(".so")
    done = differential.run([*compiler, "-g", "-w", "-fPIC", "-shared", *FLAGS, *flags, "-o", library, path], seconds=120)
    suite.equal(f"the compiler's exit code for {name}", 0, done.code, done.err[:800])
    return library


def diff(suite, old, new, *options, accept=(0, 1, 3)):
    done = differential.run([suite.options.abiscope, "diff", "--json", *options, old, new], seconds=120)
    suite.true("exit code", done.code in accept, f"{done.code}: {done.err[:500]}")
    result = done.json()["results"][0]
    suite.equal("exit code for the verdict", {"compatible": 0, "breaking": 1, "unknown": 3}[result["verdict"]], done.code)
    return result


FLAGS = ["-nostdlib"]   # gcc and clang differ in whether libc is named


def shown(result):
    return "\n".join(f"{one['class']} {one['rule']} {one['title']}" for one in result["changes"])


def check_mutation(suite, old, new, rule, weight, verdict):
    result = diff(suite, old, new)
    found = [one for one in result["changes"] if one["rule"].startswith(rule)]
    suite.true(f"{rule} is found", found, shown(result))
    suite.equal(f"class of {rule}", weight, found[0]["class"], shown(result))
    heaviest = max((WEIGHT.index(one["class"]) for one in result["changes"]), default=0)
    suite.true("nothing weighs more than the change that was made", verdict == "breaking" or WEIGHT[heaviest] == weight, shown(result))
    suite.equal("verdict", verdict, result["verdict"], shown(result))
    suite.true("every change has a reason", all(one["reason"] and "{" not in one["reason"] + one["title"] for one in result["changes"]), shown(result))
    back = diff(suite, old, old)
    suite.equal("changes of a file against itself", [], back["changes"])
    return result


def compare_with_abidiff(suite, name, old, new, result):
    """Both see a change or both see none. What abidiff calls incompatible is breaking."""
    if not shutil.which("abidiff"):
        suite.missing(f"{name}: abidiff", "abidiff is not installed")
        return
    done = differential.run(["abidiff", "--no-default-suppression", old, new], seconds=120)
    theirs, ours = done.code, result["verdict"] == "breaking"
    agree = (not ours or theirs & ABI_CHANGE) and (ours or not theirs & INCOMPATIBLE)
    if name in EXPLAINED:
        suite.true(f"abidiff still disagrees ({EXPLAINED[name]})", not agree, f"abidiff: {theirs}")
    else:
        suite.true("abidiff agrees", agree, f"abidiff {theirs}, abiscope {result['verdict']}\n{done.out[:1500]}\n{shown(result)}")


def probe(suite, compiler, source, name, members):
    """Offsets of members of struct box, and its size, by running the compiler's own offsetof."""
    lines = "".join(f'    printf("{one} %zu\\n", __builtin_offsetof(struct box, {one}));\n' for one in members)
    path = suite.work / f"{name}-probe.c"
    path.write_text(f"#include <stdio.h>\n{source}\nint main(void) {{\n{lines}    printf(\"= %zu\\n\", sizeof(struct box));\n}}\n")
    program = path.with_suffix("")
    done = differential.run([*compiler, "-w", "-o", program, path], seconds=60)
    suite.equal("the compiler's exit code for the probe", 0, done.code, done.err[:500])
    return {word: int(number) for word, number in (line.split() for line in differential.run([program]).out.splitlines())}


def members_of_box(source):
    body = re.search(r"struct box \{(.*?)\n\}", source, re.DOTALL)[1]
    return re.findall(r"(\w+)(?:\[\d+\])?;", re.sub(r"\w+ \w+ : \d+;", "", body))


def random_box(suite, compiler_name, number):
    """A random change of one struct: what moved is what the compiler says moved."""
    dice = random.Random(f"{suite.options.seed} {compiler_name} {number}")
    source = diff_sources.c_library(dice)
    lines = source.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("struct box {")) + 1
    last = next(i for i in range(first, len(lines)) if lines[i] == "}};" or lines[i] == "};")
    places = [i for i in range(first, last) if re.fullmatch(r"    [\w *]+ m\d+;", lines[i])]
    changed = list(lines)
    kind = dice.choice(["insert", "retype", "remove", "swap"])
    if kind == "insert" or not places:
        changed.insert(dice.randint(first, last), f"    {dice.choice(diff_sources.SCALARS)} fresh;")
    elif kind == "retype":
        at = dice.choice(places)
        changed[at] = re.sub(r"    [\w *]+ (m\d+;)", rf"    {dice.choice(diff_sources.SCALARS)} \1", changed[at])
    elif kind == "remove":
        del changed[dice.choice(places)]
    else:
        at = dice.choice(places)
        changed[at], changed[at + 1] = changed[at + 1], changed[at]
    other = "\n".join(changed) + "\n"
    compiler = COMPILERS[compiler_name]
    name = f"random-{compiler_name}-{number}"
    result = diff(suite, build(suite, compiler, source, name + "-old"), build(suite, compiler, other, name + "-new"))
    before, after = probe(suite, compiler, source, name + "-old", members_of_box(source)), probe(suite, compiler, other, name + "-new", members_of_box(other))
    moved = sorted(one for one in before if one != "=" and one in after and before[one] != after[one])
    of_box = [one for one in result["changes"] if one["subject"] == "struct box"]
    suite.equal("members that moved", moved, sorted(one["arguments"]["field"] for one in of_box if one["rule"] == "DIFF-FIELD-MOVED"), shown(result))
    sizes = [one for one in of_box if one["rule"] in ("DIFF-TYPE-SIZE-CHANGED", "DIFF-FIELD-APPENDED")]
    suite.equal("the size changed", before["="] != after["="], bool(sizes), shown(result))
    if moved:
        suite.equal("verdict where a member moved", "breaking", result["verdict"])


def slots(suite, compiler, source, name):
    """Vtable entries of widget's functions: a pointer to a virtual member function is 1 plus the offset (Itanium C++ ABI 2.3)."""
    path = suite.work / f"{name}-probe.cc"
    names = [one for one in ("draw", "move", "size", "fresh") if re.search(rf"virtual \w+ {one}\(|int {one}\(.*override", source)]
    lines = "".join(f'    {{ auto f = &widget::{one}; long raw[2]; __builtin_memcpy(raw, &f, sizeof raw); if (raw[0] & 1) printf("{one} %ld\\n", raw[0] / 8); }}\n' for one in names)
    path.write_text(f"#include <cstdio>\n{source}\nint main() {{\n{lines}}}\n")
    program = path.with_suffix("")
    done = differential.run([*compiler, "-w", "-o", program, path], seconds=60)
    suite.equal("the compiler's exit code for the probe", 0, done.code, done.err[:500])
    return {word: int(number) for word, number in (line.split() for line in differential.run([program]).out.splitlines())}


def check_slots(suite, compiler, old, new, name, result):
    before, after = slots(suite, compiler, old, name + "-old"), slots(suite, compiler, new, name + "-new")
    moved = sorted(one for one in before if one in after and before[one] != after[one])
    ours = sorted(re.match(r"\w+", one["arguments"]["function"])[0] for one in result["changes"]
                  if one["rule"] == "DIFF-VIRTUAL-FUNCTION-MOVED" and one["subject"].split()[-1] == "widget")
    # A function that overrides one of the base moves there too, and is said of both.
    suite.equal("virtual functions that moved", moved, [one for one in ours if one in before], shown(result))


def check_rebuild(suite, old, new, what, harmless=False):
    result = diff(suite, old, new)
    suite.equal(f"verdict of {what}", "compatible", result["verdict"], shown(result))
    allowed = {"DIFF-INLINE-COPY-REMOVED", "DIFF-SYMBOL-ADDED"} if harmless else set()   # optimisation leaves inline copies out, or needs them
    suite.equal(f"changes of {what}", [], [one["title"] for one in result["changes"] if one["rule"] not in allowed or one["class"] != "harmless"])


def check_baseline(suite, old, new):
    saved = suite.work / (old.name + ".abi")
    done = differential.run([suite.options.abiscope, "diff", "--save", saved, old])
    suite.equal("exit code of --save", 0, done.code, done.err)
    suite.equal("a baseline against NEW, and the file itself", diff(suite, old, new), diff(suite, saved, new))
    suite.equal("OLD against a baseline, and the file itself", diff(suite, new, old), diff(suite, new, saved))


suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--random", type=int, default=10, help="random changes for each compiler"))
source = diff_sources.c_library(random.Random(suite.options.seed))
for name, compiler in COMPILERS.items():
    for number, (what, changes, rule, weight, verdict) in enumerate(diff_sources.C_MUTATIONS):
        case = f"{name}: {what}"
        if not suite.wanted(case):
            continue
        with suite.case(case):
            suite.need(compiler[0])
            old = build(suite, compiler, source, f"c-{name}-old")
            new = build(suite, compiler, diff_sources.mutated(source, changes), f"c-{name}-{number}")
            result = check_mutation(suite, old, new, rule, weight, verdict)
            if name == "gcc":
                compare_with_abidiff(suite, what, old, new, result)
            if number % 8 == 0:
                check_baseline(suite, old, new)
    for number in range(suite.options.random):
        case = f"{name}: random change {number}"
        if suite.wanted(case):
            with suite.case(case):
                suite.need(compiler[0])
                random_box(suite, name, number)
    for number, (what, changes) in enumerate(diff_sources.C_REBUILDS):
        case = f"{name}: {what}"
        if suite.wanted(case):
            with suite.case(case):
                suite.need(compiler[0])
                check_rebuild(suite, build(suite, compiler, source, f"r-{name}-old"), build(suite, compiler, diff_sources.mutated(source, changes), f"r-{name}-{number}"), what)
for name, compiler in CXX_COMPILERS.items():
    text = diff_sources.CXX_LIBRARY
    for number, (what, changes, rule, weight, verdict) in enumerate(diff_sources.CXX_MUTATIONS):
        case = f"{name}++: {what}"
        if not suite.wanted(case):
            continue
        if isinstance(rule, tuple):   # GCC leaves out what clang writes down
            rule, weight, verdict = (choice[name == "clang"] for choice in (rule, weight, verdict))
        with suite.case(case):
            suite.need(compiler[0])
            old, other = build(suite, compiler, text, f"x-{name}-old", suffix=".cc"), diff_sources.mutated(text, changes)
            new = build(suite, compiler, other, f"x-{name}-{number}", suffix=".cc")
            result = check_mutation(suite, old, new, rule, weight, verdict)
            if rule.startswith("DIFF-VIRTUAL"):
                check_slots(suite, compiler, text, other, f"x-{name}-{number}", result)
            if name == "gcc":
                compare_with_abidiff(suite, "C++: " + what, old, new, result)
            if number % 5 == 0:
                check_baseline(suite, old, new)
for name, (one, flags, other, more) in {
        "gcc -O0 and -O2": ("gcc", ["-O0"], "gcc", ["-O2"]), "clang -O0 and -O2": ("clang", ["-O0"], "clang", ["-O2"]),
        "gcc DWARF 4 and 5": ("gcc", ["-gdwarf-4"], "gcc", ["-gdwarf-5"]), "clang DWARF 4 and 5": ("clang", ["-gdwarf-4"], "clang", ["-gdwarf-5"]),
        "gcc and its type units": ("gcc", [], "gcc", ["-fdebug-types-section"]), "gcc and clang": ("gcc", [], "clang", []),
        "gcc and its split units": ("gcc", [], "gcc", ["-gsplit-dwarf"]), "gcc -O2 and clang -O2": ("gcc", ["-O2"], "clang", ["-O2"])}.items():
    if suite.wanted(f"rebuild: {name}"):
        with suite.case(f"rebuild: {name}"):
            suite.need(COMPILERS[one][0], COMPILERS[other][0])
            safe = re.sub(r"\W+", "-", name)
            check_rebuild(suite, build(suite, COMPILERS[one], source, f"o-{safe}", *flags), build(suite, COMPILERS[other], source, f"n-{safe}", *more), name)
    if suite.wanted(f"rebuild of C++: {name}") and one == other:
        with suite.case(f"rebuild of C++: {name}"):
            suite.need(CXX_COMPILERS[one][0])
            safe = "x-" + re.sub(r"\W+", "-", name)
            check_rebuild(suite, build(suite, CXX_COMPILERS[one], diff_sources.CXX_LIBRARY, f"o-{safe}", *flags, suffix=".cc"),
                          build(suite, CXX_COMPILERS[other], diff_sources.CXX_LIBRARY, f"n-{safe}", *more, suffix=".cc"), name, harmless="-O2" in more)
if suite.wanted("versions of symbols"):
    with suite.case("versions of symbols"):
        suite.need("gcc")
        one, two = suite.work / "one.map", suite.work / "two.map"
        one.write_text("V1 { global: box_*; pair_*; local: *; };\n")
        two.write_text("V1 { global: box_*; local: *; }; V2 { global: pair_*; } V1;\n")
        result = diff(suite, build(suite, ["gcc"], source, "v-old", f"-Wl,--version-script={one}"), build(suite, ["gcc"], source, "v-new", f"-Wl,--version-script={two}"))
        changed = sorted(one["subject"] for one in result["changes"] if one["rule"] == "DIFF-SYMBOL-VERSION-CHANGED")
        suite.equal("symbols that changed their version", ["pair_add@V1", "pair_make@V1"], changed, shown(result))
if suite.wanted("another calling convention"):
    with suite.case("another calling convention"):
        suite.need("clang-19")
        other = source.replace("int pair_add(", "__attribute__((ms_abi)) int pair_add(")
        result = diff(suite, build(suite, ["clang-19"], source, "m-old"), build(suite, ["clang-19"], other, "m-new"))
        moved = [(one["subject"], one["arguments"]["old"], one["arguments"]["new"]) for one in result["changes"] if one["rule"] == "DIFF-ARGUMENT-MOVED"]
        suite.equal("arguments that moved", [("pair_add", "rdi", "rcx"), ("pair_add", "rsi", "rdx")], moved, shown(result))
if suite.wanted("types in a source file"):
    with suite.case("types in a source file"):
        suite.need("gcc")
        private = source.replace('#line 1 "box.h"', '#line 1 "box.c"')
        old, new = build(suite, ["gcc"], private, "p-old"), build(suite, ["gcc"], private.replace("    char tag;", "    long fresh;\n    char tag;"), "p-new")
        moved = [one for one in diff(suite, old, new)["changes"] if one["rule"] == "DIFF-FIELD-MOVED"]
        suite.true("members that moved where nobody looks are risky", moved and all(one["class"] == "risky" and one["lowered"] for one in moved))
        public = diff(suite, build(suite, ["gcc"], source, "q-old"), build(suite, ["gcc"], source.replace("    char tag;", "    long fresh;\n    char tag;"), "q-new"), "--headers", "other/*")
        suite.equal("and harmless outside the public headers", {"harmless"}, {one["class"] for one in public["changes"] if one["subject"] == "struct box"})
if suite.wanted("installed libraries against themselves"):
    with suite.case("installed libraries against themselves"):
        folder = pathlib.Path("/usr/lib/x86_64-linux-gnu")
        libraries = sorted(path for path in folder.glob("*.so*") if path.is_file() and not path.is_symlink() and path.read_bytes()[:4] == b"\x7fELF") if folder.is_dir() else []
        if not libraries:
            suite.skip("there are none")
        for path in random.Random(suite.options.seed).sample(libraries, min(12, len(libraries))):
            result = diff(suite, path, path)
            suite.equal(f"changes of {path.name} but for debug information it has not", [],
                        [one["title"] for one in result["changes"] if one["rule"] not in ("DIFF-NO-DEBUG-INFORMATION", "DIFF-SYMBOL-NOT-DESCRIBED")])
if suite.wanted("missing debug information"):
    with suite.case("missing debug information"):
        suite.need("gcc", "strip")
        old = build(suite, ["gcc"], source, "s-old")
        new = suite.work / "s-new.so"
        suite.equal("strip", 0, differential.run(["strip", "-g", "-o", new, old]).code)
        suite.equal("verdict", "unknown", diff(suite, old, new)["verdict"])
        less = build(suite, ["gcc"], diff_sources.mutated(source, [("void quiet(int a) { (void)a; }\n", "")]), "s-less")
        suite.equal("verdict with a symbol gone", "breaking", diff(suite, new, less)["verdict"])
sys.exit(suite.finish())
