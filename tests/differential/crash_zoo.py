#!/usr/bin/env python3
"""Programs that crash on purpose, each in its own way; abiscope must name the cause, or say that it cannot tell. Wrong must be 0.

Every case is compiled with gcc and clang, with and without optimisation, frame pointers and symbols; dumped by the kernel (or gdb); and its
verdict is compared with what the program did, with the facts that decide. --write-accuracy FILE writes the table of the documentation.
"""
import collections
import json
import pathlib
import shutil
import signal
import sys

SOURCES = pathlib.Path(__file__).resolve().parent / "crash"
sys.path[:0] = [str(SOURCES)]

import core_dump
import differential
import zoo_cases
import zoo_dumps
import zoo_loaded
import zoo_ways
from zoo_cases import Case

# What this processor has not: bytes, and how /proc/cpuinfo calls the feature.
FEATURES = {"fma4": "fma4", "sse4a": "sse4a", "vp2intersect": "avx512_vp2intersect", "three_d_now": "3dnow"}


class Zoo:
    def __init__(self, suite):
        self.suite = suite
        self.programs = {}
        self.counts = collections.defaultdict(collections.Counter)   # rule -> right, cannot tell, wrong
        self.wrong = []
        self.poor = collections.Counter()   # of dumps without NT_SIGINFO and NT_FILE

    def program(self, source, flavour):
        key = (source, flavour)
        if key in self.programs:
            return self.programs[key]
        compiler, flags = zoo_ways.WAYS[flavour]
        if source.endswith(".cc"):
            compiler = {"gcc": "g++", "clang-19": "clang++-19", "clang": "clang++"}[compiler]
        self.suite.need(compiler)
        if "-shared-libsan" in flags:
            found = differential.run([compiler, "-print-file-name=libclang_rt.asan-x86_64.so"]).out
            flags = [*flags, f"-Wl,-rpath,{pathlib.Path(found.strip()).parent}"]
        out = self.suite.work / "bin" / f"{pathlib.Path(source).stem}-{flavour}"
        out.parent.mkdir(exist_ok=True)
        built = differential.run([compiler, *zoo_ways.COMMON, *flags, "-o", out, SOURCES / source, *zoo_ways.PER_SOURCE.get(source, [])], seconds=120)
        if built.code != 0:
            raise differential.Failure(f"{compiler}: {built.err}")
        self.programs[key] = out
        return out

    def judge(self, case, answer, code):
        """The JSON of one answer: right, or an exception; counts."""
        result = answer["results"][0]
        cause = result.get("cause")
        if cause is None:
            self.counts[case.rule]["cannot tell"] += 1
            if case.unknown:
                return
            raise differential.Failure(f"cannot tell: {result.get('missing')}, wanted {case.rule}")
        words = "\n".join(fact["reading"] + " " + fact.get("permissions", "") + " " + fact.get("bytes", "") for fact in cause["facts"])
        good = cause["id"] == case.rule and not case.unknown
        self.counts[case.rule]["right" if good else "wrong"] += 1
        if not good:
            self.wrong.append(f"{case.source} {case.name}: {cause['id']}")
            raise differential.Failure(f"WRONG: {cause['id']} ({cause['title']}), wanted {case.rule}")
        for text in case.facts:
            self.suite.true(f"no fact says {text!r}", text in words, words)
        for text in case.title:
            self.suite.true(f"the title does not say {text!r}", text in cause["title"], cause["title"])
        if case.confidence:
            self.suite.equal("confidence", case.confidence, cause["confidence"])
        self.suite.equal("exit code", 0, code)

    def judge_poor(self, case, core):
        """The same dump without NT_SIGINFO and NT_FILE, as old kernels and emulators write it: the same cause, if any, and never certain of what it has not seen."""
        self.suite.equal("notes", 2, core_dump.without_notes(core, {core_dump.NT_SIGINFO, core_dump.NT_FILE}))
        answer, _ = self.suite.ask("core", core)
        result = answer["results"][0]
        cause = result.get("cause")
        self.poor["right" if cause and cause["id"] == case.rule else "wrong" if cause else "cannot tell"] += 1
        if cause is None:
            return
        self.suite.equal("the cause without NT_SIGINFO and NT_FILE", case.rule, cause["id"], cause["title"])
        if result["signal"]["number"] == signal.SIGSEGV:
            self.suite.true(f"confidence is {cause['confidence']}", cause["confidence"] != "proven", json.dumps(cause["facts"], indent=1))

    def crash(self, case, flavour, poor=False):
        name = f"{pathlib.Path(case.source).stem}.{case.name}.{flavour}"
        if not self.suite.wanted(name):
            return
        with self.suite.case(name):
            if case.needs:
                self.suite.skip(case.needs)
            program = self.program(case.source, flavour)
            folder = self.suite.work / "cores" / name
            more = {"send": case.send} if case.send else {}
            if case.environment:
                more["env"] = {**differential.clean_environment(), **case.environment}
            core = core_dump.dump(self.suite, [*case.command, program, case.name, *case.arguments], folder, **more)
            answer, outcome = self.suite.ask("core", core)
            self.judge(case, answer, outcome.code)
            if poor:
                self.judge_poor(case, core)
        shutil.rmtree(self.suite.work / "cores" / name, ignore_errors=True)


