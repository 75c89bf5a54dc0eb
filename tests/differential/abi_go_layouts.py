#!/usr/bin/env python3
"""Layouts, pointer masks and heap slots of Go's structs against the gc toolchain, the oldest and the newest that Debian has and the installed one:
generated structs, printed by a program with the compiler's offsets, size and alignment, the type descriptors' pointer bytes and masks, and the span
its runtime puts an object in."""
import pathlib
import random
import sys

import debian_package
import differential

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "abi"))

import go_roots   # noqa: E402
import go_types   # noqa: E402

# GOARCH, and what runs its programs here. An emulator is the target, not the project: it only has to print.
ARCHITECTURES = {"amd64": [], "386": [], "arm64": ["qemu-aarch64"], "arm": ["qemu-arm"]}
MORE = {"riscv64": ["qemu-riscv64"], "ppc64le": ["qemu-ppc64le"], "s390x": ["qemu-s390x"], "mips64": ["qemu-mips64"]}


def options(parser):
    parser.add_argument("--types", type=int, default=300, help="structs for each release and architecture")


def parse(text):
    return dict(line.split(" ", 1) for line in text.splitlines())


def compare(suite, toolchain, architecture, emulator):
    suite.need(*emulator)
    work = suite.work / f"{toolchain.version}-{architecture}"
    work.mkdir(parents=True)
    profile = f"go-{architecture}/go{toolchain.version}"
    program, text, names = go_types.generate(random.Random(f"{suite.options.seed} {profile}"), suite.options.types, toolchain.minor)
    (work / "main.go").write_text(program)
    (work / "types.txt").write_text(text)
    built = toolchain.build(architecture, work / "main.go", work / "show")
    suite.equal("go build", 0, built.code, built.err[:2000])
    # Go's print ignores a write that was cut short, as one to a pipe may be: into a file they are whole.
    shown = work / "shown.txt"
    ran = differential.run(["sh", "-c", 'exec "$@" 2>"$0"', shown, *emulator, work / "show"], seconds=120)
    suite.equal("the program", 0, ran.code, shown.read_text()[-500:])
    ours = differential.run([differential.dump_program("layout_dump"), profile, work / "types.txt"])
    suite.equal("layout_dump", 0, ours.code, ours.err[:500])
    real, got = parse(shown.read_text()), parse(ours.out)
    wrong = [name for name in names if real.get(name) != got.get(name)]
    print(f"{profile}: {len(names) - len(wrong)} of {len(names)} agree", flush=True)
    sources = {line.split()[1]: line for line in program.splitlines() if line.startswith("type S")}
    suite.true(f"{len(wrong)} structs differ", not wrong,
               "\n".join(f"{sources[name]}\nreal {real.get(name)}\nours {got.get(name)}" for name in wrong[:5]))


def toolchains():
    """(title, how to get it, architectures)."""
    yield "installed", go_roots.installed, ARCHITECTURES | MORE
    for version in go_roots.DEBIAN:
        yield version, lambda version=version: go_roots.of_debian(version), ARCHITECTURES


def main():
    suite = differential.Suite(__doc__, options)
    for title, get, architectures in toolchains():
        toolchain = None
        for architecture, emulator in architectures.items():
            case = f"go {title} {architecture}"
            if not suite.wanted(case):
                continue
            with suite.case(case):
                try:
                    toolchain = toolchain or get()
                except debian_package.Unreachable as problem:
                    suite.skip(str(problem))
                if toolchain is None:
                    suite.skip("go is not installed")
                compare(suite, toolchain, architecture, emulator)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
