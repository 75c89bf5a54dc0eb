"""Makes a program crash and gives its core dump: by the kernel where it writes one into the current folder, else by gdb at the fatal stop."""
import os
import pathlib
import resource
import shutil
import signal
import subprocess

import differential


def kernel_dumps():
    """Whether the kernel writes a plain file into the folder of the program that crashed."""
    try:
        pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text(encoding="ascii").strip()
    except OSError:
        return False
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    return bool(pattern) and "/" not in pattern and not pattern.startswith("|") and hard == resource.RLIM_INFINITY


def _allow_core():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def by_kernel(command, folder, seconds=30, send=None, env=None):
    """The dump, or None when the program did not die. `send`: (signal) sent when the program has printed a line."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("core*"):
        old.unlink()
    process = subprocess.Popen([str(word) for word in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, preexec_fn=_allow_core, start_new_session=True,
                               env=env or differential.clean_environment())
    try:
        if send is not None:
            process.stdout.readline()
            os.kill(process.pid, send)
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None
    found = sorted(folder.glob("core*"))
    return found[0] if process.returncode < 0 and found else None


def by_gdb(command, folder, seconds=60, env=None):
    """The same through gdb's generate-core-file."""
    folder.mkdir(parents=True, exist_ok=True)
    core = folder / "core"
    core.unlink(missing_ok=True)
    differential.run(["gdb", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "set startup-with-shell off", "-ex", "run",
                      "-ex", f"generate-core-file {core}", "-ex", "kill", "--args", *command], seconds=seconds, cwd=folder,
                     env=env or differential.clean_environment())
    return core if core.exists() else None


def dump(suite, command, folder, **more):
    """The dump by whichever way works; skips the case when none does, fails it when the program lived."""
    if kernel_dumps():
        core = by_kernel(command, folder, **more)
    elif shutil.which("gdb") and not more.get("send"):
        core = by_gdb(command, folder)
    else:
        suite.skip("the kernel writes no core file here, and gdb cannot make this one")
    if core is None:
        raise differential.Failure(f"{' '.join(map(str, command))}: no core dump: the program did not crash")
    return core


NT_SIGINFO, NT_FILE = 0x53494749, 0x46494c45


def without_notes(core, types):
    """Makes the dump as one that never had notes of those types (of 64 bits, little-endian), in place; how many there were."""
    found = 0
    with open(core, "r+b") as file:
        header = file.read(64)
        offset, size, count = int.from_bytes(header[32:40], "little"), int.from_bytes(header[54:56], "little"), int.from_bytes(header[56:58], "little")
        for i in range(count):
            file.seek(offset + i * size)
            segment = file.read(size)
            if int.from_bytes(segment[:4], "little") != 4:   # PT_NOTE
                continue
            at, end = int.from_bytes(segment[8:16], "little"), int.from_bytes(segment[8:16], "little") + int.from_bytes(segment[32:40], "little")
            while at + 12 <= end:
                file.seek(at)
                name, descriptor, kind = (int.from_bytes(file.read(4), "little") for _ in range(3))
                if kind in types:
                    found += 1
                    file.seek(at + 8)
                    file.write((0x7f7f7f7f).to_bytes(4, "little"))
                at += 12 + (name + 3) // 4 * 4 + (descriptor + 3) // 4 * 4
    return found
