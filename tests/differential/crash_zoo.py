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

import core_dump
import differential

SOURCES = pathlib.Path(__file__).resolve().parent / "crash"

# name: compiler, flags
FLAVOURS = {
    "gcc-O0": ("gcc", ["-O0", "-g"]),
    "gcc-O2": ("gcc", ["-O2"]),
    "gcc-O2-fp": ("gcc", ["-O2", "-fno-omit-frame-pointer", "-mno-omit-leaf-frame-pointer"]),
    "gcc-O2-stripped": ("gcc", ["-O2", "-s"]),
    "gcc-O1-static": ("gcc", ["-O1", "-static"]),
    "clang-O0": ("clang-19", ["-O0", "-g"]),
    "clang-O2": ("clang-19", ["-O2", "-fno-pie", "-no-pie"]),
    "clang-O2-stripped": ("clang-19", ["-O2", "-s", "-Wl,--build-id=none"]),
}
ALL = tuple(FLAVOURS)

COMMON = ["-w", "-pthread", "-Wno-error"]
PER_SOURCE = {
    "control.c": ["-fno-stack-protector", "-fcf-protection=none"],
    "instructions.c": ["-lm"],
    "aborts.c": ["-D_FORTIFY_SOURCE=2", "-fstack-protector-all"],
}


class Case:
    def __init__(self, source, name, rule, facts=(), confidence=None, flavours=ALL, arguments=(), send=None, title=(), unknown=False):
        self.source, self.name, self.rule, self.facts = source, name, rule, facts
        self.confidence, self.flavours, self.arguments, self.send, self.title = confidence, flavours, arguments, send, title
        self.unknown = unknown   # "cannot tell" is all that can be said


def pointers(name, rule, *facts, **more):
    return Case("pointers.c", name, rule, facts, **more)


def control(name, rule, *facts, **more):
    return Case("control.c", name, rule, facts, **more)


def instructions(name, rule, *facts, **more):
    return Case("instructions.c", name, rule, facts, **more)


def aborts(name, rule, *facts, **more):
    return Case("aborts.c", name, rule, facts, **more)


def cxx(name, rule, *facts, **more):
    return Case("language.cc", name, rule, facts, **more)


SYMBOLS = ("gcc-O0", "gcc-O2", "gcc-O2-fp", "clang-O0", "clang-O2")
DYNAMIC = tuple(flavour for flavour in ALL if flavour != "gcc-O1-static")
OPTIMISED = tuple(flavour for flavour in ALL if "-O0" not in flavour)

