#!/usr/bin/env python3
"""The instruction-set sweep over large files: megabytes of executable code a second, on one file and on as many as there are cores."""
import glob
import os
import struct

import ratios

WANTED = 500


def code_bytes(path):
    """Bytes of executable sections."""
    with open(path, "rb") as file:
        head = file.read(64)
        table, = struct.unpack_from("<Q", head, 40)
        entry_size, count = struct.unpack_from("<HH", head, 58)
        file.seek(table)
        sections = file.read(entry_size * count)
    total = 0
    for at in range(0, len(sections), entry_size):
        _, kind, flags, _, _, size = struct.unpack_from("<IIQQQQ", sections, at)
        total += size if kind == 1 and flags & 4 else 0
    return total


def largest_files():
    found = {}
    for folder in ("/usr/bin/*", "/usr/lib/x86_64-linux-gnu/*.so*", "/usr/lib/llvm-*/lib/*.so*", "/usr/lib/gcc/x86_64-linux-gnu/*/cc1*"):
        for path in map(os.path.realpath, glob.glob(folder)):
            if os.path.isfile(path) and os.access(path, os.R_OK):
                with open(path, "rb") as file:
                    if file.read(5) == b"\x7fELF\x02" and file.seek(18) and file.read(2) == b"\x3e\x00":
                        found[path] = code_bytes(path)
    return sorted(found, key=found.get, reverse=True)[:6], found


bench = ratios.Bench(__doc__)
files, sizes = largest_files()


def rate(paths, command):
    """Megabytes of code a second."""
    return sum(sizes[path] for path in paths) / 1e6 / ratios.seconds([*command, *paths], runs=3)


# The whole card, and whether tests of the CPU guard what was found; and the sweep alone.
whole, alone = [bench.abiscope, "inspect", "--sweep", "--separate"], [bench.options.build / "bench" / "isa_dump"]
megabytes = sum(sizes[path] for path in files) / 1e6
bench.limit(f"instruction-set sweep of {os.path.basename(files[0])}, {sizes[files[0]] / 1e6:.0f} MB of code, one file", rate(files[:1], whole), "MB/s",
            at_least=WANTED)
bench.limit("the same without the question whether tests guard what is found", rate(files[:1], alone), "MB/s", at_least=WANTED)
bench.limit(f"the sweep of the {len(files)} largest programs and libraries, {megabytes:.0f} MB of code, one call", rate(files, whole), "MB/s", at_least=WANTED)
bench.limit("the same without that question", rate(files, alone), "MB/s", at_least=WANTED)
bench.finish()
