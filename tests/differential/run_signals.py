#!/usr/bin/env python3
"""Signals and job control under `abiscope run`: what the terminal, a shell or another process sends has the effect it has without us."""
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import time

import differential
import run_command


def end_of(process):
    """What it prints from here on; communicate() forgets what readline() has read ahead."""
    rest = process.stdout.read()
    process.wait(timeout=30)
    return rest


def signals(suite, program):
    """What is sent to abiscope alone reaches the program, with its sender; what is sent to both reaches it once."""
    if suite.wanted("signal forwarded"):
        with suite.case("signal forwarded"):
            process = subprocess.Popen([suite.abiscope, "run", program, "count", "3"], stdout=subprocess.PIPE, text=True, start_new_session=True)
            watched = int(process.stdout.readline().split()[1])
            lines = []
            for number, target in ((signal.SIGUSR1, process.pid), (signal.SIGTERM, process.pid), (signal.SIGUSR1, watched)):
                os.kill(target, number)
                lines.append(process.stdout.readline())
            rest = end_of(process)
            me = os.getpid()
            suite.equal("what the program was told", [f"got 10 from {me}\n", f"got 15 from {me}\n", f"got 10 from {me}\n", "counted\n"], lines + [rest])
            suite.equal("exit code", 0, process.returncode)
    if suite.wanted("signal forwarded again"):
        with suite.case("signal forwarded again"):
            process = subprocess.Popen([suite.abiscope, "run", program, "count", "20"], stdout=subprocess.PIPE, start_new_session=True)
            process.stdout.readline()
            lines = []
            for _ in range(20):
                os.kill(process.pid, signal.SIGUSR1)
                if select.select([process.stdout], [], [], 5)[0]:
                    lines.append(os.read(process.stdout.fileno(), 4096).decode())
            if len(lines) < 20:
                os.killpg(process.pid, signal.SIGKILL)
            suite.equal("what the program was told", f"got 10 from {os.getpid()}\n" * 20 + "counted\n", "".join(lines) + end_of(process).decode())
    if suite.wanted("first signal to the group"):
        with suite.case("first signal to the group"):
            lines = []
            for _ in range(40):
                process = subprocess.Popen([suite.abiscope, "run", program, "count", "100"], stdout=subprocess.PIPE, text=True, start_new_session=True)
                process.stdout.readline()
                os.killpg(process.pid, signal.SIGUSR1)
                process.stdout.readline()
                time.sleep(0.02)
                os.killpg(process.pid, signal.SIGKILL)
                lines.append(end_of(process))
            suite.equal("lines beyond one for each", "", "".join(lines))
    if suite.wanted("signal to the group"):
        with suite.case("signal to the group"):
            process = subprocess.Popen([suite.abiscope, "run", program, "count", "100"], stdout=subprocess.PIPE, text=True, start_new_session=True)
            process.stdout.readline()
            for _ in range(20):
                os.killpg(process.pid, signal.SIGUSR1)
                process.stdout.readline()
            time.sleep(0.3)
            os.killpg(process.pid, signal.SIGKILL)
            rest = end_of(process)
            suite.equal("lines beyond one for each", "", rest)
    if suite.wanted("signal ends it"):
        with suite.case("signal ends it"):
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR2):
                process = subprocess.Popen([suite.abiscope, "run", program, "wait"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
                process.stdout.readline()
                os.kill(process.pid, number)
                _, err = process.communicate(timeout=30)
                code = process.returncode if process.returncode >= 0 else 128 - process.returncode
                suite.equal("exit code", 128 + number, code)
                suite.true("its sender is named", number == signal.SIGINT or f"process {os.getpid()}" in err, err)
    if suite.wanted("signal stop of its own"):
        with suite.case("signal stop of its own"):
            # Continued by a process that knows the program alone: abiscope, which stopped with it, goes on as well.
            outcome = differential.run([suite.abiscope, "run", program, "stop"], seconds=30)
            suite.equal("what it printed, and its exit code", ("went on\n", 5), (outcome.out, outcome.code))
    if suite.wanted("signal stop and continue"):
        with suite.case("signal stop and continue"):
            process = subprocess.Popen([suite.abiscope, "run", program, "count", "2"], stdout=subprocess.PIPE, text=True, start_new_session=True)
            watched = int(process.stdout.readline().split()[1])

            def state(pid):
                return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]

            os.kill(watched, signal.SIGSTOP)
            end = time.monotonic() + 5
            while state(watched) not in "tT" and time.monotonic() < end:
                time.sleep(0.01)
            suite.true("it is stopped", state(watched) in "tT")
            os.kill(watched, signal.SIGUSR1)
            suite.true("a stopped program runs no handler", not select.select([process.stdout], [], [], 0.3)[0])
            os.kill(watched, signal.SIGCONT)
            got = sorted([process.stdout.readline(), process.stdout.readline()])
            suite.equal("handlers", [f"got 10 from {os.getpid()}\n", f"got 18 from {os.getpid()}\n"], got)
            suite.equal("the end", ("counted\n", 0), (end_of(process), process.returncode))


def typed(command, steps):
    """A bash at a terminal: (what to wait for, what to type then) of each step. Everything that was printed."""
    pid, controller = pty.fork()
    if pid == 0:
        os.environ.update(PS1="prompt> ", TERM="dumb", LC_ALL="C")
        os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
    out = ""

    def wait_for(pattern):
        nonlocal out
        seen, end = "", time.monotonic() + 20
        while not re.search(pattern, seen):
            if time.monotonic() > end:
                raise differential.Failure(f"{command}: {pattern!r} never came: {out + seen!r}")
            if select.select([controller], [], [], 0.2)[0]:
                seen += os.read(controller, 4096).decode("utf-8", "replace")
        out += seen

    wait_for("prompt> ")
    os.write(controller, f"{command}\n".encode())
    try:
        for pattern, keys in steps:
            wait_for(pattern)
            time.sleep(0.2)
            os.write(controller, keys.encode())
    finally:
        os.write(controller, b"exit\nexit\n")
        end = time.monotonic() + 10
        while os.waitpid(pid, os.WNOHANG)[0] == 0 and time.monotonic() < end:
            if select.select([controller], [], [], 0.1)[0]:
                try:
                    out += os.read(controller, 4096).decode("utf-8", "replace")
                except OSError:
                    pass
        os.close(controller)
    return out


def terminal(suite, program):
    """^C, ^Z, fg, bg: the shell must not see a difference."""
    cases = {
        "interrupt": [("ready", "\x03"), ("prompt> ", "echo code=$?\n"), (r"code=\d+", "\n")],
        "stop, foreground, interrupt": [("ready", "\x1a"), ("Stopped", "fg\n"), ("wait", ""), ("", "\x03"), ("prompt> ", "echo code=$?\n"), (r"code=\d+", "\n")],
        "stop twice": [("ready", "\x1a"), ("Stopped", "fg\n"), ("wait", ""), ("", "\x1a"), ("Stopped", "echo code=$?\n"), (r"code=\d+", "kill -9 %1; sleep 0.5\n"), ("Killed", "\n")],
        "stop, background, kill": [("ready", "\x1a"), ("Stopped", "bg\n"), ("wait &", "kill %1; wait %1; echo code=$?\n"), (r"code=\d+", "\n")],
        "quit": [("ready", "\x1c"), ("prompt> ", "echo code=$?\n"), (r"code=\d+", "\n")],
    }
    for name, steps in cases.items():
        if not suite.wanted(f"terminal {name}"):
            continue
        with suite.case(f"terminal {name}"):
            suite.need("bash")
            real = typed(f"{program} wait", steps)
            ours = typed(f"{suite.abiscope} run {program} wait", steps)
            codes = [re.findall(r"code=(\d+)", text) for text in (real, ours)]
            suite.equal("exit codes", codes[0], codes[1], f"{real}\n----\n{ours}")
            # How often it says so again depends on the moment.
            states = [list(dict.fromkeys(re.findall(r"Stopped|Terminated|Killed", text))) for text in (real, ours)]
            suite.equal("what the shell says", states[0], states[1], f"{real}\n----\n{ours}")
    if suite.wanted("terminal script"):
        with suite.case("terminal script"):
            script = suite.work / "script.sh"
            for command in (f"{program} wait", f"{suite.abiscope} run {program} wait"):
                script.write_text(f"{command}\necho went on\n", encoding="utf-8")
                out = typed(f"bash {script}", [("ready", "\x03"), ("prompt> ", "\n")])
                suite.true("^C ends the script as well", "went on" not in out, out)


def main():
    suite = differential.Suite(__doc__)
    if os.uname().machine != "x86_64":
        suite.missing("all", "the program is built for x86-64")
        sys.exit(suite.finish())
    program = run_command.built(suite)
    signals(suite, program)
    terminal(suite, program)
    sys.exit(suite.finish())


if __name__ == "__main__":
    main()
