#!/usr/bin/env python3
"""Runs the benchmarks, prints the figures and writes them down: bench.py --build DIR --output docs/benchmarks.md [--only NAME]

bench/NAME.py measure whole programs against the tool one would use instead (bench/support/ratios.py); bench/NAME_bench.cc are Google
Benchmark programs for single pieces. Exit code 1: a figure that is wanted was not reached.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def machine():
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    release = platform.freedesktop_os_release().get("PRETTY_NAME", "unknown system")
    return f"{model}, {len(os.sched_getaffinity(0))} cores; {release}, Linux {platform.release().split('-')[0]}"


def number(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def duration(seconds):
    return f"{number(seconds)} s" if seconds >= 1 else f"{number(seconds * 1000)} ms"


def reached(row):
    figure = row.get("ratio", row["ours"])
    return (row.get("at_least") is None or figure >= row["at_least"]) and (row.get("at_most") is None or figure <= row["at_most"])


def wanted(row):
    """What was asked for, and whether it was reached; empty when nothing was."""
    unit = "times" if "ratio" in row else row["unit"]
    parts = [f"{words} {number(row[key])} {unit}" for key, words in (("at_least", "at least"), ("at_most", "at most")) if row.get(key) is not None]
    if not parts:
        return ""
    return ", ".join(parts) + (": yes" if reached(row) else ": **no**")


def cells(row):
    if "skipped" in row:
        return [row["what"], "-", "-", "-", f"skipped: {row['skipped']}"]
    if "ratio" in row:
        return [row["what"], duration(row["ours"]), f"{row['other']}: {duration(row['theirs'])}", number(row["ratio"]), wanted(row)]
    return [row["what"], f"{number(row['ours'])} {row['unit']}", "", "", wanted(row)]


def table(head, rows):
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def run_script(script, build, work):
    result = work / f"{script.stem}.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "bench" / "support"), "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
    subprocess.run([sys.executable, script, "--abiscope", build / "abiscope", "--build", build, "--work", work / script.stem,
                    "--output", result], env=environment, check=True)
    return json.loads(result.read_text(encoding="utf-8"))


def run_program(program):
    done = subprocess.run([program, "--benchmark_format=json", "--benchmark_min_time=0.5"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    rows = []
    for one in json.loads(done.stdout)["benchmarks"]:
        rate = one.get("bytes_per_second")
        rows.append([f"`{one['name']}`", f"{number(one['real_time'])} {one['time_unit']}", f"{number(rate / 1e6)} MB/s" if rate else ""])
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--only", default="", help="benchmarks whose name has this in it; nothing is written down then")
    options = parser.parse_args()
    build = options.build.resolve()
    scripts = [path for path in sorted((ROOT / "bench").glob("*.py")) if options.only in path.stem]
    programs = [path for path in sorted((build / "bench").glob("*_bench")) if options.only in path.name]
    rows, pieces = [], []
    with tempfile.TemporaryDirectory(prefix="abiscope-bench-") as work:
        for script in scripts:
            print(f"{script.name} ...", file=sys.stderr, flush=True)
            rows += run_script(script, build, pathlib.Path(work))
    for program in programs:
        print(f"{program.name} ...", file=sys.stderr, flush=True)
        pieces += run_program(program)
    sections = ["# Benchmarks", "", "Written by `make bench`. Each row was measured in one run on one machine: the quickest of several runs for a program,",
                "the median for start-up. Ratios say how many times faster abiscope is than the other.", "", f"Machine: {machine()}.", "",
                table(["what", "abiscope", "the other", "ratio", "wanted"], [cells(row) for row in rows])]
    if pieces:
        sections += ["", "## Pieces", "", table(["benchmark", "time", "rate"], pieces)]
    text = "\n".join(sections) + "\n"
    print(text)
    if options.output and not options.only:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(text, encoding="utf-8")
    missed = [row["what"] for row in rows if "skipped" not in row and not reached(row)]
    if missed:
        print("Not reached: " + "; ".join(missed), file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
