#!/usr/bin/env python3
"""What changes when output goes to a terminal: colour, links, the width, the progress line, and a reader that goes away."""
import fcntl
import os
import pathlib
import pty
import select
import struct
import subprocess
import sys
import termios
import threading
import time

import differential

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures"
BROKEN, GOOD = FIXTURES / "elf/entry-zero", FIXTURES / "elf/static"
suite = differential.Suite(__doc__)


def on_terminal(arguments, width=120, feed=None, **environment):
    """Runs abiscope with standard output and error on a terminal; `feed` is called with the write end of its standard input."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    settings = {**differential.clean_environment(), "TERM": "xterm-256color", **environment}
    process = subprocess.Popen([suite.abiscope, *map(str, arguments)], stdin=subprocess.PIPE, stdout=terminal, stderr=terminal, env=settings)
    os.close(terminal)
    feeder = threading.Thread(target=feed or (lambda pipe: pipe.close()), args=(process.stdin,))
    feeder.start()
    out, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([controller], [], [], 0.2)[0]:
            try:
                data = os.read(controller, 65536)
            except OSError:   # the other end is closed
                break
            if not data:
                break
            out += data
        elif process.poll() is not None:
            break
    feeder.join()
    os.close(controller)
    process.wait(timeout=30)
    return out.decode("utf-8", "replace").replace("\r\n", "\n")


def piped(arguments, **environment):
    return differential.run([suite.abiscope, *arguments], env=differential.clean_environment(**environment)).out


with suite.case("colour on a terminal"):
    suite.true("no colour", "\x1b[1;31m" in on_terminal(["inspect", BROKEN]))
with suite.case("no colour into a pipe"):
    suite.true("colour", "\x1b[" not in piped(["inspect", BROKEN]))
with suite.case("NO_COLOR"):
    suite.true("colour", "\x1b[" not in on_terminal(["inspect", BROKEN], NO_COLOR="1"))
with suite.case("an empty NO_COLOR is none"):
    suite.true("no colour", "\x1b[" in on_terminal(["inspect", BROKEN], NO_COLOR=""))
with suite.case("CLICOLOR_FORCE"):
    suite.true("no colour", "\x1b[1;31m" in piped(["inspect", BROKEN], CLICOLOR_FORCE="1"))
    suite.true("colour", "\x1b[" not in piped(["inspect", BROKEN], CLICOLOR_FORCE="0"))
with suite.case("--color beats the environment"):
    suite.true("colour", "\x1b[" not in piped(["inspect", "--color", "never", BROKEN], CLICOLOR_FORCE="1"))
    suite.true("no colour", "\x1b[" in piped(["inspect", "--color", "always", BROKEN], NO_COLOR="1"))
with suite.case("a dumb terminal"):
    suite.true("colour", "\x1b[" not in on_terminal(["inspect", BROKEN], TERM="dumb"))
with suite.case("JSON is never coloured"):
    suite.true("colour", "\x1b[" not in on_terminal(["inspect", "--json", BROKEN]))
with suite.case("a rule's name links to its page"):
    shown = on_terminal(["inspect", BROKEN])
    start = shown.find("\x1b]8;;file://")
    suite.true("no link", start >= 0, shown[-500:])
    page = shown[start + len("\x1b]8;;file://"):shown.index("\x1b\\", start)]
    suite.true(f"{page} is no page", pathlib.Path(page).read_text(encoding="utf-8").startswith("# ELF-ENTRY-ZERO"))
with suite.case("no links into a pipe, even in colour"):
    suite.true("a link", "\x1b]8" not in piped(["inspect", "--color", "always", BROKEN]))
for columns in (60, 100, 160):
    with suite.case(f"two cards in {columns} columns"):
        shown = on_terminal(["inspect", "--brief", BROKEN, GOOD, "--color", "never"], width=columns)
        table = shown[:shown.index("\n\n")] if "\n\n" in shown else shown
        longest = max(len(line) for line in table.splitlines())
        suite.true(f"a line of {longest}", longest <= columns, table)


def late(pipe):
    pipe.write(GOOD.read_bytes()[:100])
    pipe.flush()
    time.sleep(2.5)
    pipe.write(GOOD.read_bytes()[100:])
    pipe.close()


with suite.case("progress after a second"):
    shown = on_terminal(["inspect", "--brief", "-"], feed=late)
    suite.true("no progress", "0 of 1" in shown, shown)
    suite.true("the line stays", "\r\x1b[K" in shown and shown.rfind("of 1") < shown.rfind("\r\x1b[K"), shown)
with suite.case("--quiet has no progress"):
    suite.true("progress", "0 of 1" not in on_terminal(["inspect", "--quiet", "--brief", "-"], feed=late))
with suite.case("what is quick has no progress"):
    suite.true("progress", " of 1" not in on_terminal(["inspect", "--brief", GOOD]))
with suite.case("a reader that goes away"):
    many = " ".join([str(GOOD)] * 400)
    done = differential.run(["bash", "-c", f"set -o pipefail; '{suite.abiscope}' inspect --separate {many} | head -1; echo ${{PIPESTATUS[0]}}"])
    suite.true("a message", done.err == "", done.err)
    suite.true("killed by the signal", done.out.splitlines()[-1] == "4", done.out)
for command, code in ((["check", "--no-fixes"], 1), (["inspect", "--brief"], 0)):
    with suite.case(f"more files than a process may map: {command[0]}"):
        limit = int(pathlib.Path("/proc/sys/vm/max_map_count").read_text(encoding="ascii"))
        if limit > 70000:
            suite.skip("the system allows more mappings than that")
        text, names = suite.work / "text", suite.work / "names"
        text.write_text("x\n", encoding="ascii")
        names.write_text(f"{text}\n" * (limit + 100), encoding="ascii")
        done = differential.run([suite.abiscope, *command, f"@{names}"], env=differential.clean_environment())
        suite.equal("exit code", code, done.code, done.err[:500])
        suite.equal("answers", limit + 100, done.out.count(f"{text}" if code == 0 else f"{text} on host"))
with suite.case("an output that is full"):
    suite.true("no /dev/full", os.path.exists("/dev/full"))
    done = differential.run([suite.abiscope, "inspect", GOOD, "--output", "/dev/full"], env=differential.clean_environment())
    suite.equal("exit code", 4, done.code)
    suite.true("no reason", "No space left on device" in done.err, done.err)
sys.exit(suite.finish())
