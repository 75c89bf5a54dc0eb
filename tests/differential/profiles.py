#!/usr/bin/env python3
"""A captured profile answers as the machine it was taken of: dynamic programs of this machine, with --all every one, are resolved on the live system and on a
profile of it, and every library, path, binding and message is the same. The same for a root folder, which is captured without a look at
this machine. Broken, foreign and newer profiles are refused with a sentence."""
import copy
import os
import pathlib
import re
import subprocess
import sys
import time

import differential
from machine_programs import LOADER, interpreter_of

CHUNK = 40
SAMPLE = 50         # programs of a folder, unless --all
HEADER = 32          # magic 16, version u32, reserved u32, payload size u64: the numbers of the format, written out once more
ROOT_FILES = ["/bin/sh", "/bin/ls", LOADER]


def comparable(result):
    """What has to be equal, which is everything but the names of the two targets."""
    result = copy.deepcopy(result)
    del result["target"]
    return result


def first_difference(one, other, path=""):
    if type(one) is not type(other):
        return f"{path}: {one!r} and {other!r}"
    if isinstance(one, dict):
        for key in sorted(one.keys() | other.keys()):
            if one.get(key) != other.get(key):
                return first_difference(one.get(key), other.get(key), f"{path}/{key}")
    if isinstance(one, list):
        for index, (mine, theirs) in enumerate(zip(one, other)):
            if mine != theirs:
                return first_difference(mine, theirs, f"{path}[{index}]")
        return f"{path}: {len(one)} and {len(other)} entries, {[*one, *other][min(len(one), len(other)):][:1]}"
    return f"{path}: {one!r} and {other!r}"


class Answers:
    """What `command` says of programs on a target, asked in chunks from the folder the programs lie in."""

    def __init__(self, suite, command, target, *more):
        self.suite, self.command, self.more = suite, command, ["--target", target, *more]

    def of(self, folder, names):
        for start in range(0, len(names), CHUNK):
            some = names[start:start + CHUNK]
            answer, outcome = self.suite.ask(*self.command, *(f"./{name}" for name in some), "--cwd", folder, *self.more, seconds=300, cwd=folder)
            if len(answer["results"]) != len(some):
                raise differential.Failure(f"{len(some)} programs, {len(answer['results'])} answers: {outcome.err}")
            yield from zip(some, answer["results"])


def capture(suite, file, *arguments, seconds=300):
    answer, outcome = suite.ask("target", "capture", "--file", file, *arguments, seconds=seconds)
    suite.equal("exit code of the capture", 0, outcome.code, outcome.err)
    return answer["results"][0]


def programs_of(folder):
    return sorted(path.name for path in pathlib.Path(folder).iterdir() if path.is_file() and interpreter_of(path) == LOADER)


def machine_cases(suite):
    profile, wide = suite.work / "host.abiscope", suite.work / "wide.abiscope"
    summary = capture(suite, profile)
    covered = sum(os.path.getsize(path) for folder in ("/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu") if not os.path.islink(os.path.dirname(folder))
                  for path in pathlib.Path(folder).iterdir() if path.is_file() and not path.is_symlink())
    with suite.case("the profile is compact"):
        started = time.monotonic()
        suite.equal("exit code", 0, differential.run([suite.abiscope, "check", "/bin/sh", "--target", profile]).code)
        print(f"profile of this machine: {summary['size']} bytes, {summary['files']} files, of libraries of {covered} bytes; "
              f"opened and used in {time.monotonic() - started:.2f} s")
        suite.true("less than a twentieth of the libraries", summary["size"] < covered / 20, f"{summary['size']} of {covered}")
    outside, more = [], set()
    for command in (["resolve", "--symbols"], ["check", "--isa=declared"]):
        for folder in ("/usr/bin", "/usr/sbin"):
            # $ORIGIN of a link is the folder it leads to, which a profile does not hold: such a program is started by its own name.
            names = [name for name in programs_of(folder)
                     if os.path.dirname(os.path.realpath(f"{folder}/{name}")) == os.path.realpath(folder) and suite.wanted(f"{command[0]} {folder}/{name}")]
            if not suite.options.all and len(names) > SAMPLE:
                names = sorted(suite.random.sample(names, SAMPLE))
            outside += folder_cases(suite, command, folder, names, profile, more)
    if outside:
        capture(suite, wide, *sorted({os.path.realpath(place) for place in more}))
    for command, folder, live in outside:
        print(f"{command[0]}: {len(live)} programs of {folder} use libraries beyond the loader's folders, asked again of a profile that has them")
        for name, answer in Answers(suite, command, wide).of(folder, sorted(live)):
            compare(suite, f"{command[0]} {folder}/{name}", live[name], answer)


