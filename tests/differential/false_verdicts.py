#!/usr/bin/env python3
"""Seven programs about which tools that print dependency trees are wrong: abiscope against what really happens.

`--table` also asks the other tools and prints the table of README.md (libtree, pax-utils' lddtree, ldd -r; a tool that is not installed is
"not measured").
"""
import os
import re
import shutil
import sys

import differential

ANSWER = "int answer(void) { return 42; }\n"
MAIN = "int answer(void);\nint main(void) { return answer() != 42; }\n"
V1 = "V1 { global: answer; };\n"
FREEBSD = 9


def add_options(parser):
    parser.add_argument("--table", action="store_true", help="ask the other tools too, and print a table")


suite = differential.Suite(__doc__, add_options)
WORK = suite.work
ENVIRONMENT = differential.clean_environment()


def compiler(*arguments, tool="gcc"):
    outcome = differential.run([tool, *arguments], cwd=WORK)
    if outcome.code != 0:
        raise differential.Failure(f"{tool} {' '.join(map(str, arguments))}\n{outcome.err}")


def source(name, text):
    path = WORK / name
    path.write_text(text, encoding="utf-8")
    return path


def library(path, *options, text=ANSWER):
    path.parent.mkdir(parents=True, exist_ok=True)
    compiler("-shared", "-fPIC", "-Wl,-soname,libanswer.so", source("answer.c", text), *options, "-o", path)
    return path


def program(name, folder, *options):
    compiler(source("main.c", MAIN), "-o", WORK / name, f"-L{folder}", "-lanswer", f"-Wl,-rpath,{folder}", *options)
    return WORK / name


def hwcaps():
    if "avx2" not in open("/proc/cpuinfo", encoding="utf-8").read():
        suite.skip("the processor is older than x86-64-v3")
    folder = WORK / "hwcaps"
    made = library(folder / "glibc-hwcaps/x86-64-v3/libanswer.so")
    compiler(source("main.c", MAIN), "-o", WORK / "uses-hwcaps", made, f"-Wl,-rpath,{folder}")
    return WORK / "uses-hwcaps"


def version():
    folder = WORK / "version"
    library(folder / "libanswer.so", f"-Wl,--version-script={source('v1.map', V1)}")
    made = program("wants-version", folder)
    library(folder / "libanswer.so", f"-Wl,--version-script={source('v0.map', V1.replace('V1', 'V0'))}")
    return made


def symbol():
    folder = WORK / "symbol"
    library(folder / "libanswer.so")
    made = program("wants-symbol", folder, "-Wl,-z,now")
    library(folder / "libanswer.so", text="int other(void) { return 1; }\n")
    return made


def interpreter():
    folder = WORK / "interpreter"
    library(folder / "libanswer.so")
    return program("no-interpreter", folder, "-Wl,--dynamic-linker=/lib/ld-linux-of-another-world.so.2")


def processor():
    folder = WORK / "processor"
    library(folder / "libanswer.so", "-Wl,-z,x86-64-v3")
    return program("wants-v3", folder)


def os_abi():
    first, second = WORK / "abi/first", WORK / "abi/second"
    library(second / "libanswer.so")
    made = program("wrong-abi-first", f"{first}:{second}", f"-L{second}")
    spoiled = bytearray(library(first / "libanswer.so").read_bytes())
    spoiled[7] = FREEBSD
    (first / "libanswer.so").write_bytes(spoiled)
    return made


def musl():
    suite.need("musl-gcc")
    compiler(source("alone.c", "int main(void) { return 0; }\n"), "-o", WORK / "of-musl", tool="musl-gcc")
    return WORK / "of-musl"


OLD_CPU = ["qemu-x86_64", "-cpu", "qemu64"]
# what it is, how it is made, how it is started, options of abiscope for the same machine
CASES = [
    ("the library lies in `glibc-hwcaps/x86-64-v3` only", hwcaps, [], []),
    ("the library lacks the version", version, [], []),
    ("no library has the symbol", symbol, [], []),
    ("the interpreter is not there", interpreter, [], []),
    ("the library needs x86-64-v3, the processor is v1", processor, OLD_CPU, ["--cpu", "qemu64"]),
    ("the first library found is of another OS ABI", os_abi, [], []),
    ("a program of musl", musl, [], []),
]
VERDICTS = {0: "runs", 1: "fails", 3: "cannot tell"}


def reality(path, start):
    outcome = differential.run(["sh", "-c", 'exec "$@"', "sh", *start, path], env=ENVIRONMENT)
    return outcome.code


def by_abiscope(path, options):
    return VERDICTS.get(differential.run([suite.abiscope, "check", path, "--target", "host", *options], env=ENVIRONMENT).code, "no answer")


def says_missing(text):
    return re.search(r"not found|=> None|undefined symbol|symbol lookup error|error while loading|not a dynamic executable|cannot execute|CPU ISA level", text) is not None


def by_ldd(path, start):
    if start:   # what ldd does, on that processor
        outcome = differential.run([*start, "-E", "LD_TRACE_LOADED_OBJECTS=1", "-E", "LD_WARN=yes", "-E", "LD_BIND_NOW=1", path], env=ENVIRONMENT)
    else:
        outcome = differential.run(["ldd", "-r", path], env=ENVIRONMENT)
    return "fails" if says_missing(outcome.out + outcome.err) else "runs", outcome.code


def by_libtree(path, _start):
    outcome = differential.run(["libtree", path], env=ENVIRONMENT)
    return "fails" if outcome.code != 0 else "runs", outcome.code


def by_lddtree(path, _start):
    outcome = differential.run(["/usr/bin/python3", shutil.which("lddtree"), path], env=ENVIRONMENT)
    if "Traceback" in outcome.err:
        return "not measured", outcome.code
    return "fails" if says_missing(outcome.out + outcome.err) else "runs", outcome.code


PEERS = {"ldd -r": ("ldd", by_ldd), "libtree": ("libtree", by_libtree), "lddtree": ("lddtree", by_lddtree)}


def cell(verdict, code, truth):
    if verdict not in ("runs", "fails"):
        return verdict
    return f"right, exit {code}" if verdict == truth else f"wrong: it {verdict}, exit {code}"


rows = []
for name, make, start, options in CASES:
    if not suite.wanted(name):
        continue
    with suite.case(name):
        suite.need("gcc", *start[:1])
        if os.uname().machine != "x86_64":
            suite.skip("the programs are for x86-64")
        made = make()
        code = reality(made, start)
        truth = "runs" if code == 0 else "fails"
        got = by_abiscope(made, options)
        row = [name, f"{truth}, exit {code}", "right, exit " + str({"runs": 0, "fails": 1}[truth]) if got == truth else f"wrong: {got}"]
        if suite.options.table:
            row += [cell(*ask(made, start), truth) if shutil.which(tool) else "not measured" for tool, ask in PEERS.values()]
            rows.append(row)
        suite.equal("verdict", truth, got)
if suite.options.table:
    for row in [["", "what happens", "abiscope", *PEERS], ["---"] * (3 + len(PEERS)), *rows]:
        print("| " + " | ".join(row) + " |")
sys.exit(suite.finish())
