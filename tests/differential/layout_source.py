#!/usr/bin/env python3
"""`abiscope layout FILE` against the compilers: the generated types of abi_layouts.py as C and C++ text, read by the program's own front end.
Every member's bit offset, every base, size and alignment, under every profile whose compiler is installed. A type that only another
compiler than clang accepts is left out, and counted."""
import json
import random
import re
import sys

import differential

import abi_layouts
from abi_layouts import generate

LANGUAGES = {"c": "c", "cxx": "c++"}
MOST_REJECTED = 0.15   # of the types another compiler accepts clang itself complains of these; with all that use them, it may be a few more
MOST_LEFT_OUT = 0.5


def options(parser):
    parser.add_argument("--types", type=int, default=120, help="records for each profile and language")
    parser.add_argument("--show", type=int, default=3, help="how many disagreements to print for each")


def members_of(layout):
    members = {}
    for field in layout["fields"]:
        if field.get("depth", 0) != 0 or not field["name"]:
            continue
        if field["role"] in ("member", "bit_field"):
            members[field["name"]] = field["bit_offset"]
        elif field["role"] in ("base", "virtual_base"):
            members[("v" if field["role"] == "virtual_base" else "") + "base:" + field["name"]] = field["bit_offset"] // 8
    return members


def our_layouts(suite, target, generator, declarations, path):
    """({name: layout or why there is none}, the declarations that clang accepts, how many it complains of)."""
    language = generator.language
    rejected = 0
    for _ in range(40):
        path.write_text("\n".join([generator.prelude(), *(declaration.code for declaration in declarations)]) + "\n")
        flags = [flag for flag in target.flags if flag != "-m32"]
        outcome = differential.run([suite.options.abiscope, "layout", path, "--lang", LANGUAGES[language], "--abi", target.profile, "--json", "--", *flags,
                                    "-std=gnu17" if language == "c" else "-std=gnu++17"], seconds=300)
        document = json.loads(outcome.out)
        if document["results"]:
            break
        lines = {int(line) - 2 for line in re.findall(rf"{re.escape(path.name)}:(\d+):\d+:", document["errors"][0]["message"])}
        bad = {line for line in lines if 0 <= line < len(declarations)}
        if not bad:
            raise differential.Failure(f"abiscope layout: {outcome.code} {outcome.err[:1000]}")
        rejected += len(bad)
        declarations = abi_layouts.without(declarations, bad)
    else:
        raise differential.Failure("clang goes on rejecting types")
    found = {}
    for kind in document["results"][0]["types"]:
        layout = kind["layouts"][0]
        found[kind["name"]] = layout["error"]["message"] if "error" in layout else (layout["size"], layout["align"], members_of(layout))
    return found, declarations, rejected


def compare(suite, target, language):
    suite.need(target.program(language))
    if target.gcc and language == "cxx":
        suite.need("llvm-dwarfdump-19")
    work = suite.work / f"{target.profile.replace('/', '-')}-{language}"
    work.mkdir(parents=True)
    generator = generate.Generator(random.Random(f"{suite.options.seed} source {target.profile} {language}"), target, language)
    generator.with_anonymous = False   # the compilers' own tables have no names for what is in them
    declarations, real = abi_layouts.accepted_truth(target, generator, generator.generate(suite.options.types), work)
    ours, accepted, rejected = our_layouts(suite, target, generator, declarations, work / ("ours.c" if language == "c" else "ours.cc"))
    names = {declaration.name for declaration in accepted}
    # What clang does not know is said, and is no layout.
    unknown = {name for name, layout in ours.items() if isinstance(layout, str) and "does not know the attribute" in layout}
    compared = {name: layout for name, layout in real.items() if name in names - unknown}
    agreed = {name for name, layout in compared.items() if abi_layouts.agree(layout, ours.get(name))}
    shown = [f"{name}\n{abi_layouts.describe(layout, ours.get(name, 'missing'))}\n{abi_layouts.source_of(declarations, name)}"
             for name, layout in compared.items() if name not in agreed]
    line = f"{target.profile} {abi_layouts.LANGUAGES[language]}: {len(agreed)} of {len(compared)} agree, {len(real) - len(compared)} of {len(real)} left out, {rejected} by themselves"
    print(line, flush=True)
    suite.true("too many types are left out", len(real) - len(compared) <= MOST_LEFT_OUT * len(real) and rejected <= MOST_REJECTED * len(real), line)
    suite.equal("types that agree", len(compared), len(agreed), "\n\n".join(shown[:suite.options.show]))


def main():
    suite = differential.Suite(__doc__, options)
    return abi_layouts.each_target(suite, compare)


if __name__ == "__main__":
    sys.exit(main())
