#!/usr/bin/env python3
"""check and inspect over every dynamic program of /usr/bin and /usr/sbin, against the tools a person would take instead."""
import shutil

import ratios

ANY = tuple(range(256))   # ldd and libtree answer with exit codes of their own


def dynamic(path):
    with open(path, "rb") as file:
        head = file.read(4096)
    return head[18:20] == b"\x3e\x00" and b"ld-linux-x86-64" in head


bench = ratios.Bench(__doc__)
programs = [path for path in ratios.programs_of("/usr/bin", "/usr/sbin") if dynamic(path)]
# The loops are measured on every sixth program and scaled: they take minutes.
sample = programs[::6]
scale = len(programs) / len(sample)
listed = bench.work / "programs"
listed.write_text("\n".join(programs) + "\n", encoding="utf-8")
sampled = bench.work / "sample"
sampled.write_text("\n".join(sample) + "\n", encoding="utf-8")


def loop(command):
    return ratios.seconds(["sh", "-c", f'while read -r file; do {command} "$file" >/dev/null 2>&1; done <"$1"', "sh", sampled], runs=1, accept=ANY) * scale


check = ratios.seconds([bench.abiscope, "check", f"@{listed}"], accept=ANY)
inspect = ratios.seconds([bench.abiscope, "inspect", "--separate", f"@{listed}"], accept=ANY)
bench.compare(f"check of {len(programs)} programs, symbols and versions included", check, "ldd -r in a loop", loop("ldd -r"), at_least=100)
if bench.need("check against libtree", "libtree"):
    # Without -vvv it looks into a library once a call, not once a program, and leaves out the libc and the C++ runtime.
    bench.compare("check of the same", check, "libtree -vvv (every library of every program; neither symbols nor versions)",
                  ratios.seconds(["libtree", "-vvv", *programs], accept=ANY), at_least=1)
    bench.compare("check of the same", check, "libtree (each library once a call)", ratios.seconds(["libtree", *programs], accept=ANY))
if bench.need("inspect against readelf", "readelf"):
    bench.compare(f"inspect of {len(programs)} programs", inspect, "readelf -hlSdsVW in a loop", loop("readelf -hlSdsVW"), at_least=20)
readobj = next((name for name in ("llvm-readobj-19", "llvm-readobj") if shutil.which(name)), "llvm-readobj-19")
if bench.need("inspect against llvm-readobj", readobj):
    options = ["--file-headers", "--program-headers", "--sections", "--dynamic-table", "--dyn-syms", "--version-info", "--notes"]
    bench.compare("inspect of the same", inspect, f"{readobj}, all files in one process", ratios.seconds([readobj, *options, *programs], runs=1, accept=ANY), at_least=1)
bench.limit("peak memory of `check /bin/ls`, mapped files included", ratios.peak_megabytes([bench.abiscope, "check", "/bin/ls"]), "MB", at_most=64)
bench.finish()
