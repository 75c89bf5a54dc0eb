#!/usr/bin/env python3
"""Runs the commands of the ```console blocks of README.md and compares what they print, exit codes included.

usage: check_transcripts.py [--write]        (`abiscope` is on PATH)

The programs of the README are copies of tests/fixtures under the names below, in an empty folder.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
README = ROOT / "README.md"
PROGRAMS = {"stripped-go": "elf/go-tables", "hello.exe": "pe/console.exe", "hello-cgo": "elf/go-cgo-program", "hello-c": "elf/c-program",
            "libpoint-1.0.abi": "../golden/diff/sources/old.abi", "libpoint-1.1.abi": "../golden/diff/sources/new.abi"}
BLOCK = re.compile(r"(?<=```console\n)(.*?)(?=```)", re.DOTALL)
COMMAND = re.compile(r"^\$ (abiscope .*)$", re.MULTILINE)


def printed(command, folder):
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    return f"$ {command}\n{done.stdout}{done.stderr}" + ("$ echo $?\n" + f"{done.returncode}\n" if done.returncode else "")


def main():
    text = README.read_text(encoding="utf-8")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, fixture in PROGRAMS.items():
            shutil.copy(ROOT / "tests" / "fixtures" / fixture, pathlib.Path(folder) / name)

        def fresh(block):
            return "".join(printed(command, folder) for command in COMMAND.findall(block[0]))
        blocks = BLOCK.findall(text)
        new = BLOCK.sub(fresh, text)
    if "--write" in sys.argv[1:]:
        README.write_text(new, encoding="utf-8")
        return 0
    for old, now in zip(blocks, BLOCK.findall(new)):
        if old != now:
            wrong += 1
            print(f"README.md says\n{old}\nand abiscope prints\n{now}")
    print(f"{len(blocks) - wrong} of {len(blocks)} transcripts are as printed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
