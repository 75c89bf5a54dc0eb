#!/usr/bin/env python3
"""Which words of a Go frame hold live pointers: `core --slots` of generated programs, stripped, against what the compiler says is alive at each call
(-gcflags=-live) and against the pointers that the program printed."""
import collections
import json
import pathlib
import re
import sys

import differential

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "golang"))
import crash_dump   # noqa: E402
import live_program   # noqa: E402
import toolchains   # noqa: E402

ALL, SAMPLE = ["1.19", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27"], ["1.19", "1.24", "1.27"]
CHAINS, DEPTH = 12, 4


def build(suite, version, seed):
    """The program and what the compiler printed."""
    folder = suite.work / f"{version}-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.go").write_text(live_program.generate(seed, CHAINS, DEPTH), encoding="utf-8")
    (folder / "go.mod").write_text("module example.com/live\n\ngo 1.18\n", encoding="utf-8")
    done = toolchains.go(version, "build", "-o", folder / "program", "-gcflags=-live", "-ldflags=-s -w", ".", cwd=folder)
    if done.code != 0:
        raise differential.Failure(f"go build: {done.err[:2000]}")
    return folder / "program", done.err


def alive(said, source):
    """Line -> names that are alive at the call of the next function, or at the receive that a chain ends with."""
    calls = {number for number, line in enumerate(source.splitlines(), 1) if "// CALL" in line or "<-block" in line}
    out = {number: [] for number in calls}
    for line, callee, names in re.findall(r"main\.go:(\d+):\d+: live at call to (\S+): (.*)", said):
        if int(line) in calls and re.fullmatch(r"f\d+|chanrecv1", callee):
            out[int(line)] = names.split()
    return out


def words(name):
    # Of an interface, a string or a slice one word is a pointer, and so it is of a node.
    return 1


def check(suite, version, seed):
    program, said = build(suite, version, seed)
    source = (program.parent / "main.go").read_text(encoding="utf-8")
    core, printed = crash_dump.dump(program, suite.work / "dumps" / f"{version}-{seed}", [])
    done = differential.run([suite.options.abiscope, "core", "--json", "--goroutines", "--slots", core], seconds=100)
    core.unlink()
    suite.equal("exit code", 0, done.code, done.err[:500])
    values = {(function, name): int(value, 16) for function, name, value in re.findall(r"^(f\d+) (\S+) (0x[0-9a-f]+)$", printed, re.M)}
    expected = alive(said, source)
    for group in json.loads(done.out)["results"][0]["goroutines"]:
        for frame in group["frames"]:
            function = frame.get("function", "").removeprefix("main.")
            if re.fullmatch(r"f\d+", function) is None or frame["line"] not in expected:
                continue
            suite.true(f"{function}: the maps are known ({frame.get('live_unknown')})", "live_slots" in frame)
            compare(suite, function, expected[frame["line"]], frame["live_slots"], values)


def compare(suite, function, names, slots, values):
    context = f"{function}: the compiler says {names}; slots {slots}"
    mapped = [slot for slot in slots if slot["kind"] != "object"]
    suite.equal("how many words are alive", sum(words(name) for name in names), len(mapped), context)
    have = collections.Counter(int(slot["value"], 16) for slot in slots)
    for name in names:
        value = values.get((function, "n.next" if name == "n" else name))
        if value is not None:
            suite.true(f"the pointer {value:#x} of {name} is in a live slot", have[value] > 0, context)
            SEEN["value"] += 1
    # What np points at is alive with it.
    if "np" in names and "n" not in names:
        value = values[(function, "n.next")]
        objects = [slot for slot in slots if slot["kind"] == "object"]
        suite.true(f"the pointer {value:#x} of the variable that np points at is alive", any(int(slot["value"], 16) == value for slot in objects), context)
        SEEN["object"] += 1
    SEEN["frame"] += 1


SEEN = collections.Counter()


def main():
    def options(parser):
        parser.add_argument("--all", action="store_true", help="every release instead of a sample")
        parser.add_argument("--programs", type=int, default=2, help="programs for each release")

    suite = differential.Suite(__doc__, options)
    for version in ALL if suite.options.all else SAMPLE:
        for number in range(suite.options.programs):
            seed = f"{suite.options.seed}-{number}"
            title = f"{version} {seed}"
            if not suite.wanted(title):
                continue
            with suite.case(title):
                crash_dump.need(suite)
                check(suite, version, seed)
    if SEEN["frame"] and not suite.options.only:
        with suite.case("enough was compared"):
            print(dict(SEEN))
            suite.true("frames, values and variables whose address was taken", SEEN["frame"] >= 100 and SEEN["value"] >= 60 and SEEN["object"] >= 3, str(SEEN))
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
