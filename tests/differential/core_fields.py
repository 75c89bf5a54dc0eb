#!/usr/bin/env python3
"""The variable and the member behind a bad pointer: what abiscope names must be what the source says, and nothing where nobody can know.

Every case says the words that are right. An optimised build may leave them out, where the compiler kept no trace of the variable; each
flavour lists how many it may. Other words are wrong.
"""
import pathlib
import re
import shutil
import sys

import core_dump
import differential

SOURCES = pathlib.Path(__file__).resolve().parent / "lines"

suite = differential.Suite(__doc__)

# source, case: what has to be said; several where any is right. GCC moves the load of a C++ member into the caller (-fipa-sra), where the
# pointer is what getenv() returned.
MOVED = "`nothing` is null: it points to `char`"
SAID = {
    ("fields.c", "parameter"): ["`request->id` is at offset 0x0 of `struct request`; `request` is null"],
    ("fields.c", "nested"): ["`request->inner.length` is at offset 0x10 of `struct request`; `request` is null"],
    ("fields.c", "array"): ["`request->counts[2]` is at offset 0x40 of `struct request`; `request` is null"],
    ("fields.c", "anonymous_struct"): ["`request->range.high` is at offset 0x34 of `struct request`; `request` is null"],
    ("fields.c", "union_member"): ["`request->number` or `request->real` is at offset 0x28 of `struct request`; `request` is null"],
    ("fields.c", "store"): ["`request->range.low` is at offset 0x30 of `struct request`; `request` is null"],
    ("fields.c", "chain"): ["`request->first->length` is at offset 0x0 of `struct header`; `request->first` is null"],
    ("fields.c", "longer_chain"): ["`request->next->first->length` is at offset 0x0 of `struct header`; `request->next->first` is null"],
    ("fields.c", "global"): ["`current->inner.length` is at offset 0x10 of `struct request`; `current` is null"],
    ("fields.c", "scalar"): ["`numbers` is null: it points to `int`"],
    ("fields.c", "indexed"): ["`numbers` is null: it points to `int`"],
    ("fields.c", "local"): ["`found->inner.length` is at offset 0x10 of `struct request`; `found` is null"],
    ("fields.c", "wild"): ["`request->inner.length` is at offset 0x10 of `struct request`; `request` is 0x123456789000"],
    ("fields.c", "bits"): ["`request->mode` or `request->level` is at offset 0x48 of `struct request`; `request` is null"],
    ("fields.c", "inlined"): ["`given->inner.length` is at offset 0x10 of `struct request`; `given` is null",
                              "`outer->inner.length` is at offset 0x10 of `struct request`; `outer` is null"],
    ("fields.cc", "member"): ["`this->price_` is at offset 0x18 of `class shop::Order`; `this` is null", MOVED],
    ("fields.cc", "inherited"): ["`this->kind` is at offset 0x8 of `class shop::Order`; `this` is null", MOVED],
    ("fields.cc", "reference"): ["`link->value` is at offset 0x0 of `struct shop::Link<long int>`; `link` is null",
                                 "`link->value` is at offset 0x0 of `struct shop::Link<long>`; `link` is null", MOVED],
    ("fields.cc", "links"): ["`list->next->value` is at offset 0x0 of `struct shop::Link<long int>`; `list->next` is null",
                             "`list->next->value` is at offset 0x0 of `struct shop::Link<long>`; `list->next` is null"],
    ("fields.rs", "field"): ["`request->inner.b` is at offset 0x10 of `struct fields::Request`; `request` is null"],
    ("fields.rs", "chain"): ["`request->next->inner.a` is at offset 0x8 of `struct fields::Request`; `request->next` is null"],
    # The type leads to no member.
    ("fields.c", "untyped"): ["`memory` is null"],
}

# flags, and which cases may stay silent: the compiler keeps no place for the variable there
FLAVOURS = {
    "gcc-O0": ("gcc", ["-O0", "-g"], ("indexed",)),            # the index is added to the pointer first
    "gcc-O0-dwarf3": ("gcc", ["-O0", "-gdwarf-3"], ("indexed",)),
    "gcc-O2": ("gcc", ["-O2", "-g"], ("links",)),
    "gcc-O2-dwarf4-split": ("gcc", ["-O2", "-gdwarf-4", "-gsplit-dwarf"], ("links",)),
    "gcc-O2-dwarf5-split": ("gcc", ["-O2", "-gdwarf-5", "-gsplit-dwarf"], ("links",)),
    "gcc-O1-no-pie": ("gcc", ["-O1", "-g", "-no-pie", "-fno-pie"], ()),
    "clang-O0": ("clang-19", ["-O0", "-g"], ()),
    "clang-O2": ("clang-19", ["-O2", "-g"], ()),
    "clang-O2-dwarf4": ("clang-19", ["-O2", "-gdwarf-4"], ()),
    "clang-O2-split": ("clang-19", ["-O2", "-g", "-gsplit-dwarf"], ()),
    "gcc-O2-nothing": ("gcc", ["-O2"], tuple(name for _, name in SAID)),
    "gcc-O0-lines-only": ("gcc", ["-O0", "-g1"], tuple(name for _, name in SAID)),
    "rustc-O0": ("rustc", ["-g", "-C", "debug-assertions=off"], ()),
    "rustc-O2": ("rustc", ["-g", "-O"], ("chain", "field")),   # the compiler knew of the null
}
PLUS = {"gcc": "g++", "clang-19": "clang++-19"}


def built(source, flavour):
    compiler, flags, _ = FLAVOURS[flavour]
    if source.endswith(".cc"):
        compiler = PLUS[compiler]
    suite.need(compiler)
    folder = suite.work / "bin" / f"{flavour}-{source.replace('.', '-')}"
    out = folder / "program"
    if not out.exists():
        folder.mkdir(parents=True, exist_ok=True)
        extra = [] if compiler == "rustc" else ["-w"]
        done = differential.run([compiler, *extra, *flags, "-o", out, SOURCES / source], seconds=200, cwd=folder)
        suite.true("compiler", done.code == 0, done.err)
    return out


def named(facts):
    return [fact["reading"] for fact in facts if re.match(r"`\w", fact["reading"])]


def cases(flavour):
    rust = FLAVOURS[flavour][0] == "rustc"
    for (source, name), words in SAID.items():
        if source.endswith(".rs") == rust:
            yield source, name, words


for flavour, (_, _, may_be_silent) in FLAVOURS.items():
    said = silent = 0
    for source, name, words in cases(flavour):
        label = f"{flavour}.{source.replace('.', '-')}.{name}"
        if not suite.wanted(label):
            continue
        with suite.case(label):
            program = built(source, flavour)
            core = core_dump.dump(suite, [program, name], suite.work / "cores" / label)
            answer = suite.ask("core", core)[0]["results"][0]
            suite.true("no cause", answer.get("cause"), str(answer.get("missing")))
            got = named(answer["cause"]["facts"])
            if not got and name in may_be_silent:
                silent += 1
                continue
            suite.true(f"says {got}, right is {words}", len(got) == 1 and got[0] in words, str([fact["reading"] for fact in answer["cause"]["facts"]]))
            suite.true("a name without debug information", not flavour.endswith(("-nothing", "-lines-only")))
            said += 1
        shutil.rmtree(suite.work / "cores" / label, ignore_errors=True)
    print(f"{flavour}: {said} named, {silent} left out")
sys.exit(suite.finish())
