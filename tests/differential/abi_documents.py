#!/usr/bin/env python3
"""docs/abi/: the tables of each ABI's page are those of the profiles (--write brings them up to date), and every example of differences.md is what the
compilers and the engines say."""
import json
import pathlib
import re
import sys

import differential

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "abi"))

import targets   # noqa: E402

DOCUMENTS = pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "abi"
BEGIN, END = "<!-- generated -->\n", "<!-- end -->\n"
NOT_PAGES = {"calls", "layout", "differences"}
EXAMPLE = re.compile(r"```(c|cpp)\n([^`]*)```\n+<!-- abiscope:([^>]*)-->\n+((?:\|[^\n]*\n)+)")


def generated(page):
    done = differential.run([differential.dump_program("abi_page_dump"), page])
    if done.code:
        raise differential.Failure(done.err)
    return done.out


def check_page(suite, path):
    text = path.read_text()
    suite.true(f"{path.name} has no place for its tables", BEGIN in text and END in text)
    before, rest = text.split(BEGIN, 1)
    old, after = rest.split(END, 1)
    new = generated(path.stem)
    if suite.options.write:
        path.write_text(before + BEGIN + new + END + after)
    else:
        suite.equal(f"the tables of {path.name} (--write brings them up to date)", new, old)


def profile_parts(profile):
    """(the target that speaks for it, -std flags)"""
    name, _, standard = profile.partition("/c++")
    found = [target for target in targets.TARGETS if target.profile == name]
    if not found:
        raise differential.Failure(f"{profile}: no compiler speaks for it")
    return found[0], [f"-std=c++{standard}"] if standard else []


def compiler(suite, profile, language):
    target, flags = profile_parts(profile)
    language = "c" if language == "c" else "cxx"
    suite.need(target.program(language))
    return [target.program(language), *([f"--target={target.triple}"] if target.triple else []), *target.flags, *(flags or (["-std=gnu11"] if language == "c" else ["-std=c++17"]))]


def check_layout(suite, language, code, declarations, profile, claim):
    """`claim`: sizeof(S) == 5 && offsetof(S, b) == 4"""
    source = suite.work / f"example.{language}"
    assertion = "_Static_assert" if language == "c" else "static_assert"
    source.write_text(f"#define offsetof __builtin_offsetof\n{code}\n{assertion}({claim}, \"\");\n")
    done = differential.run([*compiler(suite, profile, language), "-w", "-fsyntax-only", source])
    suite.equal(f"{profile}: {claim}", 0, done.code, done.err[:800])
    types = suite.work / "types.txt"
    types.write_text("\n".join(declarations) + "\n")
    done = differential.run([differential.dump_program("layout_dump"), profile, types])
    suite.equal("layout_dump", 0, done.code, done.err)
    ours = {line.split()[0]: line.split()[1:] for line in done.out.splitlines()}
    for fact in claim.split(" && "):
        matched = re.fullmatch(r"(sizeof|_Alignof|alignof|offsetof)\((?:struct |union )?(\w+)(?:, (\w+))?\) == (\d+)", fact)
        suite.true(f"{fact}: not a form that the engine can be asked", matched is not None)
        what, name, member, number = matched.groups()
        figures = ours[name]
        if what == "offsetof":
            members = dict(word.rpartition("=")[::2] for word in figures[2:])
            got = int(members[member]) // 8
        else:
            got = int(figures[0 if what == "sizeof" else 1])
        suite.equal(f"abiscope, {profile}: {fact}", int(number), got)


def places(argument):
    out = []
    for place in argument["locations"]:
        name = f"sp+{place['stack']}" if place["kind"] == "stack" else place["register"]
        out.append(name + (f"@{place['byte']}" if place["byte"] else ""))
    return ("*" if argument["passed"] in ("pointer", "reference") else "") + " ".join(out)


def check_call(suite, language, code, declarations, profile, place, instruction):
    """The last line of `declarations`: call ... shows NAME, of the argument that is shown."""
    source = suite.work / f"example.{language}"
    source.write_text(code)
    done = differential.run([*compiler(suite, profile, language), "-w", "-O1", "-fomit-frame-pointer", "-S", "-o", "-", source])
    suite.equal(f"{profile}: the compiler", 0, done.code, done.err[:800])
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    suite.true(f"{profile}: no `{instruction}`", instruction in lines, done.out)
    call, shown = declarations[-1].split(" shows ")
    request = "\n".join([f"profile {profile}", *declarations[:-1], call, ""])
    done = differential.run([differential.dump_program("call_dump")], stdin=request.encode())
    suite.equal("call_dump", 0, done.code, done.err)
    answer = json.loads(done.out)
    argument = next(a for a in answer["arguments"] if a["name"] == shown)
    suite.equal(f"abiscope, {profile}", place, places(argument))


def check_examples(suite, path):
    text = path.read_text()
    examples = list(EXAMPLE.finditer(text))
    suite.true("examples of another form", len(examples) == text.count("```c"))
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    suite.true("an example for each difference", len(titles) == len(examples))
    for title, example in zip(titles, examples):
        if not suite.wanted(title):
            continue
        with suite.case(title):
            language, code, hidden, table = example.groups()
            declarations = [line.strip() for line in hidden.strip().split(";")]
            rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()][2:]
            suite.work.mkdir(parents=True, exist_ok=True)
            for profiles, *cells in rows:
                for profile in profiles.replace("`", "").split(", "):
                    words = [cell.strip("`") for cell in cells]
                    if declarations[-1].startswith("call"):
                        check_call(suite, language, code, declarations, profile, *words)
                    else:
                        check_layout(suite, language, code, declarations, profile, *words)


def main():
    suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--write", action="store_true", help="write the tables into the pages"))
    for path in sorted(DOCUMENTS.glob("*.md")):
        if path.stem not in NOT_PAGES and suite.wanted(path.name):
            with suite.case(path.name):
                check_page(suite, path)
    check_examples(suite, DOCUMENTS / "differences.md")
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
