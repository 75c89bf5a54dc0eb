#!/usr/bin/env python3
"""`core --kernel-line` on the lines this kernel prints of programs that crash on purpose: with the line alone, and with the program. What it says
must be what the program did, or that it cannot tell. Wrong must be 0, and nothing is ever proven."""
import collections
import pathlib
import random
import shutil
import subprocess
import sys
import time

import crash_zoo
import differential
import zoo_cases   # beside the programs of crash_zoo

# Of which stack, and why, is not in a line: these three are one there.
STACK = {"CRASH-STACK-OVERFLOW", "CRASH-THREAD-STACK-OVERFLOW", "CRASH-STACK-SKIPPED-GUARD"}
# What these programs do is not to be seen from a line, or leaves none.
WITHOUT_A_LINE = {"float_divide", "float_invalid", "x87_divide", "wait", "seccomp_trap", "seccomp_kill", "truncated_file"}
# A signal that a program sends leaves none either.
SENT = {"CRASH-ABORT", "CRASH-RAISED"}
FLAVOURS = ("gcc-O0", "gcc-O2", "gcc-O1-static", "clang-O2")
COUNTS = collections.Counter()
WRONG = []
RIGHT = set()   # rules, by the line with its code and the program
TOLD = {f"CRASH-{name}" for name in (
    "BREAKPOINT", "CALL-NULL", "CALL-WILD", "DELIBERATE-TRAP", "NEGATIVE-POINTER", "NON-CANONICAL", "NOT-AN-INSTRUCTION", "NOT-EXECUTABLE", "NULL-FIELD",
    "PRIVILEGED-INSTRUCTION", "READ-ONLY", "RETURN-SMASHED", "SEGMENT-BASE-LOST", "SMALL-INTEGER-POINTER", "STACK-OVERFLOW", "WINDOWS-THREAD-BLOCK")}
# The kernel prints ten such lines in five seconds and no more (lib/ratelimit.c).
BURST, INTERVAL = 10, 5.5
STARTED = collections.deque(maxlen=BURST)


def log():
    done = subprocess.run(["dmesg"], capture_output=True, text=True, errors="replace", check=False)
    return done.stdout.splitlines() if done.returncode == 0 else None


def lines_of(pid, program):
    """What the log says of that process: its line, and the code behind it."""
    lines, who = log(), f"{program.name[:15]}[{pid}]"
    for number in range(len(lines) - 1, -1, -1):
        if f"{who}: segfault at" in lines[number] or (f"{who} " in lines[number] and " ip:" in lines[number]):
            behind = lines[number + 1] if number + 1 < len(lines) and "Code: " in lines[number + 1] else ""
            return lines[number] + "\n" + behind
    return None


def crashed(suite, command, folder):
    """What the log says of a program that is started here; again where other programs used up what the kernel prints."""
    folder.mkdir(parents=True, exist_ok=True)
    for _ in range(4):
        if len(STARTED) == BURST:
            time.sleep(max(0, STARTED[0] + INTERVAL - time.monotonic()))
        STARTED.append(time.monotonic())
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # A line names the thread.
        process.wait(timeout=60)
        if process.returncode >= 0:
            raise differential.Failure(f"{command} did not crash: {process.returncode}")
        for pid in range(process.pid, process.pid + 12):
            if text := lines_of(pid, command[0]):
                return text
        time.sleep(INTERVAL)
    suite.skip("the kernel printed no line (kernel.print-fatal-signals, debug.exception-trace, or its limit)")
    return None


def judge(case, way, result):
    cause = result.get("cause")
    if cause is None:
        COUNTS[way, "cannot tell"] += 1
        if not result["missing"]:
            raise differential.Failure("no cause, and nothing is missing")
        return
    right = cause["id"] == case.rule or {cause["id"], case.rule} <= STACK
    COUNTS[way, "right" if right else "wrong"] += 1
    if right and way == "line, code, program":
        RIGHT.add(cause["id"])
    if not right:
        WRONG.append(f"{case.name} {way}: {cause['id']}")
        raise differential.Failure(f"WRONG: {cause['id']} ({cause['title']}), the program did {case.rule}\n{result['kernel_line']['text']}")
    if cause["confidence"] == "proven":
        raise differential.Failure("a line proves nothing")


def check(suite, zoo, case, flavour):
    program = zoo.program(case.source, flavour)
    folder = suite.work / "cores" / case.name
    text = crashed(suite, [program, case.name, *case.arguments], folder)
    shutil.rmtree(folder)
    first = text.split("\n", 1)[0]
    module = first.rsplit(" in ", 1)[1].split("[")[0] if " in " in first else ""
    for way, arguments in (("line alone", [first]), ("line and code", [text]), ("line and program", [first, "--exe", program]),
                           ("line, code, program", [text, "--exe", program]), ("line, code, another program", [text, "--exe", "/bin/true"])):
        document, _ = suite.ask("core", "--kernel-line", *arguments)
        if len(document["results"]) != 1:
            raise differential.Failure(f"{len(document['results'])} results of {arguments[0]!r}")
        result = document["results"][0]
        judge(case, way, result)
        ours = result["kernel_line"]
        if ours.get("module", "") != module:
            raise differential.Failure(f"{first!r}: module {ours.get('module')!r}")
        if module == program.name and way == "line, code, program" and "Code: " in text:
            suite.equal("the file", "code_agrees", ours["file"])
            # The kernel and the symbol table speak of the same place.
            suite.true("a function is named", flavour == "gcc-O2-stripped" or result["frames"][0].get("function"), str(result["frames"]))
        if "another" in way and module:
            suite.equal("another file", "none", ours["file"])


def main():
    suite = differential.Suite(__doc__)
    zoo = crash_zoo.Zoo(suite)
    cases = [case for case in zoo_cases.CASES if case.source in ("pointers.c", "control.c", "instructions.c") and case.name not in WITHOUT_A_LINE
             and case.rule not in SENT and case.name != "protect_code"   # what mprotect() leaves is no mapping of one segment, and the file cannot be placed by it
             and not case.name.startswith("handler_") and not case.unknown]
    if log() is None:
        suite.missing("all", "dmesg may not be read here")
        cases = []
    for case in cases:
        flavours = [one for one in FLAVOURS if one in case.flavours] or sorted(case.flavours)
        # Of each case for itself: a new one leaves the others as they are.
        flavour = random.Random(f"{suite.options.seed} {case.source} {case.name} {case.arguments}").choice(flavours)
        name = f"{pathlib.Path(case.source).stem}.{case.name}.{flavour}"
        if suite.wanted(name):
            with suite.case(name):
                check(suite, zoo, case, flavour)
    for way in dict.fromkeys(way for way, _ in COUNTS):
        print(f"{way}: {COUNTS[way, 'right']} right, {COUNTS[way, 'cannot tell']} cannot tell, {COUNTS[way, 'wrong']} wrong")
    if WRONG:
        print("\n".join(WRONG))
    if cases and not suite.options.only and COUNTS["line, code, program", "right"]:
        with suite.case("what it can tell"):
            suite.equal("rules that a line with its code and the program tell", sorted(TOLD), sorted(TOLD & RIGHT), str(COUNTS))
    sys.exit(suite.finish())


if __name__ == "__main__":
    main()
