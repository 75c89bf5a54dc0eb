#!/usr/bin/env python3
"""Struct layouts against the compilers: generated types of C and C++, every member's bit offset, every base, size and alignment, under every
profile whose compiler is installed. --types says how many records each profile and language gets."""
import pathlib
import random
import re
import sys

import differential

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "abi"))

import generate   # noqa: E402
import targets    # noqa: E402
import truth      # noqa: E402

BATCH = 600   # records in one source text
LANGUAGES = {"c": "(C)", "cxx": "(C++)"}


def options(parser):
    parser.add_argument("--types", type=int, default=200, help="records for each profile and language")
    parser.add_argument("--keep-going", action="store_true", help="only print the agreement, fail nothing")
    parser.add_argument("--show", type=int, default=5, help="how many disagreements to print for each")


def without(declarations, rejected):
    """The declarations left when some are rejected, and with them what uses them."""
    gone = set()
    kept = []
    for index, declaration in enumerate(declarations):
        if index in rejected or declaration.uses & gone:
            gone.add(declaration.name)
        else:
            kept.append(declaration)
    return kept


def accepted_truth(target, generator, declarations, work):
    """The compiler's answer for all that it accepts."""
    for _ in range(30):
        try:
            return declarations, truth.truth(target, generator, declarations, work)
        except truth.Rejected as rejected:
            declarations = without(declarations, rejected.indices)
    raise differential.Failure("the compiler goes on rejecting types")


def our_layouts(profile, declarations, work):
    path = work / "types.txt"
    path.write_text("\n".join(line for declaration in declarations for line in declaration.lines) + "\n")
    outcome = differential.run([differential.dump_program("layout_dump"), profile, path], seconds=300)
    if outcome.code != 0:
        raise differential.Failure(f"layout_dump: {outcome.code} {outcome.err[:1000]}")
    found = {}
    for line in outcome.out.splitlines():
        name, rest = line.split(" ", 1)
        words = rest.split()
        if not re.fullmatch(r"\d+", words[0]) or any("@" in word for word in words):
            found[name] = rest
            continue
        members = {}
        for word in words[2:]:
            key, _, value = word.rpartition("=")
            members[key] = int(value)
        found[name] = (int(words[0]), int(words[1]), members)
    return found


def seen_through(found, members):
    """The members as C names them: those of anonymous structs and unions are the record's own."""
    out = {}
    for name, offset in members.items():
        if name.startswith("("):
            out |= {inner: offset + place for inner, place in seen_through(found, found[name[1:-1]][2]).items()}
        else:
            out[name] = offset
    return out


def needed(declarations, name):
    """The names of a type and of all it uses."""
    by_name = {declaration.name: declaration for declaration in declarations} | {held: one for one in declarations for held in one.anonymous}
    wanted, open_names = set(), [name]
    while open_names:
        declaration = by_name.get(open_names.pop())
        if declaration and declaration.name not in wanted:   # of an anonymous one: what holds it
            wanted.add(declaration.name)
            open_names += declaration.uses
    return wanted


def source_of(declarations, name):
    wanted = needed(declarations, name)
    return "\n".join(declaration.code for declaration in declarations if declaration.name in wanted)


def agree(real, ours):
    """None is what the compiler's dump does not tell."""
    return not isinstance(ours, str) and ours is not None and real[:2] == ours[:2] and real[2].keys() == ours[2].keys() and \
        all(offset is None or offset == ours[2][member] for member, offset in real[2].items())


def describe(real, ours):
    if isinstance(ours, str):
        return f"real {real}\nours {ours}"
    lines = []
    if real[:2] != ours[:2]:
        lines.append(f"size, alignment: real {real[:2]} ours {ours[:2]}")
    for member in sorted(real[2].keys() | ours[2].keys()):
        if real[2].get(member) != ours[2].get(member):
            lines.append(f"{member}: real {real[2].get(member)} ours {ours[2].get(member)}")
    return "\n".join(lines)


def compare(suite, target, language):
    suite.need(target.program(language))
    if target.gcc and language == "cxx":
        suite.need("llvm-dwarfdump-19")
    agreed, explained, total, shown = 0, 0, 0, []
    for batch in range(100):
        if total >= suite.options.types:
            break
        # Some of what is generated is no valid C++: what is missing comes in the next batch.
        count = min(BATCH, max(60, suite.options.types - total))
        work = suite.work / f"{target.profile.replace('/', '-')}-{language}-{batch}"
        work.mkdir(parents=True)
        generator = generate.Generator(random.Random(f"{suite.options.seed} {target.profile} {language} {batch}"), target, language)
        declarations, real = accepted_truth(target, generator, generator.generate(count), work)
        ours = our_layouts(target.profile, declarations, work)
        if target.gcc and language == "c":
            ours = {name: one if isinstance(one, str) else (*one[:2], seen_through(ours, one[2])) for name, one in ours.items()}
        for name, layout in real.items():
            total += 1
            if agree(layout, ours.get(name)):
                agreed += 1
            elif needed(declarations, name) & generator.forgotten:   # as docs/abi/layout.md explains
                explained += 1
            elif len(shown) < suite.options.show:
                shown.append(f"{name}\n{describe(layout, ours.get(name))}\n{source_of(declarations, name)}")
    line = f"{target.profile} {LANGUAGES[language]}: {agreed} of {total} agree ({100 * agreed / max(total, 1):.2f} %)"
    line += f", {explained} use a typedef whose alignment GCC forgot" if explained else ""
    print(line, flush=True)
    if suite.options.keep_going:
        print("\n\n".join(shown))
    else:
        suite.true("too few types are accepted", total >= suite.options.types, line)
        suite.equal("types that agree", total - explained, agreed, "\n\n".join(shown))


def each_target(suite, compare):
    """A case for every profile and language; the exit code."""
    for target in targets.TARGETS:
        for language in target.languages:
            name = f"{target.profile} {LANGUAGES[language]}"
            if suite.wanted(name):
                with suite.case(name):
                    compare(suite, target, language)
    return suite.finish()


def main():
    return each_target(differential.Suite(__doc__, options), compare)


if __name__ == "__main__":
    sys.exit(main())
