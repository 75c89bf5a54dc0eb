#!/usr/bin/env python3
"""Go programs that end themselves in every way, with the toolchains from 1.19 to 1.27, stripped or not: the cause and its value, and the
backtrace against the one the runtime prints of the very same process. Through cgo, C and Go in one backtrace."""
import json
import pathlib
import re
import sys

import differential

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "golang"))
import crash_dump   # noqa: E402
import toolchains   # noqa: E402

SOURCE, CGO = HERE / "crash/panics.go.txt", HERE / "crash/panics_cgo.go.txt"
ALL, SAMPLE = ["1.19", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26", "1.27"], ["1.19", "1.24", "1.27"]
MODES = {"plain": [], "strip": ["-ldflags=-s -w"], "pie": ["-buildmode=pie", "-ldflags=-s -w"]}
NIL = "runtime error: invalid memory address or nil pointer dereference"
PANIC, FATAL = "CRASH-GO-PANIC", "CRASH-GO-FATAL"

# name: rule, value, the function that is to blame
CASES = {
    "nil": (PANIC, NIL, "main.follow"),
    "inlined": (PANIC, NIL, "main."),
    "index": (PANIC, "runtime error: index out of range [7] with length 3", "main.index"),
    "divide": (PANIC, "runtime error: integer divide by zero", "main.divide"),
    "assert": (PANIC, "interface conversion: int is not main.shape: missing method area", "main.assert"),
    "map": (PANIC, "assignment to entry in nil map", "main.main"),
    "string": (PANIC, "all is lost", "main.main"),
    "integer": (PANIC, "int(-42)", "main.main"),
    "float": (PANIC, "main.celsius(36.5)", "main.main"),
    "complex": (PANIC, "complex128(1-2.5i)", "main.main"),
    "error": (PANIC, "problem 17", "main.main"),
    "wrapped": (PANIC, "outer: inner", "main.main"),
    "struct": (PANIC, "main.plain(", "main.main"),
    "nothing": (PANIC, "second", "main.main.func1"),
    "deferred": (PANIC, "on top", "main.main.func"),
    "goroutine": (PANIC, "in a goroutine", "main.main.func"),
    "closed": (PANIC, "close of closed channel", "main.main"),
    "overflow": (FATAL, "stack overflow", "main.endless"),
    "deadlock": (FATAL, "all goroutines are asleep - deadlock!", None),
    "goexit": (PANIC, "while leaving", "main.main.func"),
    "again": (PANIC, "wrapped: " + NIL, "main.main"),
    "asked": ("CRASH-RAISED", "SIGQUIT", None),
    "shortened": (FATAL, "fault", "main.main"),
    "unlock-again": (FATAL, "sync: unlock of unlocked mutex", "main.main"),
    "unlock": (FATAL, "sync: unlock of unlocked mutex", "main.main"),
    "maps": (FATAL, "concurrent map writes", None),
}
CGO_CASES = {
    "c-null": ("CRASH-NULL-FIELD", None, None),
    "c-null-deep": ("CRASH-NULL-FIELD", None, None),
    "c-abort": ("CRASH-ABORT", None, None),
    "c-raise": ("CRASH-RAISED", "SIGABRT", "raises"),
    "c-raise-segv": ("CRASH-RAISED", "SIGSEGV", "raises"),
    "c-kill": ("CRASH-RAISED", "SIGABRT", "kills"),
    "c-raise-in-thread": ("CRASH-RAISED", "SIGABRT", "raises"),
    "c-wild": ("CRASH-WILD-POINTER", "reads 4 bytes at 0x123456789018", None),
    "c-constant": ("CRASH-READ-ONLY", "writes 1 byte", None),
    "c-smash": ("CRASH-RETURN-SMASHED", "0x4141414141414141", "smash"),
    "c-divide": ("CRASH-DIVIDE-BY-ZERO", None, "divide"),
    "go-under-c": (PANIC, "under C", "main.end"),
}


def printed_frames(text):
    """(function, file, line) of the goroutine that ended the program, as the runtime printed it."""
    block = re.search(r"^goroutine \d+ .*\[running[^\]]*\]:\n(.*?)(?:^\n|^goroutine |^rax )", text + "\n\n", re.M | re.S)
    if block is None:
        return []
    frames = []
    lines = block.group(1).splitlines()
    for call, place in zip(lines[::2], lines[1::2]):
        where = re.match(r"\t(.*):(\d+)", place)
        if call.startswith("created by ") or where is None:
            break
        name = re.match(r"(.*)\([^()]*\)$", call).group(1)
        frames.append(("runtime.gopanic" if name == "panic" else name, where.group(1), int(where.group(2))))
    return frames


def printed_goroutines(text):
    """Number -> (state, frames) of the goroutines that did not run, as the runtime printed them. A word on which the whole tail hangs is not the frames'."""
    out = {}
    for number, state, block in re.findall(r"^goroutine (\d+) [^\[\n]*\[([^\]]*)\]:\n((?:.+\n)*)", text + "\n", re.M):
        state = state.split(", ")[0].removesuffix(" (scan)")
        if number == "0" or state in ("running", "runnable", "idle"):
            continue
        frames = []
        lines = block.splitlines()
        for call, place in zip(lines[::2], lines[1::2]):
            where = re.match(r"\t(.*):(\d+)", place)
            if call.startswith("created by ") or where is None:
                break
            frames.append((re.match(r"(.*)\([^()]*\)$", call).group(1), where.group(1), int(where.group(2))))
        out[int(number)] = (state, frames)
    return out


def our_frames(result):
    out = []
    for frame in result["frames"]:
        out += [(one["function"], one["file"], one["line"]) for one in frame.get("inlined", [])]
        out.append((frame.get("function", ""), frame.get("file", ""), frame.get("line", 0)))
    return out


class Programs:
    def __init__(self, suite):
        self.suite = suite
        self.built = {}

    def get(self, *key):
        if key not in self.built:
            self.built[key] = self.build(*key)
        return self.built[key]

    def build(self, version, mode, cgo, architecture="amd64"):
        folder = self.suite.work / f"{version}-{mode}-{architecture}{'-cgo' if cgo else ''}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "main.go").write_text((CGO if cgo else SOURCE).read_text(encoding="utf-8"), encoding="utf-8")
        (folder / "go.mod").write_text("module example.com/crash\n\ngo 1.18\n", encoding="utf-8")
        done = toolchains.go(version, "build", "-trimpath", "-o", folder / "program", *MODES[mode], ".", cgo=cgo, cwd=folder, architecture=architecture)
        if done.code != 0:
            raise differential.Failure(f"go build: {done.err[:2000]}")
        return folder / "program"


def check_cause(suite, expected, result, printed):
    rule, value, function = expected
    cause = result.get("cause") or {}
    suite.equal("the rule", rule, cause.get("id"), json.dumps(result.get("missing"))[:400])
    title = cause.get("title", "")
    if value is not None:
        suite.true(f"the value, in: {title}", value in title)
    if function is not None:
        suite.true(f"the function {function}, in: {title}", function in title)
    if value == "SIGQUIT":
        # kill() is handled by any thread: one that was not calling the kernel has not sent it.
        suite.true(f"who sent it, in: {title}", title.startswith("the program ") or "yscall" in title)
    own = [frame for frame in printed_frames(printed) if not frame[0].startswith(("runtime.", "sync.", "internal/"))]
    if rule in (PANIC, FATAL) and own and not own[0][0].startswith("_"):
        suite.true(f"the runtime's first frame of the program, {own[0]}, in: {title}", f"{own[0][0]} at {own[0][1]}:{own[0][2]}" in title)
    suite.true(f"confidence {cause.get('confidence')}", cause.get("confidence") in ("proven", "likely"))


# Words of the facts or the help, beside the title.
TOLD = {"goexit": "runtime.Goexit() ended the goroutine", "again": "look at what is loaded in main.follow", "asked": "as GOTRACEBACK=crash asks",
        "shortened": "it was shortened while it was mapped"}


def check_frames(suite, printed, result):
    ours = our_frames(result)
    real = printed_frames(printed)
    if not real:
        return
    if real[0] not in ours:
        suite.true(f"the runtime's first frame {real[0]} is among {ours[:12]}", False)
        return
    ours = ours[ours.index(real[0]):]
    # The runtime leaves out frames in the middle of very deep stacks, and we fold cycles.
    if any(frame.get("folded") for frame in result["frames"]):
        suite.equal("the first frames", real[:2], ours[:2])
        return
    # C's frames are in our list alone.
    if any("cgo" in function or function.startswith("crosscall") for function, _, _ in ours):
        # It stands for C with a frame of the scheduler's, which nobody called.
        real = [frame for frame in real if frame[0] != "runtime.systemstack_switch"]
        suite.true("the runtime's frames are ours, in their order", is_subsequence(real, ours), f"runtime {real}\nours {ours}")
        return
    suite.equal("the runtime's frames", real, ours)


def check_goroutines(suite, printed, result):
    ours = {}
    for group in result["goroutines"]:
        for number in group["ids"]:
            ours[number] = (group.get("wait_reason") or group["state"], our_frames(group))
    for number, (state, frames) in printed_goroutines(printed).items():
        suite.true(f"goroutine {number} is listed", number in ours, str(sorted(ours)))
        suite.equal(f"the state of goroutine {number}", state, ours[number][0])
        # Calls into C: the runtime stops where it cannot look.
        suite.equal(f"the frames of goroutine {number}", frames, ours[number][1][:len(frames)] if state == "syscall" else ours[number][1])
        COMPARED.append(number)


def is_subsequence(part, whole):
    rest = iter(whole)
    return all(any(one == other for other in rest) for one in part)


C_FRAMES = {"c-null": ["look", "fault", "runtime.asmcgocall", "main.end", "main.main", "runtime.goexit"],
            "c-null-deep": ["look", "fault", "runtime.asmcgocall", "main.end", "main.back", "runtime.cgocallback", "crosscall2", "call_back", "runtime.asmcgocall", "main.back",
                            "runtime.cgocallback", "call_back", "main.back", "runtime.cgocallback", "call_back", "runtime.asmcgocall", "main.main", "runtime.goexit"],
            "c-abort": ["abort", "give_up", "runtime.asmcgocall", "main.end", "main.main", "runtime.goexit"],
            # The panic has undone what led back to C (runtime.unwindm): the goroutine's own frames are left.
            "go-under-c": ["runtime.gopanic", "main.end", "main.back", "runtime.cgocallback", "runtime.systemstack_switch", "main.back", "main.main", "runtime.goexit"]}


def check_c_frames(suite, name, result):
    functions = [frame.get("function", "").split(".isra.")[0].split(".constprop.")[0] for frame in result["frames"]]
    wanted = C_FRAMES[name]
    suite.true("C and Go in one backtrace", is_subsequence(wanted, functions), f"wanted {wanted}\nours {functions}")


def ask(suite, program, folder, name, emulator=()):
    core, printed = crash_dump.dump(program, folder, [name], emulator=emulator)
    done = differential.run([suite.options.abiscope, "core", "--json", "--goroutines", core], seconds=100)
    core.unlink()
    suite.equal("exit code", 0, done.code, done.err[:500])
    return json.loads(done.out)["results"][0], printed


def check(suite, programs, version, mode, name, cgo):
    program, folder = programs.get(version, mode, cgo), suite.work / "dumps" / f"{version}-{mode}-{name}"
    result, printed = ask(suite, program, folder, name)
    expected = (CGO_CASES if cgo else CASES)[name]
    if version == "1.19" and name == "c-divide":
        # The handler of that release forgets what the registers held: only the runtime's words are left.
        expected = (FATAL, "unexpected signal during runtime execution", "divide")
    if cgo and mode != "plain" and expected[2] and "." not in expected[2]:
        expected = (*expected[:2], "program+0x" if expected[0] != FATAL else None)   # nothing keeps C's names
    check_cause(suite, expected, result, printed)
    if name in TOLD:
        suite.true(f"the answer says {TOLD[name]!r}", TOLD[name] in json.dumps(result["cause"]), json.dumps(result["cause"]))
    if name == "asked":
        return   # which thread gets the signal depends on the moment
    check_frames(suite, printed, result)
    try:
        check_goroutines(suite, printed, result)
    except differential.Failure:
        # A goroutine may be woken between the runtime's words and the dump: what is wrong with us comes again.
        again, words = ask(suite, program, folder, name)
        check_goroutines(suite, words, again)
    if cgo and mode == "plain" and version != "1.19" and name in C_FRAMES:
        check_c_frames(suite, name, result)


# GOARCH: emulator, cases. 386 runs on this processor; the dumps of qemu-user have neither NT_SIGINFO nor NT_FILE.
FOREIGN = {"arm64": ("qemu-aarch64", ["nil", "inlined", "index", "wrapped", "goroutine", "overflow", "deadlock"]),
           "arm": ("qemu-arm", ["nil", "inlined", "index", "wrapped", "goroutine", "deadlock"]), "386": (None, ["nil", "index", "float", "wrapped", "goroutine", "deadlock"])}


def check_foreign(suite, programs, version, architecture, name):
    emulator = FOREIGN[architecture][0]
    if emulator:
        suite.need(emulator)
    program = programs.get(version, "strip", False, architecture)
    folder = suite.work / "dumps" / f"{version}-{architecture}-{name}"
    result, printed = ask(suite, program, folder, name, [emulator] if emulator else [])
    check_cause(suite, CASES[name], result, printed)
    check_frames(suite, printed, result)
    check_goroutines(suite, printed, result)


SHARED = """package main

import "C"

//export Process
func Process(n C.int) C.int {
	list := make([]int, int(n))
	return C.int(list[int(n)])
}

func main() {}
"""
CALLER = """extern int Process(int);
__attribute__((noinline)) int wrapper(int n) { return Process(n) + 1; }
int main(int argc, char **argv) { return wrapper(argc); }
"""


def check_shared(suite, version, mode):
    """Go in a library that a C program loads."""
    suite.need("gcc")
    folder = suite.work / f"{version}-{mode}-shared"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lib.go").write_text(SHARED, encoding="utf-8")
    (folder / "go.mod").write_text("module example.com/shared\n\ngo 1.18\n", encoding="utf-8")
    (folder / "main.c").write_text(CALLER, encoding="utf-8")
    done = toolchains.go(version, "build", "-trimpath", "-buildmode=c-shared", *MODES[mode], "-o", folder / "libprocess.so", ".", cgo=True, cwd=folder)
    suite.equal("exit code of go build", 0, done.code, done.err[:1000])
    done = differential.run(["gcc", "-O1", "-g", "-o", folder / "program", folder / "main.c", folder / "libprocess.so", f"-Wl,-rpath,{folder}"])
    suite.equal("exit code of gcc", 0, done.code, done.err[:1000])
    result, printed = ask(suite, folder / "program", folder / "dump", "go")
    check_cause(suite, (PANIC, "index out of range [2] with length 2", "main.Process"), result, printed)
    # The runtime ends where C begins, and says runtime.goexit there.
    real = [frame for frame in printed_frames(printed) if frame[0] != "runtime.goexit"]
    suite.true("the runtime's frames are ours, in their order", len(real) > 3 and is_subsequence(real, our_frames(result)), f"runtime {real}\nours {our_frames(result)}")
    functions = [frame.get("function") for frame in result["frames"]]
    suite.true("C's callers are in the backtrace", is_subsequence(["runtime.gopanic", "runtime.cgocallback", "wrapper", "main"], functions), str(functions))


PLUGIN = """package main

//go:noinline
func pick(list []int, n int) int { return list[n] }

func Process(n int) int {
	return pick(make([]int, n), n)
}

func main() {}
"""
HOST = """package main

import (
	"os"
	"plugin"
)

func main() {
	opened, err := plugin.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	process, _ := opened.Lookup("Process")
	println(process.(func(int) int)(len(os.Args)))
}
"""


def check_plugin(suite, version):
    """A plugin that a Go program loads: its functions stand in tables of its own."""
    suite.need("gcc")
    folder = suite.work / f"{version}-plugin"
    for name, text in (("plugin", PLUGIN), ("host", HOST)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "main.go").write_text(text, encoding="utf-8")
        (folder / name / "go.mod").write_text(f"module example.com/{name}\n\ngo 1.18\n", encoding="utf-8")
        mode = ["-buildmode=plugin"] if name == "plugin" else []
        done = toolchains.go(version, "build", "-trimpath", *mode, "-o", folder / f"{name}.out", ".", cgo=True, cwd=folder / name)
        suite.equal("exit code of go build", 0, done.code, done.err[:1000])
    result, printed = ask(suite, folder / "host.out", folder / "dump", folder / "plugin.out")
    check_cause(suite, (PANIC, "index out of range [2] with length 2", "example.com/plugin.pick at example.com/plugin/main.go:4"), result, printed)
    real = printed_frames(printed)
    suite.true("the runtime's frames are ours, in their order", len(real) > 3 and is_subsequence(real, our_frames(result)), f"runtime {real}\nours {our_frames(result)}")


COMPARED = []   # parked goroutines, of all dumps


def main():
    def options(parser):
        parser.add_argument("--all", action="store_true", help="every release and way to build instead of a sample")

    suite = differential.Suite(__doc__, options)
    programs = Programs(suite)
    versions = ALL if suite.options.all else SAMPLE
    for version in versions:
        for mode in MODES:
            for cgo, cases in ((False, CASES), (True, CGO_CASES)):
                for name in cases:
                    title = f"{version} {mode} {name}"
                    if not suite.wanted(title) or (not suite.options.all and (mode == "pie" or (cgo and mode != "plain"))):
                        continue
                    with suite.case(title):
                        crash_dump.need(suite)
                        check(suite, programs, version, mode, name, cgo)
    for version in versions if suite.options.all else versions[-1:]:
        for mode in ("plain", "strip"):
            if suite.wanted(f"{version} {mode} in a shared library"):
                with suite.case(f"{version} {mode} in a shared library"):
                    crash_dump.need(suite)
                    check_shared(suite, version, mode)
    for version in versions if suite.options.all else versions[:1]:
        if suite.wanted(f"{version} in a plugin"):
            with suite.case(f"{version} in a plugin"):
                crash_dump.need(suite)
                check_plugin(suite, version)
    for version in ("1.24", "1.27"):
        for architecture, (_, cases) in FOREIGN.items():
            for name in cases:
                if not suite.wanted(f"{version} {architecture} {name}"):
                    continue
                with suite.case(f"{version} {architecture} {name}"):
                    crash_dump.need(suite)
                    check_foreign(suite, programs, version, architecture, name)
    if not suite.options.only and programs.built:
        with suite.case("parked goroutines"):
            suite.true(f"only {len(COMPARED)} were compared", len(COMPARED) >= 100)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
