#!/usr/bin/env python3
"""What Go programs do before main, against the processor under qemu-user and against the kernel: GOAMD64 on older processors, stripped or not, and
programs of other systems."""
import os
import pathlib
import platform
import sys

import differential

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "golang"))
import toolchains   # noqa: E402

NEWEST = list(toolchains.DEBIAN)[-1]
TEXT = 'package main\n\nimport ("fmt"; "math"; "math/bits"; "os"; "strings")\n\nfunc main() { fmt.Println("hello", bits.OnesCount(uint(len(os.Args))), math.Floor(2.5), strings.Count("banana", "a")) }\n'
PROCESSORS = ["Nehalem", "Haswell"]


def build(suite, version, system="linux", architecture="amd64", level="v1", strip=False):
    folder = suite.work / f"{version}-{system}-{architecture}-{level}-{strip}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.go").write_text(TEXT, encoding="utf-8")
    (folder / "go.mod").write_text("module example.com/start\n\ngo 1.18\n", encoding="utf-8")
    root = toolchains.root(version)
    environment = {**toolchains.environment(version, system, architecture), "GOAMD64": level}
    done = differential.run([root / "bin" / "go", "build", "-o", folder / "program", *(["-ldflags=-s -w"] if strip else []), "."], seconds=600, env=environment, cwd=folder)
    suite.equal("exit code of go build", 0, done.code, done.err[:1000])
    return folder / "program"


# The standard library is compiled for each level and system once more: a sample does without --all.
def levels(suite):
    for version in ("1.22", NEWEST) if suite.options.all else (NEWEST,):
        for level in ("v1", "v2", "v3", "v4") if suite.options.all else ("v1", "v3"):
            for strip in (False, True):
                for processor in PROCESSORS:
                    name = f"go {version} GOAMD64={level}{' stripped' if strip else ''} on {processor}"
                    if not suite.wanted(name):
                        continue
                    with suite.case(name):
                        suite.need("qemu-x86_64")
                        program = build(suite, version, level=level, strip=strip)
                        real = differential.run(["qemu-x86_64", "-cpu", processor, program], seconds=60)
                        answer = differential.run([suite.abiscope, "check", "--cpu", processor, "--json", program]).json()["results"][0]
                        suite.equal("verdict", "runs" if real.code == 0 else "fails", answer["verdict"], f"{real.code} {real.err}")
                        if real.code != 0:
                            said = [line for line in real.err.splitlines() if not line.startswith("qemu")]   # qemu warns of features it has not
                            suite.equal("message and exit code", (said, real.code), (answer["message"]["text"].splitlines(), answer["message"]["exit_code"]))


def systems(suite):
    for system in ("freebsd", "netbsd", "dragonfly", "openbsd", "linux"):
        for architecture in ("amd64", "386"):
            name = f"{system} {architecture}"
            sampled = suite.options.all or name in ("freebsd amd64", "linux amd64")
            if not suite.wanted(name) or not sampled or (system, architecture) == ("dragonfly", "386"):
                continue
            with suite.case(name):
                if platform.machine() != "x86_64" or os.uname().sysname != "Linux":
                    suite.skip("not Linux on x86-64")
                program = build(suite, NEWEST, system, architecture)
                real = differential.run(["sh", "-c", f"exec {program}"], seconds=60)
                answer = differential.run([suite.abiscope, "check", "--json", program]).json()["results"][0]
                suite.equal("verdict", "runs" if real.code == 0 else "fails", answer["verdict"], f"{real.code} {real.signal} {real.err}")


def main():
    suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--all", action="store_true", help="every level and system"))
    levels(suite)
    systems(suite)
    sys.exit(suite.finish())


if __name__ == "__main__":
    main()
