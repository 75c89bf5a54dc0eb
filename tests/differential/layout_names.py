#!/usr/bin/env python3
"""`abiscope layout --type NAME` against `sizeof(NAME)` and `_Alignof(NAME)`: every name a compiler accepts for a struct or union, with its keyword, by a typedef of it, of a
typedef, of a header; out of source text and out of the program's debug information."""
import json
import sys

import differential

TEXT = """#include <stdio.h>
#include <time.h>
struct outer { int a; char b; };
typedef struct outer node_t;
typedef const node_t context;
typedef struct { int x; } anon, *anon_pointer, second;
typedef union value { double d; char c; } value_t;
typedef struct same { char c; } same;
typedef struct { float x[4]; } vec4 __attribute__((aligned(16)));
typedef struct outer wide __attribute__((aligned(32)));
struct holds { char c; vec4 v; };
"""
NAMES = ["struct outer", "node_t", "context", "anon", "second", "union value", "value_t", "same", "struct same", "vec4", "wide", "struct holds", "FILE", "struct tm"]
CXX = """#include <string>
#include <utility>
namespace n { template <class T> struct V { T a; char b; }; typedef V<double> D; using E = V<short>; struct C { typedef V<int> type; }; }
"""
CXX_NAMES = ["n::D", "n::E", "n::C::type", "struct n::C", "std::string", "n::V<double>"]


def real(suite, compiler, text, names, source):
    """{name: (size, alignment)} as compiled, and the program with debug information of all of them."""
    cxx = source.suffix == ".cc"
    alignment = "alignof" if cxx else "_Alignof"
    names = [(name, name.removeprefix("struct ").removeprefix("union ") if cxx else name) for name in names]
    rows = "".join(f'    printf("%s|%zu|%zu\\n", "{shown}", sizeof({name}), (size_t){alignment}({name}));\n' for shown, name in names)
    objects = "".join(f"{name} object{i};\n" for i, (_, name) in enumerate(names) if name != "context")
    source.write_text(f"{text}#include <stdio.h>\n{objects}int main(void) {{\n{rows}}}\n")
    program = source.with_suffix("")
    done = differential.run([*compiler.split(), "-g", "-w", "-o", program, source], seconds=100)
    suite.equal("the compiler's exit code", 0, done.code, done.err[:1000])
    lines = [line.split("|") for line in differential.run([program]).out.splitlines()]
    return {name: (int(size), int(align)) for name, size, align in lines}, program


def check(suite, compiler, text, names, ending):
    suite.need(compiler.split()[0])
    source = suite.work / f"names-{compiler.split()[0]}{ending}"
    wanted, program = real(suite, compiler, text, names, source)
    for file in (source, program):
        for name in names:
            done = differential.run([suite.options.abiscope, "layout", file, "--type", name, "--abi", "sysv-amd64", "--json"], seconds=100)
            title = f"{compiler}: --type '{name}' of the {'program' if file == program else 'text'}"
            # Only the typedef's name is in the program of an unnamed struct, and only one that is used; a const one's is not there.
            unused = file == program and name in ("context",)
            if unused and done.code == 4:
                continue
            suite.equal(f"{title}: exit code", 0, done.code, done.err[:500])
            found = [(one["layouts"][0]["size"], one["layouts"][0]["align"]) for result in json.loads(done.out)["results"] for one in result["types"]]
            suite.equal(title, [wanted[name]], found, done.out[:500])
    print(f"{compiler}: {len(names)} names", flush=True)


suite = differential.Suite(__doc__)
for which, (used_text, used_names, used_ending) in {"gcc": (TEXT, NAMES, ".c"), "clang-19": (TEXT, NAMES, ".c"), "g++": (CXX, CXX_NAMES, ".cc"), "clang++-19 -fstandalone-debug": (CXX, CXX_NAMES, ".cc")}.items():
    if suite.wanted(which):
        with suite.case(which):
            check(suite, which, used_text, used_names, used_ending)
sys.exit(suite.finish())