def folder_cases(suite, command, folder, names, profile, more):
    """Programs whose own run path leads to libraries outside the loader's folders are unknown, never wrong, until those are captured too. The
    live answers of such, as a list of (command, folder, answers); their libraries' folders go to `more`."""
    live = dict(Answers(suite, command, "host").of(folder, names))
    outside = {}
    for name, answer in Answers(suite, command, profile).of(folder, names):
        # A folder that the profile says nothing of is taken for granted, and named.
        unsaid = [match[1] for text in answer.get("assumptions", []) if (match := re.search(r" lies in (.*), of which .* says nothing$", text))]
        if answer["verdict"] in ("unknown", "conditional") and (unsaid or live[name]["verdict"] != "unknown"):
            outside[name] = live[name]
            more.update(folder for folder in unsaid if os.path.isdir(folder))
            more.update(os.path.dirname(library["path"]) for library in live[name]["libraries"][1:] if library["path"].startswith("/"))
            continue
        compare(suite, f"{command[0]} {folder}/{name}", live[name], answer)
    return [(command, folder, outside)] if outside else []


def compare(suite, name, live, captured):
    with suite.case(name):
        one, other = comparable(live), comparable(captured)
        if one != other:
            raise differential.Failure(f"the live system and the profile differ: {first_difference(one, other)}")


def root_cases(suite):
    """The profile of a folder, and that nothing of this machine gets into it: the same bytes in a world without /proc and /sys."""
    root = suite.work / "root"
    for path in ROOT_FILES:
        for source in {path, *subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout.split()}:
            if source.startswith("/") and os.path.isfile(source):
                place = root / source.lstrip("/")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(pathlib.Path(source).read_bytes())
                place.chmod(0o755)
    profile, bare = suite.work / "root.abiscope", suite.work / "bare.abiscope"
    capture(suite, profile, "--sysroot", root)
    with suite.case("a root folder and its profile"):
        live, _ = suite.ask("resolve", "--symbols", root / "bin/ls", "--at", "/bin/ls", "--sysroot", root)
        captured, _ = suite.ask("resolve", "--symbols", root / "bin/ls", "--at", "/bin/ls", "--target", profile)
        suite.equal("answers", None, None if comparable(live["results"][0]) == comparable(captured["results"][0]) else
                    first_difference(comparable(live["results"][0]), comparable(captured["results"][0])))
        suite.equal("verdict", "runs", live["results"][0]["verdict"])
    with suite.case("a root folder without /proc"):
        if os.geteuid() != 0:
            suite.skip("needs root, to take /proc away")
        suite.need("unshare")
        # LeakSanitizer cannot work without /proc, and the sanitizers read their options there.
        empty = ("mount -t tmpfs none /proc && mount -t tmpfs none /sys && mkdir /proc/self && "
                 "printf 'ASAN_OPTIONS=detect_leaks=0\\0' > /proc/self/environ && exec \"$@\"")
        done = differential.run(["unshare", "-m", "sh", "-c", empty, "sh", suite.abiscope, "target", "capture", "--sysroot", root, "--file", bare])
        suite.equal("exit code", 0, done.code, done.err)
        suite.true("the same bytes", profile.read_bytes() == bare.read_bytes())


def hostile_cases(suite):
    good = bytearray((suite.work / "root.abiscope").read_bytes())
    broken = {
        "empty": (b"", None), "only the magic": (good[:16], None), "only the header": (good[:HEADER], None),
        "another format": (good[:16] + (99).to_bytes(4, "little") + good[20:], "format"),
        "format 0": (good[:16] + bytes(4) + good[20:], "format"),
        "payload said to be huge": (good[:24] + (1 << 62).to_bytes(8, "little") + good[HEADER:], None),
        "payload said to be empty": (good[:24] + bytes(8) + good[HEADER:], None),
        "not compressed": (good[:HEADER] + bytes(range(256)) * 40, None),
        "not a profile": (b"#!/bin/sh\nexit 0\n", "profile"),
    }
    for _ in range(40):
        at = suite.random.randrange(HEADER, len(good))
        broken[f"cut at {at}"] = (good[:at], None)
        bits = suite.random.randrange(1, 256)
        broken[f"bits {bits:#x} at {at}"] = (good[:at] + bytes([good[at] ^ bits]) + good[at + 1:], None)
    for name, (data, words) in broken.items():
        if not suite.wanted(name):
            continue
        with suite.case(name):
            file = suite.work / "broken.abiscope"
            file.write_bytes(data)
            outcome = differential.run([suite.abiscope, "check", "/bin/sh", "--target", file], seconds=60)
            if name.startswith("bits") and outcome.code in (0, 1, 3):
                continue   # a bit that changes a fact, not the form
            suite.true(f"refused, exit code {outcome.code}", outcome.code in (2, 4), outcome.out + outcome.err)
            suite.true("one sentence that names the file", "broken.abiscope" in outcome.err and len(outcome.err.strip().splitlines()) <= 3, outcome.err)
            if words:
                suite.true(f"says `{words}`", words in outcome.err, outcome.err)


def main():
    suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--all", action="store_true", help="every program instead of a sample"))
    if not suite.abiscope:
        with suite.case("profiles"):
            suite.skip("no program to test")
        sys.exit(suite.finish())
    root_cases(suite)
    hostile_cases(suite)
    machine_cases(suite)
    sys.exit(suite.finish())


main()
