#!/usr/bin/env python3
"""`abiscope run` against the shell and the kernel: a crash has the cause that `abiscope core` finds in the kernel's own dump of the same program;
exit codes are those that bash shows; what the program reads and prints passes through; a program that is well is left alone."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import core_dump
import crash_go
import crash_zoo
import differential
import prompt
import zoo_cases   # beside the programs of crash_zoo

HERE = pathlib.Path(__file__).resolve().parent
SEEN = {"right": 0, "cannot tell": 0, "wrong": []}

# source, case, flavours: one of each family, and each way a dump is different.
CRASHES = [
    ("pointers.c", "null_read", ("gcc-O0", "gcc-O2-stripped", "gcc-O1-static", "clang-O2")),
    ("pointers.c", "null_index", ("gcc-O2",)),
    ("pointers.c", "wild", ("clang-O2-stripped", "gcc-O0")),
    ("pointers.c", "poison", ("gcc-O2",)),
    ("pointers.c", "literal", ("gcc-O0", "gcc-O1-static")),
    ("pointers.c", "no_access", ("gcc-O2",)),
    ("pointers.c", "past_end", ("gcc-O0",)),
    ("pointers.c", "handler_aborts", ("gcc-O0", "gcc-O1-static")),
    ("pointers.c", "handler_raises", ("gcc-O2",)),
    ("control.c", "call_null", ("gcc-O0",)),
    ("control.c", "call_stack", ("gcc-O2",)),
    ("control.c", "return_wild", ("gcc-O0",)),
    ("control.c", "recursion", ("gcc-O0", "clang-O0")),
    ("control.c", "thread_recursion", ("gcc-O0",)),
    ("control.c", "thread_null", ("gcc-O0", "gcc-O1-static", "clang-O2")),
    ("control.c", "main_gone", ("gcc-O0", "gcc-O2")),
    ("control.c", "big_frame", ("gcc-O2",)),
    ("control.c", "abort", ("gcc-O0", "gcc-O2-stripped")),
    ("control.c", "raise_segv", ("gcc-O0",)),
    ("control.c", "seccomp_trap", ("gcc-O0",)),
    ("control.c", "seccomp_kill", ("gcc-O0", "gcc-O1-static")),
    ("control.c", "truncated_file", ("gcc-O0",)),
    ("instructions.c", "divide_zero", ("gcc-O2",)),
    ("instructions.c", "float_divide", ("gcc-O0",)),
    ("instructions.c", "trap", ("gcc-O0",)),
    ("instructions.c", "breakpoint", ("gcc-O0", "gcc-O1-static")),
    ("instructions.c", "hlt", ("gcc-O0",)),
    ("instructions.c", "movaps_heap", ("gcc-O0",)),
    ("instructions.c", "misaligned_stack", ("gcc-O2",)),
    ("instructions.c", "gs30", ("gcc-O2",)),
    ("instructions.c", "fs_base_zero", ("gcc-O0",)),
    ("instructions.c", "fma4", ("gcc-O0",)),
    ("instructions.c", "push_bad_stack", ("gcc-O0",)),
    ("aborts.c", "assert", ("gcc-O0",)),
    ("aborts.c", "smashed", ("gcc-O2",)),
    ("aborts.c", "double_free", ("gcc-O0", "gcc-O2-stripped")),
    ("language.cc", "throw", ("gcc-O0", "gcc-O2-stripped", "gcc-O1-static")),
    ("language.cc", "pure_virtual", ("gcc-O0",)),
]


def summary(result):
    """What must be the same of two answers about two processes of one program: no addresses."""
    cause = result.get("cause") or {}
    frames = [frame.get("function") or "?" for frame in result["frames"]]
    code = None if result["signal"].get("sender_pid") else result["signal"].get("code")
    return {"cause": cause.get("id"), "confidence": cause.get("confidence"), "rejected": [one["id"] for one in cause.get("rejected", [])],
            "signal": (result["signal"]["number"], code), "frames": frames, "threads": len(result["threads"]),
            "modules": sorted((one["path"], one["file"]) for one in result["modules"])}


def run_json(suite, command, **more):
    """The result of `abiscope run --json`, and the outcome."""
    answer = suite.work / "answer.json"
    answer.unlink(missing_ok=True)
    done = differential.run([suite.abiscope, "run", "--json", "--output", answer, *command], env=differential.clean_environment(), **more)
    document = json.loads(answer.read_text(encoding="utf-8"))
    suite.equal("results", 1, len(document["results"]), done.err[-2000:])
    return document["results"][0], done


def compare_crash(suite, real, ours, done):
    suite.equal("ending", "killed", ours.get("ending", {}).get("kind"), str(done.err))
    suite.equal("exit code", 128 + real["signal"]["number"], done.code)
    want, got = summary(real), summary(ours)
    if want["cause"] != got["cause"]:
        if got["cause"] is not None:
            SEEN["wrong"].append(f"{got['cause']} for {want['cause']}")
            raise differential.Failure(f"WRONG: {got['cause']}, the kernel's dump says {want['cause']}")
        SEEN["cannot tell"] += 1
    else:
        SEEN["right"] += 1
    suite.equal("the answer", want, got)


def crashes(suite):
    zoo = crash_zoo.Zoo(suite)
    by_name = {(case.source, case.name): case for case in zoo_cases.CASES}
    features = zoo_cases.flags_of_this_processor()
    for source, name, flavours in CRASHES:
        case = by_name.get((source, name))
        for flavour in flavours:
            label = f"crash {pathlib.Path(source).stem}.{name}.{flavour}"
            if not suite.wanted(label):
                continue
            with suite.case(label):
                if crash_zoo.FEATURES.get(name, "none") in features:
                    suite.skip(f"this processor has {crash_zoo.FEATURES[name]}")
                program = zoo.program(source, flavour)
                folder = suite.work / "cores" / label.replace(" ", "-")
                arguments = case.arguments if case else ()
                core = core_dump.dump(suite, [program, name, *arguments], folder)
                real = suite.ask("core", core)[0]["results"][0]
                ours, done = run_json(suite, [program, name, *arguments], cwd=folder)
                shutil.rmtree(folder)
                compare_crash(suite, real, ours, done)


def other_programs(suite):
    """A 32-bit program, one of musl, a script that becomes the program, and one whose file is gone by the time it crashes."""
    source = suite.work / "null.c"
    source.write_text("#include <unistd.h>\nstruct s { char a[24]; int b; };\n__attribute__((noinline)) int f(struct s *p) { return p->b; }\n"
                      "int main(int n, char **words) { if (n > 1) unlink(words[0]); return f((struct s *)0 + (n - 1) / 9); }\n", encoding="utf-8")
    for name, compiler, words in (("i386", ["gcc", "-m32"], []), ("musl", ["musl-gcc"], []), ("chain", ["gcc"], []), ("deleted", ["gcc"], ["gone"])):
        if not suite.wanted(f"other {name}"):
            continue
        with suite.case(f"other {name}"):
            suite.need(compiler[0])
            program = suite.work / f"null-{name}"
            done = differential.run([*compiler, "-O1", "-g", "-o", program, source])
            if done.code != 0:
                suite.skip(f"{' '.join(compiler)} does not work here")
            if name == "deleted":
                copy = suite.work / "copy"
                shutil.copy(program, copy)
                ours, done = run_json(suite, [copy, *words])
                suite.equal("the cause", "CRASH-NULL-FIELD", ours.get("cause", {}).get("id"), str(ours.get("missing")))
                suite.true("its functions have names", ours["frames"][0].get("function") == "f", str(ours["frames"]))
                continue
            command = [program]
            if name == "chain":
                script = suite.work / "chain.sh"
                script.write_text(f"#!/bin/sh\nexec {program}\n", encoding="utf-8")
                script.chmod(0o755)
                command = [script]
            real = suite.ask("core", core_dump.dump(suite, command, suite.work / "cores" / name))[0]["results"][0]
            ours, done = run_json(suite, command)
            compare_crash(suite, real, ours, done)
            suite.equal("the program that crashed", str(program), ours["subject"]["path"])


def set_user_id(suite, program):
    """Who is not root loses what the program would gain, and is told before."""
    if not suite.wanted("set-user-ID"):
        return
    with suite.case("set-user-ID"):
        suite.need("setpriv")
        if os.geteuid() != 0:
            suite.skip("only root can make a program of another user")
        copy = pathlib.Path("/tmp") / f"abiscope-set-user-id-{os.getpid()}"   # where every user can reach it
        try:
            shutil.copy(program, copy)
            copy.chmod(0o4755)
            done = differential.run([*prompt.AS_NOBODY, suite.abiscope, "run", copy, "exit", "3"])
            if done.code == 126:
                suite.skip("nobody cannot reach abiscope")
            suite.equal("exit code", 3, done.code, done.err)
            suite.true("the warning", "would start with the privileges of user 0" in done.err and "WITHOUT" in done.err, done.err)
            done = differential.run([suite.abiscope, "run", copy, "exit", "3"])
            suite.equal("root loses nothing", (3, ""), (done.code, done.err))
        finally:
            copy.unlink(missing_ok=True)


def go_crashes(suite):
    programs = crash_go.Programs(suite)
    for mode, name, cgo in (("plain", "nil", False), ("strip", "string", False), ("plain", "overflow", False), ("plain", "deadlock", False),
                            ("plain", "goroutine", False), ("plain", "c-abort", True)):
        label = f"go {mode} {name}"
        if not suite.wanted(label):
            continue
        with suite.case(label):
            program = programs.get("1.24", mode, cgo)
            core, _ = crash_go.crash_dump.dump(program, suite.work / "go", [name])
            real = suite.ask("core", core)[0]["results"][0]
            answer = suite.work / "answer.json"
            done = differential.run([suite.abiscope, "run", "--json", "--output", answer, program, name],
                                    env={**differential.clean_environment(), "GOTRACEBACK": "crash"})
            ours = json.loads(answer.read_text(encoding="utf-8"))["results"][0]
            # How many threads the runtime has at that moment is not the program's doing.
            for one in (real, ours):
                one["threads"] = []
                if name == "deadlock":   # nor which of them finds that nobody can run
                    one["frames"] = [frame for frame in one["frames"] if frame.get("function") == "runtime.checkdead"]
            compare_crash(suite, real, ours, done)
            plain = differential.run([suite.abiscope, "run", program, name], env={**differential.clean_environment(), "GOTRACEBACK": "single"})
            suite.equal("exit code of a panic without a crash", 2, plain.code)
            suite.true("nothing is said of it", "abiscope" not in plain.err and "CRASH-" not in plain.err, plain.err)


def built(suite):
    program = suite.work / "live"
    if not program.exists():
        done = differential.run(["gcc", "-g", "-O1", "-pthread", "-o", program, HERE / "crash/live.c"])
        suite.true("gcc", done.code == 0, done.err)
    return program


def bash(words, cwd):
    """Exit code, output, and errors of a line typed at bash."""
    done = differential.run(["bash", "-c", f"{words}; exit $?"], cwd=cwd, env=differential.clean_environment(PATH=f"{cwd}/path:{os.environ['PATH']}"))
    return done.code, done.out, done.err


def files(suite, folder):
    """Programs that cannot be executed or loaded, each in its way."""
    folder.mkdir(exist_ok=True)
    live = built(suite)
    shutil.copy(live, folder / "live")
    (folder / "plain-text").write_text("echo as a script $1\nexit 6\n", encoding="utf-8")
    (folder / "not-executable").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    (folder / "no-interpreter").write_text("#!/no/such/shell\n", encoding="utf-8")
    (folder / "script").write_text("#!/bin/sh\necho script \"$@\"\nexit 4\n", encoding="utf-8")
    (folder / "nul").write_bytes(b"\x00\x01\x02\x03" * 40)
    (folder / "folder").mkdir(exist_ok=True)
    image = bytearray(live.read_bytes())
    image[18:20] = (183).to_bytes(2, "little")   # e_machine: arm64
    (folder / "arm64").write_bytes(image)
    image = bytearray(live.read_bytes())
    at = image.index(b"/lib64/ld-linux-x86-64.so.2\0")
    image[at:at + 5] = b"/nope"
    (folder / "no-loader").write_bytes(image)
    (folder / "one.c").write_text("int one(void) { return 1; }\n", encoding="utf-8")
    (folder / "main.c").write_text("int one(void); int main(void) { return one(); }\n", encoding="utf-8")
    for name, map_text in (("V1", "V1 { one; };"), ("V2", "V2 { one; };")):
        (folder / f"{name}.map").write_text(map_text, encoding="utf-8")
    (folder / "libs").mkdir(exist_ok=True)
    steps = [["gcc", "-shared", "-fPIC", "one.c", "-Wl,--version-script=V2.map", "-o", "libs/libone.so"],
             ["gcc", "main.c", "-Llibs", "-lone", "-Wl,-rpath,$ORIGIN/libs", "-o", "missing-version"],
             ["gcc", "main.c", "-Llibs", "-lone", "-Wl,-rpath,$ORIGIN/nowhere", "-o", "missing-library"],
             ["gcc", "-shared", "-fPIC", "one.c", "-Wl,--version-script=V1.map", "-o", "libs/libone.so"],
             ["gcc", "-shared", "-fPIC", "one.c", "-o", "libs/libtwo.so"],
             ["gcc", "main.c", "-Llibs", "-ltwo", "-Wl,-z,now,-rpath,$ORIGIN/libs", "-o", "missing-symbol"],
             ["gcc", "main.c", "-Llibs", "-ltwo", "-Wl,-z,lazy,-rpath,$ORIGIN/libs", "-o", "late-symbol"],
             ["gcc", "-shared", "-fPIC", "-x", "c", "/dev/null", "-o", "libs/libtwo.so"]]
    for step in steps:
        done = differential.run(step, cwd=folder)
        suite.true(" ".join(step), done.code == 0, done.err)
    for one in folder.iterdir():
        if one.is_file() and one.name != "not-executable":
            one.chmod(0o755)
    (folder / "path").mkdir(exist_ok=True)
    shutil.copy(folder / "script", folder / "path" / "in-path")
    shutil.copy(folder / "script", folder / "path" / "in-path-not-executable")
    (folder / "path" / "in-path-not-executable").chmod(0o644)


# words, what `ending` is, rule among the findings
STARTS = [
    ("./live exit 0", "exited", None), ("./live exit 1", "exited", None), ("./live exit 127", "exited", None), ("./live exit 255", "exited", None),
    ("true", "exited", None), ("false", "exited", None), ("in-path a 'b c'", "exited", None), ("./script a 'b  c' ''", "exited", None),
    ("./plain-text word", "exited", None), ("./late-symbol", "exited", None),
    ("no-such-command", "not_started", None), ("./no-such-file", "not_started", None), ("./live/below-a-file", "not_started", None),
    ("./folder", "not_started", None), ("./not-executable", "not_started", "EXEC-PERMISSION-DENIED"),
    ("in-path-not-executable", "not_started", "EXEC-PERMISSION-DENIED"),
    ("./no-interpreter", "not_started", "EXEC-INTERPRETER-MISSING"), ("./no-loader", "not_started", "EXEC-INTERPRETER-MISSING"),
    ("./nul", "not_started", "EXEC-FORMAT-REFUSED"), ("./arm64", "not_started", "EXEC-FORMAT-REFUSED"),
    ("./missing-library", "not_loaded", "ELF-LIBRARY-MISSING"), ("./missing-version", "not_loaded", "ELF-VERSION-MISSING"),
    ("./missing-symbol", "not_loaded", "ELF-SYMBOL-MISSING"),
    ("sh -c 'exec ./missing-library'", "not_loaded", "ELF-LIBRARY-MISSING"),
    *((f"./live kill {number}", "killed", None) for number in (1, 2, 3, 6, 8, 9, 11, 13, 14, 15, 24, 31, 34)),
]


def starts(suite):
    folder = suite.work / "files"
    for words, kind, rule in STARTS:
        if not suite.wanted(f"start {words}"):
            continue
        with suite.case(f"start {words}"):
            if not folder.exists():
                files(suite, folder)
            if words == "./arm64" and any("183" in str(one) or "aarch64" in one.name for one in pathlib.Path("/proc/sys/fs/binfmt_misc").glob("qemu*")):
                suite.skip("this machine runs programs for arm64")
            code, out, err = bash(words, folder)
            answer = folder / "answer.json"
            real_words = bash(f"{suite.abiscope} run --json --output {answer} {words}", folder)
            context = f"bash: {out!r} {err!r}; run: {real_words[1]!r} {real_words[2]!r}"
            suite.equal("exit code", code, real_words[0], context)
            suite.equal("output", out, real_words[1], context)
            result = json.loads(answer.read_text(encoding="utf-8"))["results"][0]
            suite.equal("ending", kind, result["ending"]["kind"], context)
            suite.equal("exit code in JSON", code, result["ending"]["exit_code"])
            if rule:
                suite.true(f"{rule} among the findings", any(one["rule"] == rule for one in result.get("findings", [])), str(result)[:2000])
                # The shell says in which line of its text.
                said = re.sub(r"^bash: line 1: ", "bash: ", err.rstrip("\n"))
                suite.equal("the message", said, result["message"]["text"])
            text = bash(f"{suite.abiscope} run {words}", folder)
            if kind == "exited":
                suite.equal("errors", err, text[2], "a program that ends by itself needs no words")
            if kind == "killed" and words.split()[-1] in ("2", "13"):
                suite.equal("errors", "", text[2], "what a shell is silent about")
            if kind == "killed" and words.split()[-1] not in ("2", "13"):
                suite.true("its signal is named", "SIG" in text[2] or "signal" in text[2], text[2])


def pass_through(suite, program):
    def case(name):
        return suite.case(f"live {name}") if suite.wanted(f"live {name}") else None

    run = [suite.abiscope, "run"]
    if one := case("standard input and output"):
        with one:
            data = bytes(suite.random.randrange(256) for _ in range(1 << 20))
            for command in ([program, "copy"], ["--", program, "copy"]):
                done = subprocess.run([*run, *command], input=data, capture_output=True, timeout=60, check=False)
                suite.true("the same bytes", done.stdout == data and done.stderr == b"" and done.returncode == 0, str(done.stderr[:200]))
    if one := case("words that look like options"):
        with one:
            words = ["--json", "--", "-x", "[a,b]", "", "run", "--help", "@file", "-"]
            suite.equal("words", "\n".join(words) + "\n", differential.run([*run, program, "words", *words]).out)
            suite.equal("words behind --", "\n".join(words) + "\n", differential.run([*run, "--color", "never", "--", program, "words", *words]).out)
    if one := case("environment, mask, descriptors"):
        with one:
            for before in ("", "trap '' PIPE; "):
                real = bash(f"{before}MARK=here {program} environment 7</dev/null", suite.work)
                ours = bash(f"{before}MARK=here {suite.abiscope} run {program} environment 7</dev/null", suite.work)
                suite.equal("environment", real, ours)
    for name, code, out in (("recover 1", 7, "recovered\n"), ("recover 1000", 7, "recovered\n"), ("threads 50", 0, "6000\n"), ("processes 50", 0, ""),
                            ("child-crash", 5, ""), ("thread-killed", 8, "went on\n")):
        if one := case(name):
            with one:
                done = differential.run([*run, program, *name.split()])
                suite.equal("exit code, output, errors", (code, out, ""), (done.code, done.out, done.err))
    for name, number in (("reset", 11), ("blocked", 11), ("ignored", 11), ("recover-abort", 6), ("threads-crash 64", 11), ("thread-killed 1", 11), ("memory 64", 11)):
        if one := case(name):
            with one:
                ours, done = run_json(suite, [program, *name.split()])
                rule = {"recover-abort": "CRASH-ABORT"}.get(name, "CRASH-NULL-FIELD")
                suite.equal("the cause", (rule, 128 + number), (ours.get("cause", {}).get("id"), done.code), str(ours.get("missing")))
                text = differential.run([*run, program, *name.split()])
                suite.true("the fault that went to the handler is told", ("note: before, 1 fault" in text.err) == (name == "recover-abort"), text.err)
                if name.startswith("threads"):
                    suite.equal("threads", 65, len(ours["threads"]))
                    frames = [frame.get("function") for frame in ours["frames"]]
                    suite.true("the thread that crashed", frames[0] == "main", str(frames))
    if one := case("1.5 GB"):
        with one:
            start = time.monotonic()
            plain = differential.run([program, "memory", "1500"])
            middle = time.monotonic()
            ours, done = run_json(suite, [program, "memory", "1500"])
            spent = time.monotonic() - middle
            suite.equal("the cause", ("CRASH-NULL-FIELD", plain.code), (ours.get("cause", {}).get("id"), done.code))
            suite.true(f"{spent:.2f} s where the program alone takes {middle - start:.2f} s", spent < 2 * (middle - start) + 1)
            print(f"1.5 GB: the program alone {middle - start:.2f} s, with `run` {spent:.2f} s")
    if one := case("ptrace refused"):
        with one:
            # The leak checker of a sanitized abiscope would have to trace it.
            untraced = differential.clean_environment(ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0")
            for words, code, said in ((["exit", "5"], 5, None), (["kill", "11"], 139, "could not be traced"), (["kill", "9"], 137, "from outside")):
                done = differential.run([program, "no-ptrace", *run, program, *words], env=untraced)
                suite.equal("exit code", code, done.code, done.err)
                suite.true("what is missing", done.err == "" if said is None else said in done.err, done.err)
            folder = suite.work / "files"
            if not folder.exists():
                files(suite, folder)
            done = differential.run([program, "no-ptrace", *run, "./missing-library"], cwd=folder, env=untraced)
            suite.true("a loader's failure is told", done.code == 127 and "ELF-LIBRARY-MISSING" in done.err and "could not be traced" in done.err, done.err)
            done = differential.run([program, "no-ptrace", *run, "./no-loader"], cwd=folder, env=untraced)
            suite.true("a refused program is told", done.code == 127 and "EXEC-INTERPRETER-MISSING" in done.err, done.err)
    if one := case("save"):
        with one:
            saved(suite, program)


def saved(suite, program):
    """The core dump is one for every tool, and the report what `core --json` says of it."""
    suite.need("gdb")
    folder = suite.work / "saved"
    done = differential.run([suite.abiscope, "run", "--save", folder, program, "threads-crash", "3"])
    suite.equal("exit code", 139, done.code)
    core, report = sorted(folder.iterdir())
    suite.equal("names", [f"{core.stem}.core", f"{core.stem}.json"], [core.name, report.name])
    suite.true("the name says what and which", re.fullmatch(r"live\.\d+\.core", core.name) is not None, core.name)
    suite.equal("only for its owner", 0o600, core.stat().st_mode & 0o777)
    document = suite.ask("core", core)[0]
    suite.equal("the report", document, json.loads(report.read_text(encoding="utf-8")))
    script = ["-ex", "set debuginfod enabled off", "-ex", "bt", "-ex", "info threads", "-ex", "p $_siginfo._sifields._sigfault.si_addr", "-ex", "info registers rip"]
    said = differential.run(["gdb", "-nx", "-batch", *script, program, core])
    frames = re.findall(r"^#\d+ +(?:0x[0-9a-f]+ in )?(\w+)", said.out, re.MULTILINE)[1:]   # the first greets
    ours = [frame.get("function") for frame in document["results"][0]["frames"]]
    suite.equal("gdb's backtrace", frames, ours[:len(frames)], said.out + said.err)
    suite.equal("threads that gdb sees", 4, len(set(re.findall(r"\(LWP (\d+)\)", said.out))), said.out)
    suite.true("gdb sees the signal", "terminated with signal SIGSEGV" in said.out and "(void *) 0x0" in said.out, said.out)


def main():
    suite = differential.Suite(__doc__)
    if os.uname().machine != "x86_64":
        suite.missing("all", "the programs are built for x86-64")
        sys.exit(suite.finish())
    crashes(suite)
    other_programs(suite)
    go_crashes(suite)
    starts(suite)
    program = built(suite)
    pass_through(suite, program)
    set_user_id(suite, program)
    print(f"causes: {SEEN['right']} as in the kernel's dump, {SEEN['cannot tell']} cannot tell, {len(SEEN['wrong'])} wrong")
    sys.exit(suite.finish())


if __name__ == "__main__":
    main()
