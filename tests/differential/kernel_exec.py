"""The kernel stage against the kernel of this machine and its shells.

Named cases: each row of what execve can answer, as root and as an ordinary user, with the words of every shell that is installed, and of
those of other Debian releases. Random cases: headers of working programs with a few fields changed, and #! lines of every shape. Real
answers come from execve under ptrace (support/exec_oracle.py) and from the shells themselves; abiscope's from kernel_dump. Where abiscope
answers `unknown` it must say what is missing, and only random programs and the cases that are marked for it may be so answered.
"""
import errno
import json
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import tempfile

import differential
import exec_oracle
import shells
from kernel_cases import named_cases
from kernel_mutants import mutants
from kernel_scripts import FILES, scripts

NOBODY = 65534


def fill(folder, files):
    folder.mkdir(mode=0o755)
    closed = []
    for name, contents, mode in files:
        place = folder / name
        if contents is None:
            place.mkdir(mode=0o755)
            closed.append((place, mode))
        elif isinstance(contents, str):
            place.symlink_to(contents)
        else:
            place.write_bytes(contents)
            place.chmod(mode)
    for place, mode in closed:   # only now: an ordinary user has to fill them first
        place.chmod(mode)


def write(folder, case):
    fill(folder, [*case.files, ("x", case.contents, case.mode)])


