#!/usr/bin/env python3
"""Shared libraries of this machine, plugins among them, as `check` says they load, against `ldd -r`: which libraries at which paths, and
whether every symbol has a definition. --all asks about every library below /usr/lib and /lib."""
import os
import pathlib
import re
import sys

import differential

LOADER = "/lib64/ld-linux-x86-64.so.2"
FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/python3", "/usr/lib/apache2", "/usr/lib/gcc", "/usr/lib/llvm-19", "/lib")
SAMPLE, CHUNK = 160, 100


def options(parser):
    parser.add_argument("--all", action="store_true", help="every library instead of a sample")


def is_library(path):
    """ELF for x86-64, ET_DYN, without PT_INTERP."""
    try:
        with open(path, "rb") as file:
            head = file.read(64)
            if head[:6] != b"\x7fELF\x02\x01" or head[16:20] != b"\x03\x00\x3e\x00":
                return False
            file.seek(int.from_bytes(head[32:40], "little"))
            size, count = int.from_bytes(head[54:56], "little"), int.from_bytes(head[56:58], "little")
            table = file.read(size * count)
    except OSError:
        return False
    kinds = {int.from_bytes(table[i * size:i * size + 4], "little") for i in range(count)}
    return 3 not in kinds and 2 in kinds


def libraries():
    found = {}
    for folder in FOLDERS:
        for place, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(place, name)
                if ".so" in name and not os.path.islink(path) and not name.startswith("ld-") and "linux-musl" not in place and is_library(path):
                    found.setdefault(os.path.realpath(path), path)
    return sorted(found.values())


def real(path):
    """({name: path}, missing libraries, undefined symbols) as the loader tells in trace mode."""
    environment = {"LD_TRACE_LOADED_OBJECTS": "1", "LD_WARN": "yes", "LD_BIND_NOW": "yes", "PATH": os.environ["PATH"]}
    done = differential.run([LOADER, path], env=environment)
    found = dict(re.findall(r"^\t(\S+) => (/\S+) \(0x", done.out, re.MULTILINE))
    missing = set(re.findall(r"^\t(\S+) => not found", done.out, re.MULTILINE))
    undefined = set(re.findall(r"^(?:undefined symbol: |symbol )(\S+)", done.out + done.err, re.MULTILINE))
    return found, missing, undefined, done


def compare(suite, path, answer):
    found, missing, undefined, done = real(path)
    context = f"{done.out}{done.err}\n{answer}"
    ours = {library["name"]: library["path"] for library in answer["libraries"][1:] if library["found_by"] not in ("interpreter", "vdso")}
    suite.equal("asked as a library", "library", answer.get("as"), context)
    suite.equal("the libraries that are missing", missing, {name for name, place in ours.items() if place is None}, context)
    suite.equal("the paths of the others", {name: place for name, place in found.items() if "/" not in name},
                {name: place for name, place in ours.items() if place is not None and "/" not in name and place != LOADER}, context)
    if missing:
        suite.equal("the verdict", "fails", answer["verdict"], context)
    elif undefined:
        suite.true("what lacks symbols is not said to load, and nothing else", answer["verdict"] in ("conditional", "fails"), context)
    else:
        suite.true("what lacks nothing loads", answer["verdict"] == "runs" or answer["assumptions"], context)


def main():
    suite = differential.Suite(__doc__, options)
    if not pathlib.Path(LOADER).exists() or not suite.abiscope:
        with suite.case("everything"):
            suite.skip("not a machine with glibc for x86-64")
        return suite.finish()
    names = libraries()
    if not suite.options.all and len(names) > SAMPLE:
        names = sorted(suite.random.sample(names, SAMPLE))
    for start in range(0, len(names), CHUNK):
        some = names[start:start + CHUNK]
        listed = suite.work / "list"
        listed.write_text("\n".join(some) + "\n", encoding="utf-8")
        answer, outcome = suite.ask("resolve", f"@{listed}", seconds=300)
        if len(answer["results"]) != len(some):
            raise differential.Failure(f"{len(some)} libraries, {len(answer['results'])} answers: {outcome.err}")
        for path, one in zip(some, answer["results"]):
            if suite.wanted(path):
                with suite.case(path):
                    compare(suite, path, one)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