def rust(zoo):
    suite = zoo.suite
    for name, rule, facts, title, flavours in zoo_cases.RUST:
        for flavour in flavours:
            label = f"panics.{name}.rustc-{flavour}"
            if not suite.wanted(label):
                continue
            with suite.case(label):
                suite.need("rustc")
                program = suite.work / "bin" / f"panics-{flavour}"
                if not program.exists():
                    program.parent.mkdir(exist_ok=True)
                    built = differential.run(["rustc", "-C", "panic=abort", *zoo_cases.RUST_WAYS[flavour], "-o", program, SOURCES / "panics.rs"], seconds=120)
                    suite.true("rustc", built.code == 0, built.err)
                core = core_dump.dump(suite, [program, name], suite.work / "cores" / label)
                answer, outcome = suite.ask("core", core)
                zoo.judge(Case("panics.rs", name, rule, facts, title=title), answer, outcome.code)


def loaded(zoo):
    suite = zoo.suite
    for library, function, left_out, rule, fact in zoo_loaded.LOADED:
        label = f"own_loader.{function}.{left_out}.{library}"
        if not suite.wanted(label):
            continue
        with suite.case(label):
            compiler, flags = zoo_loaded.LIBRARIES[library]
            suite.need("gcc")
            suite.need(compiler)
            loader, path = suite.work / "bin" / "own_loader", suite.work / "bin" / f"own_library-{library}.so"
            loader.parent.mkdir(exist_ok=True)
            for command in (["gcc", "-O1", "-w", "-o", loader, SOURCES / "own_loader.c"],
                            [compiler, *flags, "-w", "-shared", "-fPIC", "-nostdlib", "-Wl,--hash-style=sysv", "-o", path, SOURCES / "own_library.c"]):
                built = differential.run(command, seconds=120)
                suite.true(compiler, built.code == 0, built.err)
            core = core_dump.dump(suite, [loader, path, function, left_out], suite.work / "cores" / label)
            answer, outcome = suite.ask("core", core)
            zoo.judge(Case("own_loader.c", function, rule, (fact,)), answer, outcome.code)


def made(zoo):
    suite = zoo.suite
    folder = suite.work / "made"
    folder.mkdir(exist_ok=True)
    for name, core, rule, facts, title in zoo_dumps.made_dumps():
        if not suite.wanted(f"made.{name}"):
            continue
        with suite.case(f"made.{name}"):
            path = folder / f"{name}.core"
            path.write_bytes(core.build())
            answer, outcome = suite.ask("core", path)
            zoo.judge(Case("made", name, rule or "no cause", facts, title=title, unknown=rule is None), answer, outcome.code)


def features(zoo):
    has = zoo_cases.flags_of_this_processor()
    for name, flag in FEATURES.items():
        for flavour in ("gcc-O0", "gcc-O1-static", "clang-O2-stripped"):
            if flag in has:
                zoo.suite.missing(name, f"this processor has {flag}")
                continue
            # A static program has no loader that keeps what CPUID said.
            zoo.crash(zoo_cases.instructions(name, "CRASH-CPU-FEATURE", "SIGILL", unknown=flavour == "gcc-O1-static"), flavour)


def table(zoo):
    lines = ["| rule | right | cannot tell | wrong |", "|---|---|---|---|"]
    total = collections.Counter()
    for rule in sorted(zoo.counts):
        row = zoo.counts[rule]
        total += row
        lines.append(f"| {rule} | {row['right']} | {row['cannot tell']} | {row['wrong']} |")
    lines.append(f"| **all** | **{total['right']}** | **{total['cannot tell']}** | **{total['wrong']}** |")
    return "\n".join(lines) + "\n"


ACCURACY = """# How often is the cause right?

Made by `tests/differential/crash_zoo.py --write-accuracy docs/crash-accuracy.md`. Each row counts programs that crash on purpose in that way, or in
one that looks like it, compiled with gcc and clang, with and without optimisation, frame pointers and symbols, static and dynamic. "Cannot tell" is
what abiscope says when the evidence in the dump does not decide; "wrong" is a cause that is not the true one, and fails the test. A few dumps are
made byte by byte, of what this machine cannot do to a program; "no cause" is one that contradicts itself.

"""


# Ways each case is built, unless --all: which ones, the seed decides.
SAMPLE = 3


def add_options(parser):
    parser.add_argument("--all", action="store_true", help="every way to build each case instead of a sample")
    parser.add_argument("--write-accuracy", type=pathlib.Path, help="write the table of the documentation there")


def main():
    suite = differential.Suite(__doc__, add_options)
    zoo = Zoo(suite)
    for case in zoo_cases.CASES:
        flavours = sorted(case.flavours)
        chosen = flavours if suite.options.all or suite.options.write_accuracy else suite.random.sample(flavours, min(SAMPLE, len(flavours)))
        for i, flavour in enumerate(chosen):
            zoo.crash(case, flavour, poor=(suite.options.all or i == 0) and "m32" not in flavour)
    features(zoo)
    rust(zoo)
    loaded(zoo)
    made(zoo)
    print(table(zoo))
    print(f"without NT_SIGINFO and NT_FILE: {zoo.poor['right']} right, {zoo.poor['cannot tell']} cannot tell, {zoo.poor['wrong']} wrong")
    if zoo.wrong:
        print("\n".join(zoo.wrong))
    if suite.options.write_accuracy:
        suite.options.write_accuracy.write_text(ACCURACY + table(zoo), encoding="utf-8")
    sys.exit(suite.finish())


if __name__ == "__main__":
    main()