def ask(questions):
    """questions: (user, shell, working directory, path)."""
    lines = "".join(f"{user}\t{shell}\t{folder}\t{path}\n" for user, shell, folder, path in questions)
    done = subprocess.run([differential.dump_program("kernel_dump")], input=lines, capture_output=True, text=True, timeout=600,
                          env=differential.clean_environment(), check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    differential.Suite.true(f"kernel_dump answers every question (exit {done.returncode}): {done.stderr}", len(answers) == len(questions))
    return answers


def describe(real):
    if real.errno:
        return errno.errorcode[real.errno]
    if real.signal and (real.step < 1 or real.fetch):
        return signal.Signals(real.signal).name
    return "runs" + (f", then {signal.Signals(real.signal).name}" if real.signal else "")


def compare(real, answer, unknown_allowed):
    """The disagreement in words, or nothing."""
    verdict = answer["verdict"]
    if verdict == "unknown":
        if not answer.get("reason"):
            return "unknown without a reason"
        return None if unknown_allowed else f"unknown ({answer['reason']}), the real one: {describe(real)}"
    if verdict == "runs":
        agree = describe(real).startswith("runs")
    elif answer["error"]:
        agree = real.errno != 0 and errno.errorcode[real.errno] == answer["error"]
    else:
        agree = real.errno == 0 and real.signal != 0 and signal.Signals(real.signal).name == answer["signal"]
    if agree:
        return None
    claim = answer["error"] or answer["signal"] or verdict
    return f"the real one: {describe(real)} (instruction {real.step}), abiscope: {claim} ({answer.get('reason', '')})"


def check_shell(suite, shell, path, folder, user, answer, codes, script=7):
    more = {"user": user, "group": user, "extra_groups": []} if os.getuid() == 0 else {}
    done = shell.run(f"{path}; exit $?", cwd=folder, **more)
    code, text = done.returncode, shells.reduced(shell.kind, done.stderr.decode("utf-8", "replace"))
    if answer["verdict"] == "conditional" and answer["error"] == "ENOEXEC":
        suite.equal(f"{shell}: exit code of the script", code, answer.get("exit_code", script))
        suite.equal(f"{shell}: text of the script", text, "")
    elif answer["verdict"] == "fails" and "exit_code" in answer:
        suite.equal(f"{shell}: exit code", code, answer["exit_code"])
        if not (shell.kind == "zsh" and answer["signal"]):   # zsh speaks of signals only at a prompt
            suite.equal(f"{shell}: text", text, answer["text"])
    elif answer["verdict"] == "runs":
        suite.true(f"{shell}: it runs, and says so by its exit code ({code})", code in codes)


def check_named(suite, folder, users, speakers):
    plan = [(f"{case.name}.{'root' if user == 0 else 'user'}", case, user) for case in named_cases() for user in users]
    plan = [row for row in plan if suite.wanted(row[0])]
    for case in {case.name: case for _, case, _ in plan}.values():
        write(folder / case.name, case)
    answers = iter(ask([(user, shell, folder / case.name, "./x") for _, case, user in plan for shell in speakers]))
    for name, case, user in plan:
        here, mine = folder / case.name, [next(answers) for _ in speakers]
        with suite.case(name):
            if trouble := compare(exec_oracle.run("./x", user if os.getuid() == 0 else 0, here), mine[0], case.unknown):
                raise differential.Failure(trouble)
            # What runs, runs from any shell.
            for shell, answer in list(zip(speakers, mine))[:1 if mine[0]["verdict"] == "runs" else None]:
                if case.shells and answer["verdict"] != "unknown":
                    check_shell(suite, shell, "./x", here, user, answer, case.codes, case.script)


def check_scripts(suite, folder, users, speakers):
    made = list(scripts(suite.random, suite.options.scripts))
    fill(folder, [*FILES, *made])
    plan = [(name, user, suite.random.choice(speakers)) for name, _, _ in made for user in users]
    for (name, user, shell), answer in zip(plan, ask([(user, shell, folder, f"./{name}") for name, user, shell in plan])):
        with suite.case(f"script-{name}.{'root' if user == 0 else 'user'}"):
            place = f"./{name}"
            if trouble := compare(exec_oracle.run(place, user if os.getuid() == 0 else 0, folder), answer, False):
                raise differential.Failure(f"{trouble}\n{(folder / name).read_bytes()!r}")
            # What a shell makes of a script of its own depends on the bytes.
            if answer["verdict"] != "conditional":
                check_shell(suite, shell, place, folder, user, answer, (42,))


def check_random(suite, folder, users):
    folder.mkdir(mode=0o755)
    programs = list(mutants(suite.random, suite.options.mutants))
    questions = []
    for number, (program, loader) in enumerate(programs):
        for name, contents in ((f"x{number:05}", program), (f"l{number:05}", loader)):
            (folder / name).write_bytes(contents.replace(b"l#####", f"l{number:05}".encode()))
            (folder / name).chmod(0o755)
        questions += [(user, "bash", folder, f"./x{number:05}") for user in users]
    unknown = 0
    for (user, _, _, path), answer in zip(questions, ask(questions)):
        with suite.case(f"mutant-{path[2:]}.{'root' if user == 0 else 'user'}"):
            unknown += answer["verdict"] == "unknown"
            if trouble := compare(exec_oracle.run(path, user if os.getuid() == 0 else 0, folder), answer, True):
                kept = suite.work / f"seed-{suite.options.seed}"
                kept.mkdir(exist_ok=True)
                for name in (path[2:], "l" + path[3:]):
                    shutil.copy(folder / name, kept)
                raise differential.Failure(f"{trouble}\nkept in {kept}")
    print(f"{len(questions)} random questions, {unknown} answered with unknown")


def main():
    def options(parser):
        parser.add_argument("--mutants", type=int, default=300, help="random programs")
        parser.add_argument("--scripts", type=int, default=150, help="random scripts")
    suite = differential.Suite(__doc__, options)
    if platform.machine() != "x86_64":
        print("SKIPPED: the cases are programs for amd64")
        return differential.SKIPPED
    users = [0, NOBODY] if os.getuid() == 0 else [os.getuid()]
    # Not below the work folder: the ordinary user must be able to reach it.
    with tempfile.TemporaryDirectory(prefix="abiscope-kernel-", dir="/tmp") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        for part in ("named", "shells"):
            (folder / part).mkdir(mode=0o755)
        speakers = [*shells.installed(), *shells.of_other_releases(folder / "shells", suite.missing)]
        check_named(suite, folder / "named", users, speakers)
        if suite.wanted("script-s"):
            check_scripts(suite, folder / "scripts", users, speakers)
        if suite.wanted("mutant"):
            check_random(suite, folder / "random", users)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
