#!/usr/bin/env python3
"""Checks what no compiler checks: file sizes, left-over markers, rule pages, fuzz seeds, scripts, and names in the documentation.

usage: check_files.py [REPOSITORY]

  size      a logic file has at most 500 lines; tables (NAMES below) are exempt
  weight    a tracked file is small: what a program writes or downloads stays out of the repository
  marker    no note-to-self is left in a tracked file
  rules     every page of rules/ is raised somewhere in src/, and every RuleId in src/ has a page
  fuzz      every fuzz target has seeds, and every folder of seeds a target
  shell     every shell script passes shellcheck
  python    every Python file compiles
  docs      every path of this repository that a document names exists; links between documents hold
"""
import pathlib
import re
import shutil
import subprocess
import sys

MOST_LINES = 500
MOST_BYTES = 1 << 20
TABLE_NAMES = re.compile(r"(^|/)(spec|.*_(names|table|tables|roles|data))\.(h|cc|py)$")
# Spelt in two halves so that this file passes its own check.
MARKERS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "NOT" + "IMPLEMENTED"]) + r")\b")
TEXT_SUFFIXES = {".h", ".cc", ".c", ".py", ".md", ".txt", ".cmake", ".json", ".yaml", ".yml", ".sh", ".cmd", ""}


def tracked_files(root):
    """Files under version control or about to be; what .gitignore excludes is nobody's business."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True,
                            capture_output=True).stdout.decode()
    return sorted(name for name in set(listed.split("\0")) if name and (root / name).is_file())


def read(root, name):
    return (root / name).read_text(encoding="utf-8", errors="replace")


def check_sizes(root, names):
    for name in names:
        if name.endswith((".h", ".cc", ".py")) and not TABLE_NAMES.search(name):
            lines = read(root, name).count("\n")
            if lines > MOST_LINES:
                yield f"{name}: {lines} lines; {MOST_LINES} is the point to split"


def check_weights(root, names):
    for name in names:
        size = (root / name).stat().st_size
        if size > MOST_BYTES:
            yield f"{name}: {size} bytes; nothing of more than {MOST_BYTES} belongs under version control"


def check_markers(root, names):
    for name in names:
        if name.startswith("tests/fuzz/corpus/") or pathlib.PurePath(name).suffix not in TEXT_SUFFIXES or name == "LICENSE":
            continue
        for number, line in enumerate(read(root, name).splitlines(), 1):
            match = MARKERS.search(line)
            if match:
                yield f"{name}:{number}: {match[1]} is a note to oneself; do it, or open an issue"


def check_rules(root, names):
    pages = {pathlib.PurePath(name).stem for name in names if re.fullmatch(r"rules/[^/]+\.md", name)}
    raised = {}
    for name in names:
        if re.match(r"src/.*\.(h|cc)$", name):
            for match in re.finditer(r"\bRuleId::([A-Z0-9_]+)", read(root, name)):
                raised.setdefault(match[1].replace("_", "-"), name)
    for page in sorted(pages - raised.keys()):
        yield f"rules/{page}.md: nothing in src/ raises it"
    for rule in sorted(raised.keys() - pages):
        yield f"{raised[rule]}: RuleId of {rule} has no page rules/{rule}.md"


def check_fuzz(root, names):
    targets = {match[1] for name in names if (match := re.fullmatch(r"tests/fuzz/(.+)_fuzz\.cc", name))}
    seeds = {match[1] for name in names if (match := re.fullmatch(r"tests/fuzz/corpus/([^/]+)/.+", name))}
    borrowed = {}
    if "tests/fuzz/corpus/corpora.txt" in names:
        for line in read(root, "tests/fuzz/corpus/corpora.txt").splitlines():
            target, colon, folders = line.partition(":")
            if colon and not line.startswith("#"):
                borrowed[target] = folders.split()
    for target in sorted(targets):
        if target not in seeds and not borrowed.get(target):
            yield f"tests/fuzz/{target}_fuzz.cc: no seeds in tests/fuzz/corpus/{target}/ and none named in corpora.txt"
    for target, folders in borrowed.items():
        if target not in targets:
            yield f"tests/fuzz/corpus/corpora.txt: there is no tests/fuzz/{target}_fuzz.cc"
        for folder in folders:
            if folder not in seeds:
                yield f"tests/fuzz/corpus/corpora.txt: {target} names {folder}, which has no seeds"
    for folder in sorted(seeds - targets - {folder for folders in borrowed.values() for folder in folders}):
        yield f"tests/fuzz/corpus/{folder}: no target reads these seeds"


def is_shell(root, name):
    """Inputs of tests are wrong on purpose."""
    if name.startswith(("tests/fuzz/corpus/", "tests/fixtures/")):
        return False
    with (root / name).open("rb") as file:
        first = file.readline(100)
    return re.match(rb"#!.*\b(ba|da)?sh\b", first) is not None


def check_shell(root, names):
    scripts = [name for name in names if is_shell(root, name)]
    if not scripts:
        return
    if not shutil.which("shellcheck"):
        yield "shellcheck is not installed: no shell script was checked"
        return
    done = subprocess.run(["shellcheck", "--format=gcc", *scripts], cwd=root, capture_output=True, text=True, check=False)
    yield from done.stdout.splitlines()


def check_python(root, names):
    for name in names:
        if name.endswith(".py"):
            try:
                compile((root / name).read_bytes(), name, "exec")
            except SyntaxError as problem:
                yield f"{name}:{problem.lineno}: {problem.msg}"


OUR_PATH = re.compile(r"`((?:src|tests|tools|docs|rules|data|bench|cmake)/[A-Za-z0-9_./-]*)`")


def check_docs(root, names):
    for name in names:
        if not name.endswith(".md"):
            continue
        text = re.sub(r"```.*?```", lambda block: "\n" * block[0].count("\n"), read(root, name), flags=re.DOTALL)
        for number, line in enumerate(text.splitlines(), 1):
            for path in OUR_PATH.findall(line):
                # NAME, ROOM and the like are places to fill in.
                if not re.search(r"[A-Z]{3,}", path) and not (root / path).exists():
                    yield f"{name}:{number}: there is no {path}"
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
                if "://" not in target and not target.startswith("mailto:") and not ((root / name).parent / target).exists():
                    yield f"{name}:{number}: the link to {target} leads nowhere"


CHECKS = (check_sizes, check_weights, check_markers, check_rules, check_fuzz, check_shell, check_python, check_docs)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent).resolve()
    names = tracked_files(root)
    problems = [problem for check in CHECKS for problem in check(root, names)]
    print("\n".join(problems) if problems else f"files: {len(names)} looked at, nothing to say")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
