#!/usr/bin/env python3
"""Real files, cut and with bytes changed: the program answers each in bounded time and memory, with an exit code of its own and valid JSON.

The files are this machine's programs and libraries and the fuzz targets' seeds of all formats. A batch that goes wrong is tried file by file.
"""
import json
import os
import pathlib
import resource
import sys
import time

import differential

SEEDS = pathlib.Path(__file__).resolve().parents[1] / "fuzz" / "corpus"
BATCH, LARGEST = 40, 4 << 20
SECONDS, MEGABYTES = 5, 768            # of one file
CODES = {0, 1, 3, 4}                   # yes, no, cannot tell, unreadable


def originals(suite):
    files = [path for folder in ("elf", "pe", "macho", "archive", "other") for path in sorted((SEEDS / folder).iterdir())]
    for folder in ("/usr/bin", "/usr/lib/x86_64-linux-gnu"):
        real = [path for path in sorted(pathlib.Path(folder).iterdir()) if path.is_file() and os.access(path, os.R_OK) and 0 < path.stat().st_size <= LARGEST]
        files += suite.random.sample(real, min(20, len(real)))
    return files


def mutated(rng, data):
    """One to eight changes, more of them near the start, where the headers are; sometimes a cut, sometimes numbers that are too large."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(min(len(data), 4096)) if rng.random() < 0.7 else rng.randrange(len(data))
        kind = rng.randrange(4)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.randrange(256)
        elif kind == 2:
            value = rng.choice([0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff0, len(data), len(data) - 1])
            data[at:at + 4] = value.to_bytes(4, rng.choice(["little", "big"]))
        else:
            other = rng.randrange(len(data))
            data[at:at + 16] = data[other:other + 16]
    if rng.random() < 0.25:
        data = data[:rng.randrange(len(data) + 1)]
    return bytes(data)


def ask(suite, command, paths, sanitized):
    """Runs one command over the files; what is wrong with how it ended, or nothing."""
    wait = SECONDS * len(paths) * (4 if sanitized else 1)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, time.monotonic()
    outcome = differential.run([suite.abiscope, *command, *paths, "--jsonl"], seconds=wait, env=differential.clean_environment())
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if outcome.timed_out:
        return f"not done after {time.monotonic() - start:.0f} s"
    if outcome.code not in CODES or outcome.signal is not None:
        return f"exit code {outcome.code}: {outcome.err[-1500:]}"
    if not sanitized and peak > before and peak > MEGABYTES << 10:
        return f"{peak >> 10} MB"
    lines = [line for line in outcome.out.splitlines() if line]
    for line in lines:
        json.loads(line)
    # What cannot be read is an error message of its own, and says where the file is wrong.
    errors = [line for line in outcome.err.splitlines() if line.startswith("abiscope: ")]
    if any("offset 0x" not in line for line in errors):
        return "an error without its place: " + "\n".join(errors)
    if len(lines) + len(errors) != len(paths):
        return f"{len(lines)} answers and {len(errors)} errors for {len(paths)} files: {outcome.err[-500:]}"
    return None


def main():
    suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--mutants", type=int, default=3, help="of each file"))
    sanitized = b"__asan_init" in pathlib.Path(suite.abiscope).read_bytes()
    made = []
    for path in originals(suite):
        data = path.read_bytes()
        for number in range(suite.options.mutants if data else 0):
            target = suite.work / f"{path.parent.name}-{path.name}-{number}"
            target.write_bytes(mutated(suite.random, data))
            target.chmod(0o755)
            made.append(target)
    for command in (["inspect"], ["inspect", "--sweep"], ["check", "--target", "host"], ["check", "--target", "debian:12/amd64", "--cpu", "x86-64-v1"],
                    ["check", "--target", "windows:10/amd64"], ["check", "--target", "alpine:3.20/amd64", "--no-fixes"]):
        for start in range(0, len(made), BATCH):
            name = f"{' '.join(command)}.{start // BATCH}"
            if not suite.wanted(name):
                continue
            with suite.case(name):
                batch = made[start:start + BATCH]
                if ask(suite, command, batch, sanitized) is None:
                    continue
                wrong = [(path, ask(suite, command, [path], sanitized)) for path in batch]
                wrong = [f"{path}: {problem}" for path, problem in wrong if problem]
                suite.true("the batch goes wrong, no file alone", bool(wrong))
                suite.true(f"{len(wrong)} files go wrong", not wrong, "\n".join(wrong[:5]))
    sys.exit(suite.finish())


if __name__ == "__main__":
    main()