CASES = [
    # A null pointer, and what looks like one.
    pointers("null_read", "CRASH-NULL-FIELD", "si_addr 0x18", title=("reads 4 bytes", "offset 24")),
    pointers("null_write", "CRASH-NULL-FIELD", "si_addr 0x18", title=("writes 4 bytes", "offset 24")),
    pointers("null_first", "CRASH-NULL-FIELD", "si_addr 0x0", title=("offset 0",)),
    pointers("null_index", "CRASH-NULL-INDEX", "si_addr 0xb71b00"),
    pointers("small_integer", "CRASH-SMALL-INTEGER-POINTER", "si_addr 0x18"),
    pointers("wild", "CRASH-WILD-POINTER", "nothing is mapped at 0x123456789018", title=("reads 4 bytes",)),
    pointers("wild_write", "CRASH-WILD-POINTER", "nothing is mapped at 0x123456789018", title=("writes 4 bytes",)),
    pointers("unmapped", "CRASH-WILD-POINTER", "nothing is mapped"),
    pointers("poison", "CRASH-NON-CANONICAL", "SI_KERNEL", title=("the byte 0xe5, repeated",)),
    pointers("poison_write", "CRASH-NON-CANONICAL", "SI_KERNEL", title=("writes 8 bytes", "the byte 0xa5, repeated")),
    pointers("text", "CRASH-NON-CANONICAL", "SI_KERNEL", title=('the text "Hello wo"',)),
    pointers("tagged", "CRASH-NON-CANONICAL", "SI_KERNEL", title=("tagged pointer",)),
    pointers("map_failed", "CRASH-NEGATIVE-POINTER", "si_addr 0xffffffffffffffff", title=("MAP_FAILED",)),
    pointers("negative_errno", "CRASH-NEGATIVE-POINTER", "si_addr 0xfffffffffffffff4", title=("-12",)),
    pointers("kernel_half", "CRASH-NEGATIVE-POINTER", "si_addr 0xffff888000000000", title=("the kernel's half",)),
    pointers("literal", "CRASH-READ-ONLY", "SEGV_ACCERR", title=("writes 1 byte",)),
    pointers("const_table", "CRASH-READ-ONLY", "SEGV_ACCERR", title=(".rodata",), flavours=tuple(set(ALL) - {"gcc-O1-static"})),
    pointers("code", "CRASH-READ-ONLY", "SEGV_ACCERR", "r-x"),
    pointers("read_only_map", "CRASH-READ-ONLY", "SEGV_ACCERR", "r--"),
    pointers("no_access", "CRASH-NO-ACCESS", "SEGV_ACCERR", "---"),
    pointers("past_end", "CRASH-PAST-END", "SEGV_MAPERR"),
    pointers("handler_aborts", "CRASH-NULL-FIELD", "the process ended by SIGABRT later", title=("offset 24",)),
    pointers("handler_raises", "CRASH-NULL-FIELD", "the process ended by SIGSEGV later", title=("offset 24",)),
    # Control.
    control("call_null", "CRASH-CALL-NULL", "called:"),
    control("call_null_member", "CRASH-CALL-NULL", "called:"),
    control("call_weak", "CRASH-CALL-NULL", flavours=DYNAMIC),
    control("call_wild", "CRASH-CALL-WILD", "nothing is mapped at 0x123456789000"),
    control("call_noncanonical", "CRASH-CALL-WILD", "the byte 0xdd, repeated"),
    control("call_data", "CRASH-NOT-EXECUTABLE", "SEGV_ACCERR"),
    control("call_stack", "CRASH-NOT-EXECUTABLE", "[stack]"),
    control("return_noncanonical", "CRASH-RETURN-SMASHED", "SI_KERNEL"),
    control("return_wild", "CRASH-RETURN-SMASHED", "nothing is mapped at 0x123456789000"),
    # Stacks.
    control("recursion", "CRASH-STACK-OVERFLOW", "the cycle is 1 frame"),
    control("mutual_recursion", "CRASH-STACK-OVERFLOW", "calls of"),
    control("thread_recursion", "CRASH-THREAD-STACK-OVERFLOW", "SEGV_ACCERR"),
    control("thread_null", "CRASH-NULL-FIELD", "si_addr 0x8"),
    control("big_frame", "CRASH-STACK-SKIPPED-GUARD", "64.0 MiB"),
    control("big_alloca", "CRASH-STACK-SKIPPED-GUARD", "SEGV_MAPERR"),
    # Signals.
    control("abort", "CRASH-ABORT", "SI_TKILL"),
    control("raise_segv", "CRASH-RAISED", "itself", title=("SIGSEGV",)),
    control("kill_self", "CRASH-RAISED", "itself", title=("SIGSEGV",)),
    control("wait", "CRASH-KILLED", "SI_USER", title=("SIGSEGV",), send=signal.SIGSEGV),
    control("seccomp_trap", "CRASH-SECCOMP", "the filter's data is 77", title=("getppid()",)),
    control("seccomp_kill", "CRASH-SECCOMP", "SECCOMP_RET_KILL", title=("getppid()",)),
    control("truncated_file", "CRASH-FILE-TRUNCATED", "BUS_ADRERR", title=("at offset 8197", "100 bytes now"), arguments=("mapped.bin",)),
    # Instructions.
    instructions("divide_zero", "CRASH-DIVIDE-BY-ZERO", "FPE_INTDIV"),
    instructions("divide_long_zero", "CRASH-DIVIDE-BY-ZERO", "FPE_INTDIV"),
    instructions("remainder_zero", "CRASH-DIVIDE-BY-ZERO", "FPE_INTDIV"),
    instructions("divide_overflow", "CRASH-DIVIDE-OVERFLOW", "FPE_INTDIV"),
    instructions("float_divide", "CRASH-FLOATING-POINT", "FPE_FLTDIV", "MXCSR"),
    instructions("float_invalid", "CRASH-FLOATING-POINT", "FPE_FLTINV", "MXCSR"),
    instructions("trap", "CRASH-DELIBERATE-TRAP", "ud2"),
    instructions("ud1", "CRASH-DELIBERATE-TRAP", "ud1"),
    instructions("breakpoint", "CRASH-BREAKPOINT", "SIGTRAP"),
    instructions("hlt", "CRASH-PRIVILEGED-INSTRUCTION", "SI_KERNEL"),
    instructions("cli", "CRASH-PRIVILEGED-INSTRUCTION", "SI_KERNEL"),
    instructions("in", "CRASH-PRIVILEGED-INSTRUCTION", "SI_KERNEL"),
    instructions("wrmsr", "CRASH-PRIVILEGED-INSTRUCTION", "SI_KERNEL"),
    instructions("mov_cr0", "CRASH-PRIVILEGED-INSTRUCTION", "SI_KERNEL"),
    instructions("fastfail", "CRASH-PRIVILEGED-INSTRUCTION", "SI_KERNEL"),
    instructions("movaps_heap", "CRASH-MISALIGNED", "mod 16 = 8"),
    instructions("paddd_heap", "CRASH-MISALIGNED", "mod 16 = 8"),
    instructions("vmovaps_heap", "CRASH-MISALIGNED", "mod 32 = 16"),
    instructions("cmpxchg16b", "CRASH-MISALIGNED", "mod 16 = 8"),
    instructions("misaligned_stack", "CRASH-MISALIGNED", "call_misaligned+0x4", flavours=SYMBOLS),
    instructions("movaps_null", "CRASH-NULL-FIELD", "si_addr 0x10"),
    instructions("gs30", "CRASH-WINDOWS-THREAD-BLOCK", "gs_base = 0x0", title=("NtTib.Self",)),
    instructions("gs60", "CRASH-WINDOWS-THREAD-BLOCK", "gs_base = 0x0", title=("ProcessEnvironmentBlock",)),
    instructions("gs_odd", "CRASH-SEGMENT-BASE-LOST", "gs_base = 0x0"),
    instructions("fs_base_zero", "CRASH-SEGMENT-BASE-LOST", "fs_base = 0x0"),
    instructions("undefined_bytes", "CRASH-NOT-AN-INSTRUCTION", "06 06 06 06"),
    instructions("push_bad_stack", "CRASH-NON-CANONICAL", "SIGBUS"),
    # The C library's words.
    aborts("assert", "CRASH-ASSERT", "__abort_msg", title=("x == 42",)),
    aborts("smashed", "CRASH-STACK-SMASHED", "__abort_msg"),
    aborts("fortify", "CRASH-FORTIFIED", "__abort_msg", flavours=OPTIMISED),
    aborts("double_free", "CRASH-HEAP-CORRUPTED", "__abort_msg"),
    aborts("heap_overflow", "CRASH-HEAP-CORRUPTED", "__abort_msg"),
    aborts("bad_free", "CRASH-HEAP-CORRUPTED", "__abort_msg"),
    # C++.
    cxx("throw", "CRASH-UNCAUGHT-EXCEPTION", "St13runtime_error", title=("the disk is full",)),
    cxx("throw_own", "CRASH-UNCAUGHT-EXCEPTION", "3Own", title=("my own words",)),
    cxx("throw_int", "CRASH-UNCAUGHT-EXCEPTION", title=(": 42",)),
    cxx("throw_text", "CRASH-UNCAUGHT-EXCEPTION", title=("only text",)),
    cxx("throw_plain", "CRASH-UNCAUGHT-EXCEPTION", "5Plain"),
    cxx("throw_range", "CRASH-UNCAUGHT-EXCEPTION", "St12out_of_range", title=("vector",)),
    cxx("throw_long", "CRASH-UNCAUGHT-EXCEPTION", "St11logic_error"),
    cxx("noexcept", "CRASH-UNCAUGHT-EXCEPTION", "St13runtime_error", title=("the disk is full",)),
    cxx("second", "CRASH-UNCAUGHT-EXCEPTION", "St13runtime_error", title=("the disk is full",)),
    # A static link takes __cxa_pure_virtual for a weak symbol, and calls null.
    cxx("pure_virtual", "CRASH-PURE-VIRTUAL", flavours=DYNAMIC),
    cxx("rethrow_nothing", "CRASH-TERMINATE"),
    cxx("joinable", "CRASH-TERMINATE"),
]

