"""Drives glibc_dump, the program that prints what abiscope's simulation of glibc's loader makes of a list of programs."""
import json
import os
import pathlib
import re
import subprocess

import differential

DEBIAN_DIRECTORIES = "/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/lib:/usr/lib"


def host_cpu():
    """Name and features of this machine's processor, as /proc/cpuinfo has them."""
    text = pathlib.Path("/proc/cpuinfo").read_text()
    name = re.search(r"^model name\s*: (.*)$", text, re.M)
    flags = re.search(r"^flags\s*: (.*)$", text, re.M)
    vendor = re.search(r"^vendor_id\s*: (.*)$", text, re.M)
    return {"cpu": name.group(1) if name else "", "vendor": vendor.group(1) if vendor else "",
            "features": ",".join(flags.group(1).split()) if flags else ""}


def host_libc_version():
    text = subprocess.run(["/lib64/ld-linux-x86-64.so.2", "--version"], capture_output=True, text=True).stdout
    found = re.search(r"version (\d+\.\d+)", text)
    return found.group(1) if found else ""


def ask(cases):
    """One answer per case; a case is a dictionary of glibc_dump's fields."""
    lines = []
    for case in cases:
        fields = [f"{name}={value}" for name, value in case.items() if value is not None]
        assert not any("\t" in field or "\n" in field for field in fields), case
        lines.append("\t".join(fields) + "\n")
    done = subprocess.run([differential.dump_program("glibc_dump")], input="".join(lines).encode("utf-8", "surrogateescape"), capture_output=True)
    if done.returncode != 0:
        raise differential.Failure(f"glibc_dump: exit {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode().strip()


def traced(text):
    """Names and paths out of what a loader prints with LD_TRACE_LOADED_OBJECTS=1; nothing for a library that was not found."""
    out = []
    for line in text.splitlines():
        found = re.match(r"^\t(.*?) => (.*) \(0x[0-9a-f]+\)$", line)
        missing = re.match(r"^\t(.*) => not found$", line)
        single = re.match(r"^\t(.*) \(0x[0-9a-f]+\)$", line)
        if missing:
            out.append((missing.group(1), ""))
        elif found:
            out.append((found.group(1), found.group(2)))
        elif single:
            out.append((single.group(1), single.group(1)))
    return [entry for entry in out if entry[0] not in ("linux-vdso.so.1", "linux-gate.so.1")]


def libraries(answer):
    """The same list out of an answer, without the program."""
    return [(library["name"], library["path"]) for library in answer["libraries"] if library["found_by"] not in ("program", "vdso")]
