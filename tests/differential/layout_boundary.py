#!/usr/bin/env python3
"""`layout --boundary`: the types a library shows to others, against what the generator of the library knows it made: records in each other and behind
pointers, functions that are exported, hidden or static, taking and giving records by value and by pointer, through callbacks, typedefs and arrays. By gcc
and clang, C and C++, each with a function in assembly that nothing describes."""
import json
import random
import sys

import differential

COMPILERS = {"gcc": ("gcc", ".c"), "clang-19": ("clang-19", ".c"), "g++": ("g++", ".cc"), "clang++-19": ("clang++-19", ".cc")}
# clang leaves out definitions that the file itself does not need: those are reported as only declared.
WHOLE = {"clang++-19": ["-fstandalone-debug"]}
SHOWN = 3             # symbols that are named


class Library:
    def __init__(self, dice, cxx):
        self.dice, self.cxx = dice, cxx
        count = dice.randrange(8, 24)
        self.held = {}                       # record -> records in it or behind its pointers
        self.functions = {}                  # exported function -> records it names
        self.text = ["#include <stddef.h>"] + [f"struct r{i};" for i in range(count)]
        for i in range(count):
            self.record(i, count)
        for i in range(dice.randrange(4, 14)):
            self.function(i, count)

    def member(self, i, other, number):
        """A declaration in record i that leads to record `other`."""
        forms = [f"struct r{other} *m{number};", f"struct r{other} *const *m{number}[2];", f"void (*m{number})(int, const struct r{other} *);"]
        if other < i:
            forms += [f"struct r{other} m{number};", f"struct r{other} m{number}[3];", f"union {{ struct r{other} in{number}; char bytes{number}[8]; }} m{number};"]
        return self.dice.choice(forms)

    def record(self, i, count):
        others = self.dice.sample(range(count), self.dice.choice([0, 0, 1, 1, 2]))
        self.held[i] = set(others)
        members = [self.member(i, other, number) for number, other in enumerate(others)]
        self.text.append(f"struct r{i} {{ {self.dice.choice(['char', 'long', 'double', 'short'])} first; {' '.join(members)} char last; }};")

    def function(self, i, count):
        names = self.dice.sample(range(count), self.dice.choice([0, 1, 1, 2, 3]))
        where = self.dice.choice(["exported", "exported", "hidden", "static"])
        result = f"struct r{names[0]}{self.dice.choice(['', ' *'])}" if names and self.dice.random() < 0.4 else "void"
        rest = names[1:] if result != "void" else names
        parameters = ", ".join(self.dice.choice([f"struct r{name} a{name}", f"const struct r{name} *a{name}", f"struct r{name} (*a{name})(void)"]) for name in rest)
        attribute = {"exported": '__attribute__((visibility("default")))', "hidden": '__attribute__((visibility("hidden")))', "static": "static __attribute__((used))"}[where]
        start = 'extern "C" ' if self.cxx and where != "static" else ""
        body = "" if result == "void" else "static char room[100000]; " + (f"return *({result} *)room;" if not result.endswith("*") else f"return ({result})(void *)room;")
        self.text.append(f"{start}{attribute} {result} f{i}({parameters or 'void'}) {{ {body} }}")
        if where == "exported":
            self.functions[f"f{i}"] = set(names)

    def truth(self):
        """Record -> the exported functions that lead to it."""
        leads = {}
        for function, names in self.functions.items():
            seen, left = set(), list(names)
            while left:
                at = left.pop()
                if at not in seen:
                    seen.add(at)
                    left += self.held[at]
            for name in seen:
                leads.setdefault(f"r{name}", []).append(function)
        return {name: sorted(functions) for name, functions in leads.items()}


def boundary(suite, library, *arguments, code):
    done = differential.run([suite.options.abiscope, "layout", "--boundary", "--json", "--abi", "sysv-i386", *arguments, library], seconds=100)
    suite.equal("exit code", code, done.code, done.err[:500])
    return json.loads(done.out)["results"][0]


def check(suite, number, name, compiler, ending):
    suite.need(compiler)
    made = Library(random.Random(f"{suite.options.seed} {number} {name}"), ending == ".cc")
    source = suite.work / f"{number}-{name}{ending}"
    source.write_text("\n".join(made.text) + "\n")
    library = source.with_suffix(".so")
    built = differential.run([compiler, "-g", *WHOLE.get(name, []), "-O0", "-w", "-shared", "-fPIC", "-o", library, source], seconds=100)
    suite.true(f"{compiler} compiles it", built.code == 0, built.err[:800])
    found = boundary(suite, library, code=0)
    truth = made.truth()
    suite.equal("what crosses, and where", {at: (functions[:SHOWN], len(functions) > SHOWN) for at, functions in truth.items()},
                {one["name"]: (one["crosses_in"], one["crosses_in_more"]) for one in found["types"]}, source.read_text())
    suite.equal("what is not known", [[], []], [found["boundary"]["undescribed"], found["boundary"]["not_found"]])
    suite.equal("what is only declared", [], found["boundary"]["declared_only"])
    differing = {one["name"] for one in found["types"] if one["differs"]}
    only = boundary(suite, library, "--differs-only", code=1 if differing else 0)
    suite.equal("those that differ", differing, {one["name"] for one in only["types"]})


def check_assembly(suite):
    suite.need("gcc")
    (suite.work / "plain.c").write_text("struct seen { int a; };\nint described(struct seen *s) { return s->a; }\n")
    (suite.work / "plain.s").write_text('.globl bare\n.type bare,@function\nbare: ret\n.size bare,.-bare\n.section .note.GNU-stack,"",@progbits\n')
    library = suite.work / "libplain.so"
    built = differential.run(["gcc", "-g", "-shared", "-fPIC", "-o", library, "plain.c", "plain.s"], cwd=suite.work, seconds=100)
    suite.true("gcc builds it", built.code == 0, built.err[:800])
    found = boundary(suite, library, code=3)
    suite.equal("what is not described", ["bare"], found["boundary"]["undescribed"])
    suite.equal("what crosses", ["seen"], [one["name"] for one in found["types"]])


def check_left_out(suite):
    """A definition that clang leaves out may not be lost without a word."""
    suite.need("clang++-19")
    (suite.work / "left.cc").write_text("struct left { int a; };\nextern \"C\" void take(left (*)()) {}\n")
    library = suite.work / "libleft.so"
    built = differential.run(["clang++-19", "-g", "-shared", "-fPIC", "-o", library, "left.cc"], cwd=suite.work, seconds=100)
    suite.true("clang builds it", built.code == 0, built.err[:800])
    found = boundary(suite, library, code=0)
    suite.equal("what is only declared", ["left"], found["boundary"]["declared_only"])


def main():
    suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--libraries", type=int, default=6, help="of each compiler"))
    for number in range(suite.options.libraries):
        for name, (compiler, ending) in COMPILERS.items():
            title = f"{name} {number}"
            if suite.wanted(title):
                with suite.case(title):
                    check(suite, number, name, compiler, ending)
    for title, check_one in {"assembly": check_assembly, "left out": check_left_out}.items():
        if suite.wanted(title):
            with suite.case(title):
                check_one(suite)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
