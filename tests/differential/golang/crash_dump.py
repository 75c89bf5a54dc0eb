"""Lets a Go program end itself with all its runtime has to say, and takes its dump."""
import os
import subprocess

import core_dump
import differential


def need(suite):
    """Skips a case where no such dump can be had."""
    if os.uname().machine != "x86_64":
        suite.skip("the programs are built for x86-64")
    if not core_dump.kernel_dumps():
        suite.skip("the kernel writes no dumps into the folder of the program (core_pattern, RLIMIT_CORE)")


def dump(program, folder, arguments, also_output=False, emulator=(), **variables):
    """The core dump, and what the runtime printed before it; with `also_output` what the program printed, too. `emulator`: qemu-user, which
    writes a dump of the program it emulates (and the kernel another one of qemu)."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("core*"), *folder.glob("qemu_*.core")):
        old.unlink()
    environment = {**differential.clean_environment(), "GOTRACEBACK": "crash", **variables}
    done = subprocess.run([*emulator, program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
                          preexec_fn=core_dump._allow_core, env=environment)
    found = sorted(folder.glob("qemu_*.core" if emulator else "core*"))
    if done.returncode >= 0 or not found:
        raise differential.Failure(f"{program} {arguments} left no dump: code {done.returncode}\n{done.stderr[-500:]!r}")
    words = (done.stdout if also_output else b"") + done.stderr
    return found[0], words.decode("utf-8", "replace")
