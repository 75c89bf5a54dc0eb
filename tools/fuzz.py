#!/usr/bin/env python3
"""Runs every libFuzzer program for a while and prints what came of it.

usage: fuzz.py --build DIR [--seconds N] [--jobs N] [--only NAME]

Starts from tests/fuzz/corpus and keeps what it learns in .cache/fuzz/NAME, so that the next run goes on from there. An input that breaks a
target is left in .cache/fuzz/found/NAME: copy it to tests/fuzz/corpus/NAME under a name that says what it broke, and fix the reader.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "fuzz" / "corpus"
CACHE = ROOT / ".cache" / "fuzz"
# One input: seconds before it counts as a hang, megabytes before it counts as a leak of the bound, bytes at most.
HANG_SECONDS, MEMORY_MEGABYTES, INPUT_BYTES = 10, 2048, 1 << 17


def seed_folders(name):
    folders = [CORPUS / name]
    for line in (CORPUS / "corpora.txt").read_text(encoding="utf-8").splitlines():
        target, _, listed = line.partition(":")
        if target == name:
            folders += [CORPUS / folder for folder in listed.split()]
    return [folder for folder in folders if folder.is_dir()]


def run(program, seconds):
    name = program.name.removesuffix("_fuzz")
    learnt, found = CACHE / name, CACHE / "found" / name
    learnt.mkdir(parents=True, exist_ok=True)
    found.mkdir(parents=True, exist_ok=True)
    command = [program, learnt, *seed_folders(name), f"-max_total_time={seconds}", f"-timeout={HANG_SECONDS}",
               f"-rss_limit_mb={MEMORY_MEGABYTES}", f"-max_len={INPUT_BYTES}", f"-artifact_prefix={found}/", "-print_final_stats=1"]
    environment = {**os.environ, "ASAN_OPTIONS": "allocator_may_return_null=1:detect_stack_use_after_return=1",
                   "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
    symbolizer = pathlib.Path("/usr/bin/llvm-symbolizer-19")
    if symbolizer.exists():
        environment["ASAN_SYMBOLIZER_PATH"] = str(symbolizer)
    start = time.monotonic()
    done = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True, errors="replace", check=False)

    def last(pattern):
        numbers = re.findall(pattern, done.stderr)
        return int(numbers[-1]) if numbers else 0

    return {"name": name, "clean": done.returncode == 0, "seconds": time.monotonic() - start, "runs": last(r"stat::number_of_executed_units: (\d+)"),
            "covered": last(r"cov: (\d+)"), "inputs": last(r"corp: (\d+)"), "peak": last(r"stat::peak_rss_mb: +(\d+)"), "log": done.stderr}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="targets whose name has this in it")
    options = parser.parse_args()
    programs = sorted(path for path in (options.build / "fuzz").glob("*_fuzz") if options.only in path.name)
    if not programs:
        sys.exit(f"fuzz: no program in {options.build / 'fuzz'}")
    rounds = -(-len(programs) // options.jobs)
    print(f"{len(programs)} targets, {options.seconds} s each, {options.jobs} at a time: about {rounds * options.seconds // 60} min", flush=True)
    results = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for result in pool.map(lambda program: run(program, options.seconds), programs):
            results.append(result)
            print(f"  {result['name']}: {'clean' if result['clean'] else 'BROKEN'}", flush=True)
            if not result["clean"]:
                print("\n".join(result["log"].splitlines()[-60:]))
    print(f"\n{'target':<20} {'result':<7} {'seconds':>7} {'runs':>11} {'runs/s':>8} {'edges':>7} {'inputs':>7} {'peak MB':>8}")
    for result in results:
        print(f"{result['name']:<20} {'clean' if result['clean'] else 'BROKEN':<7} {result['seconds']:>7.0f} {result['runs']:>11} "
              f"{result['runs'] / max(result['seconds'], 1):>8.0f} {result['covered']:>7} {result['inputs']:>7} {result['peak']:>8}")
    broken = [result["name"] for result in results if not result["clean"]]
    if broken:
        print(f"\nBroken: {', '.join(broken)}. The inputs are in {CACHE / 'found'}.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