# What this processor has not: bytes, and how /proc/cpuinfo calls the feature.
FEATURES = {"fma4": "fma4", "sse4a": "sse4a", "vp2intersect": "avx512_vp2intersect", "three_d_now": "3dnow"}


def flags_of_this_processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("flags"):
            return set(line.split(":", 1)[1].split())
    return set()


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
        compiler, flags = FLAVOURS[flavour]
        if source.endswith(".cc"):
            compiler = {"gcc": "g++", "clang-19": "clang++-19"}[compiler]
        self.suite.need(compiler)
        out = self.suite.work / "bin" / f"{pathlib.Path(source).stem}-{flavour}"
        out.parent.mkdir(exist_ok=True)
        built = differential.run([compiler, *COMMON, *flags, "-o", out, SOURCES / source, *PER_SOURCE.get(source, [])], seconds=120)
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
            program = self.program(case.source, flavour)
            folder = self.suite.work / "cores" / name
            core = core_dump.dump(self.suite, [program, case.name, *case.arguments], folder, **({"send": case.send} if case.send else {}))
            answer, outcome = self.suite.ask("core", core)
            self.judge(case, answer, outcome.code)
            if poor:
                self.judge_poor(case, core)
        shutil.rmtree(self.suite.work / "cores" / name, ignore_errors=True)


