#!/usr/bin/env python3
"""Every dynamic program of this machine: abiscope finds the libraries that the loader finds, where it finds them, and raises no alarm."""
import os
import pathlib
import stat
import subprocess
import sys

import differential
import glibc_dump

LOADER = "/lib64/ld-linux-x86-64.so.2"


def interpreter_of(path):
    """PT_INTERP of a little-endian 64-bit ELF file, or nothing."""
    try:
        data = path.open("rb").read(8192)
    except OSError:
        return None
    if data[:6] != b"\x7fELF\x02\x01":
        return None
    offset = int.from_bytes(data[32:40], "little")
    for i in range(int.from_bytes(data[56:58], "little")):
        record = data[offset + 56 * i:offset + 56 * (i + 1)]
        if record[:4] == b"\x03\0\0\0":
            at, size = int.from_bytes(record[8:16], "little"), int.from_bytes(record[32:40], "little")
            return data[at:at + size - 1].decode(errors="replace")
    return None


def main():
    suite = differential.Suite(__doc__)
    folders = [pathlib.Path("/usr/bin"), pathlib.Path("/usr/sbin")]
    programs = sorted({str(path) for folder in folders if folder.is_dir() for path in folder.iterdir()
                       if path.is_file() and interpreter_of(path) == LOADER})
    programs = [program for program in programs if suite.wanted(program)]
    if not programs:
        with suite.case("programs"):
            suite.skip("no dynamic program for " + LOADER)
        sys.exit(suite.finish())
    common = {"libc": glibc_dump.host_libc_version(), "dirs": glibc_dump.DEBIAN_DIRECTORIES, **glibc_dump.host_cpu()}
    answers, _ = glibc_dump.ask([{"program": program, **common} for program in programs])
    environment = differential.clean_environment(LD_TRACE_LOADED_OBJECTS="1")
    for program, answer in zip(programs, answers):
        with suite.case(program):
            # A setuid program drops the variable, so its loader is started by hand, with the path that /proc/self/exe would give.
            secure = os.stat(program).st_mode & (stat.S_ISUID | stat.S_ISGID)
            command = [LOADER, os.path.realpath(program)] if secure else [program]
            real = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace")
            found = glibc_dump.libraries(answer)
            wanted = glibc_dump.traced(real.stdout)
            if not any(name == LOADER for name, _ in wanted):   # nobody needs it, so it is not listed
                found = [entry for entry in found if entry[0] != LOADER]
            suite.equal("libraries", wanted, found, real.stderr)
            suite.equal("verdict", "runs" if not real.stderr else "fails", answer["verdict"], f"{answer['message']} {answer['problems']} {real.stderr}")
    sys.exit(suite.finish())


if __name__ == "__main__":
    main()
