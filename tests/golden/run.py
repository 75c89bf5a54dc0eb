#!/usr/bin/env python3
"""Runs golden cases: what a command prints, byte for byte.

usage: run.py --abiscope PATH [CASE.cmd...]          (no case: all of them)

A case is a few files that share a name:
  NAME.cmd   a shell script (`sh -eu`); `abiscope` is on PATH, `fixtures/` is tests/fixtures, `case/` the folder of the case, and the
             current folder is empty and writable otherwise. Lines that start with # explain the case to the reader.
  NAME.out   what it must print on standard output
  NAME.err   the same for standard error; no file: nothing may be printed there
  NAME.rc    its exit code; no file: 0
Absolute paths of this machine are replaced before the comparison: {work}, {source}, {home}. ABISCOPE_UPDATE_GOLDENS=1 rewrites the
expectations (`make goldens`); read the difference before you commit it.
"""
import argparse
import difflib
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
SECONDS = 50


def environment(work, tools):
    """Nothing of the caller's settings (colour, locale, library paths) reaches the program."""
    kept = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
    return {"PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "TERM": "dumb", "COLUMNS": "100",
            "HOME": str(work), "TZ": "UTC", **kept}


def run(case, abiscope):
    with tempfile.TemporaryDirectory(prefix="abiscope-golden-") as folder:
        top = pathlib.Path(folder).resolve()
        work, tools = top / "work", top / "tools"
        work.mkdir()
        tools.mkdir()
        (tools / "abiscope").symlink_to(abiscope.resolve())
        (work / "fixtures").symlink_to(SOURCE / "tests" / "fixtures")
        (work / "case").symlink_to(case.parent)
        done = subprocess.run(["sh", "-eu", str(case)], cwd=work, env=environment(work, tools), stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=SECONDS, check=False)
        names = {str(work): "{work}", str(tools): "{tools}", str(SOURCE): "{source}", str(pathlib.Path.home()): "{home}"}
        texts = []
        for text in (done.stdout, done.stderr):
            text = text.decode("utf-8", "backslashreplace")
            for path in sorted(names, key=len, reverse=True):
                if path != "/":
                    text = text.replace(path, names[path])
            texts.append(text)
        return {".out": texts[0], ".err": texts[1], ".rc": f"{done.returncode}\n"}


def name_of(case):
    return case.relative_to(HERE) if case.is_relative_to(HERE) else case


DEFAULTS = {".out": "", ".err": "", ".rc": "0\n"}


def expectation(case, suffix):
    path = case.with_suffix(suffix)
    return path.read_text(encoding="utf-8") if path.exists() else DEFAULTS[suffix]


def update(case, got):
    for suffix, text in got.items():
        path = case.with_suffix(suffix)
        if text == DEFAULTS[suffix] and suffix != ".out":
            path.unlink(missing_ok=True)
        else:
            path.write_text(text, encoding="utf-8")


def compare(case, got):
    """The differences, as lines; none when all is as expected."""
    lines = []
    for suffix, text in got.items():
        wanted = expectation(case, suffix)
        if text != wanted:
            lines += difflib.unified_diff(wanted.splitlines(), text.splitlines(), f"expected {case.stem}{suffix}", f"printed {suffix}",
                                          lineterm="")
            if wanted.splitlines() == text.splitlines():
                lines.append(f"{case.stem}{suffix}: differs in line ends only")
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--abiscope", required=True, type=pathlib.Path)
    parser.add_argument("cases", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    if not options.abiscope.is_file():
        parser.error(f"{options.abiscope}: no such program")
    cases = [case.resolve() for case in options.cases] or sorted(HERE.rglob("*.cmd"))
    failed = 0
    for case in cases:
        try:
            got = run(case, options.abiscope)
        except subprocess.TimeoutExpired:
            print(f"{name_of(case)}: still running after {SECONDS} s")
            failed += 1
            continue
        if os.environ.get("ABISCOPE_UPDATE_GOLDENS") == "1":
            update(case, got)
            continue
        if not case.with_suffix(".out").exists():
            print(f"{name_of(case)}: has no .out file; `make goldens` writes it")
            failed += 1
            continue
        differences = compare(case, got)
        if differences:
            failed += 1
            print(f"{name_of(case)}:")
            print("\n".join(differences))
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