def rust(zoo):
    suite = zoo.suite
    for name, place in (("panic", "panics.rs:18:"), ("index", "panics.rs:6:"), ("unwrap", "panics.rs:11:")):
        for flavour, flags in (("O0", ["-g"]), ("O2", ["-O"])):
            label = f"panics.{name}.rustc-{flavour}"
            if not suite.wanted(label):
                continue
            with suite.case(label):
                suite.need("rustc")
                program = suite.work / "bin" / f"panics-{flavour}"
                if not program.exists():
                    program.parent.mkdir(exist_ok=True)
                    built = differential.run(["rustc", "-C", "panic=abort", *flags, "-o", program, SOURCES / "panics.rs"], seconds=120)
                    suite.true("rustc", built.code == 0, built.err)
                core = core_dump.dump(suite, [program, name], suite.work / "cores" / label)
                answer, outcome = suite.ask("core", core)
                zoo.judge(Case("panics.rs", name, "CRASH-RUST-PANIC", title=(place,)), answer, outcome.code)


def features(zoo):
    has = flags_of_this_processor()
    for name, flag in FEATURES.items():
        for flavour in ("gcc-O0", "gcc-O1-static", "clang-O2-stripped"):
            if flag in has:
                zoo.suite.missing(name, f"this processor has {flag}")
                continue
            # A static program has no loader that keeps what CPUID said.
            zoo.crash(instructions(name, "CRASH-CPU-FEATURE", "SIGILL", unknown=flavour == "gcc-O1-static"), flavour)


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
what abiscope says when the evidence in the dump does not decide; "wrong" is a cause that is not the true one, and fails the test.

"""


# Ways each case is built, unless --all: which ones, the seed decides.
SAMPLE = 3


def add_options(parser):
    parser.add_argument("--all", action="store_true", help="every way to build each case instead of a sample")
    parser.add_argument("--write-accuracy", type=pathlib.Path, help="write the table of the documentation there")


def main():
    suite = differential.Suite(__doc__, add_options)
    zoo = Zoo(suite)
    for case in CASES:
        flavours = sorted(case.flavours)
        chosen = flavours if suite.options.all or suite.options.write_accuracy else suite.random.sample(flavours, min(SAMPLE, len(flavours)))
        for i, flavour in enumerate(chosen):
            zoo.crash(case, flavour, poor=suite.options.all or i == 0)
    features(zoo)
    rust(zoo)
    print(table(zoo))
    print(f"without NT_SIGINFO and NT_FILE: {zoo.poor['right']} right, {zoo.poor['cannot tell']} cannot tell, {zoo.poor['wrong']} wrong")
    if zoo.wrong:
        print("\n".join(zoo.wrong))
    if suite.options.write_accuracy:
        suite.options.write_accuracy.write_text(ACCURACY + table(zoo), encoding="utf-8")
    sys.exit(suite.finish())


if __name__ == "__main__":
    main()
