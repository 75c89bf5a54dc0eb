#!/usr/bin/env python3
"""The crashes of README.md: its programs are built, crash, and `abiscope core` prints what the README shows. Addresses, numbers of processes and lines of Go's
runtime are not compared. --write puts what was printed into the README."""
import pathlib
import re
import sys

import core_dump
import differential

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "golang"))
import crash_dump   # noqa: E402
import toolchains   # noqa: E402

README = HERE.parents[1] / "README.md"
SOURCES = HERE / "crash/readme"
GO = "1.24"
BLOCK = re.compile(r"(?<=```console crash\n)\$ (\S+) *\n(.*?)(?=```)", re.DOTALL)


def render(suite, folder):
    suite.need("gcc")
    done = differential.run(["gcc", "-O1", "-fno-stack-protector", "-o", folder / "render", SOURCES / "thunk.c"])
    suite.equal("gcc", 0, done.code, done.err)
    return core_dump.dump(suite, ["./render"], folder)


def orders(suite, folder):
    (folder / "main.go").write_text((SOURCES / "orders.go.txt").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "go.mod").write_text("module example.com/orders\n\ngo 1.18\n", encoding="utf-8")
    done = toolchains.go(GO, "build", "-trimpath", "-ldflags=-s -w", "-o", folder / "orders", ".", cwd=folder)
    suite.equal("go build", 0, done.code, done.err)
    return crash_dump.dump("./orders", folder, [])[0]


PROGRAMS = {"./render": render, "./orders": orders}


def without_libc_lines(text):
    """Whether the C library's debug information is installed is the machine's."""
    return re.sub(r" at \S+:\d+(?= \(libc\.so\.6\)$)", "", text, flags=re.M)


def plain(text):
    text = without_libc_lines(text)
    text = re.sub(r"0x[0-9a-f]{5,16}", "0x<address>", text)
    # Another point release of Go has the same functions at other lines.
    text = re.sub(r"(runtime\.[\w.]+)(\+0x[0-9a-f]+)? at (runtime/\w+\.\w+):\d+", r"\1 at \3", text)
    text = re.sub(r"(main\.[\w.]+)\+0x[0-9a-f]+ at", r"\1 at", text)
    text = re.sub(r"\(process \d+\)", "(process N)", text)
    # How many threads the runtime has started, and what the C library calls before main, is the machine's.
    text = re.sub(r"\d+ threads", "N threads", text)
    return re.sub(r"(__libc_start\w+)\+0x[0-9a-f]+", r"\1", text)


def main():
    suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--write", action="store_true", help="into the README instead of comparing"))
    text = README.read_text(encoding="utf-8")
    blocks = dict(BLOCK.findall(text))
    with suite.case("the README has them all"):
        suite.equal("programs", sorted(PROGRAMS), sorted(blocks))
    for name, make in PROGRAMS.items():
        with suite.case(name):
            crash_dump.need(suite)
            folder = suite.work / name.removeprefix("./")
            folder.mkdir()
            core = make(suite, folder)
            core = core.rename(folder / "core") if core.name != "core" else core
            done = differential.run([suite.options.abiscope, "core", "core"], cwd=folder)
            shown = "$ abiscope core core\n" + without_libc_lines(done.out + done.err)
            if suite.options.write:
                text = text.replace(f"$ {name}\n{blocks[name]}", f"$ {name}\n{shown}")
            else:
                suite.equal("what is printed", plain(blocks[name]), plain(shown))
    if suite.options.write:
        README.write_text(text, encoding="utf-8")
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
