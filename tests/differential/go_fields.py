#!/usr/bin/env python3
"""The variable and the member behind a nil pointer of Go: what abiscope names must be what the source says, with old and new toolchains,
optimised or not, and nothing without debug information."""
import pathlib
import shutil
import sys

import differential

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "golang"))
import crash_dump   # noqa: E402
import toolchains   # noqa: E402

SOURCE = HERE / "lines/fields.go.txt"
SAID = {
    "parameter": "`r.id` is at offset 0x0 of `main.request`; `r` is nil",
    "nested": "`r.inner.length` is at offset 0x10 of `main.request`; `r` is nil",
    "array": "`r.flags[2]` is at offset 0x30 of `main.request`; `r` is nil",
    "store": "`r.inner.length` is at offset 0x10 of `main.request`; `r` is nil",
    "chain": "`r.first.length` is at offset 0x8 of `main.header`; `r.first` is nil",
    "longer": "`r.next.first.length` is at offset 0x8 of `main.header`; `r.next.first` is nil",
    "method": "`r.text` (wanted from its byte 8 on) is at offset 0x38 of `main.request`; `r` is nil",
    "embedded": "`s.request.inner.length` is at offset 0x10 of `main.request`; `s.request` is nil",
    "far": "`r.behind` is at offset 0x2048 of `main.request`; `r` is nil",
    "global": "`main.current.inner.length` is at offset 0x10 of `main.request`; `main.current` is nil",
    "scalar": "`p` is nil: it points to `int64`",
    "local": "`found.inner.length` is at offset 0x10 of `main.request`; `found` is nil",
    "inlined": "`r.inner.length` is at offset 0x10 of `main.request`; `r` is nil",
    "spilled": "`r.inner.length` is at offset 0x10 of `main.request`; `r` is nil",
    "interface": None,   # the pointer is in the interface: no variable of its own
}
# flags, and which cases may stay silent
MODES = {"plain": ([], ()), "unoptimised": (["-gcflags=-N -l"], ()), "pie": (["-buildmode=pie"], ()), "stripped": (["-ldflags=-s -w"], tuple(SAID))}
ALL, SAMPLE = ["1.19", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27"], ["1.19", "1.27"]


def build(suite, version, mode):
    folder = suite.work / f"{version}-{mode}"
    if not (folder / "program").exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SOURCE, folder / "main.go")
        (folder / "go.mod").write_text("module example.com/fields\n\ngo 1.18\n", encoding="utf-8")
        done = toolchains.go(version, "build", "-trimpath", "-o", folder / "program", *MODES[mode][0], ".", cwd=folder)
        suite.true("go build", done.code == 0, done.err)
    return folder / "program"


def check(suite, version, mode, name):
    program = build(suite, version, mode)
    core, _ = crash_dump.dump(program, suite.work / "dumps", [name])
    cause = suite.ask("core", core)[0]["results"][0]["cause"]
    got = [fact["reading"] for fact in cause["facts"] if fact["reading"].startswith("`")]
    silent = SAID[name] is None or name in MODES[mode][1]
    suite.equal("what it names", [] if silent else [SAID[name]], got, str(cause["facts"]))


suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--all", action="store_true", help="every release instead of a sample"))
for version in ALL if suite.options.all else SAMPLE:
    for mode in MODES:
        for name in SAID:
            label = f"{version} {mode} {name}"
            if suite.wanted(label):
                with suite.case(label):
                    crash_dump.need(suite)
                    check(suite, version, mode, name)
sys.exit(suite.finish())
