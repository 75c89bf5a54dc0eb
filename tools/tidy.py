#!/usr/bin/env python3
"""Runs clang-tidy over every file of a compilation database, in parallel, and remembers what was clean.

usage: tidy.py --build DIR [--jobs N] [--cache DIR] [--slowest N] [FILE...]

A file is run again only when something changed that its answer stands on: the configuration, clang-tidy itself, its compile command,
or one of the files it includes.
"""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLANG_TIDY = "clang-tidy-19"


def digest(*parts):
    whole = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        whole.update(len(data).to_bytes(8, "little") + data)
    return whole.hexdigest()


def is_ours(file):
    """Generated sources are not for people to read."""
    path = pathlib.Path(file)
    return path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] != "build"


class Contents:
    """Hash of a file, read once."""

    def __init__(self):
        self._hashes = {}

    def __call__(self, path):
        if path not in self._hashes:
            try:
                self._hashes[path] = digest(pathlib.Path(path).read_bytes())
            except OSError:
                self._hashes[path] = "gone"
        return self._hashes[path]


def arguments_of(entry):
    arguments = entry["arguments"] if "arguments" in entry else shlex.split(entry["command"])
    if pathlib.Path(arguments[0]).name == "ccache":
        arguments = arguments[1:]
    return arguments


def includes_of(entry):
    """Every file the compiler reads for this one."""
    arguments = arguments_of(entry)
    stripped, skip = [], False
    for argument in arguments:
        if skip:
            skip = False
        elif argument in ("-o", "-MF", "-MT", "-MQ"):
            skip = True
        elif argument not in ("-c", "-MD", "-MMD"):
            stripped.append(argument)
    done = subprocess.run([*stripped, "-M"], cwd=entry["directory"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None
    words = done.stdout.replace("\\\n", " ").split()[1:]
    return sorted({str((pathlib.Path(entry["directory"]) / word).resolve()) for word in words})


def run(entry, build):
    start = time.monotonic()
    done = subprocess.run([CLANG_TIDY, "-p", str(build), "--quiet", entry["file"]], capture_output=True, text=True, check=False)
    noise = re.compile(r"^(\d+ warnings? (treated as errors?|generated)|Suppressed \d+ warnings|Use -header-filter)")
    lines = [line for line in (done.stdout + done.stderr).splitlines() if not noise.match(line)]
    return done.returncode == 0, "\n".join(lines), time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / ".cache" / "tidy")
    parser.add_argument("--slowest", type=int, default=0, help="name the N files that took longest")
    parser.add_argument("files", nargs="*", help="only files whose path has one of these in it")
    options = parser.parse_args()
    database = json.loads((options.build / "compile_commands.json").read_text(encoding="utf-8"))
    # A file that several programs are made of is looked at once.
    entries = list({entry["file"]: entry for entry in reversed(database)
                    if is_ours(entry["file"]) and (not options.files or any(part in entry["file"] for part in options.files))}.values())
    if not entries:
        sys.exit("tidy: no file to look at")
    options.cache.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, text=True, check=True).stdout
    settings = digest(version, *(path.read_bytes() for path in sorted(ROOT.rglob(".clang-tidy"))))
    contents = Contents()

    def key(entry, files):
        return digest(settings, " ".join(arguments_of(entry)), *(contents(path) for path in files))

    def remembered(entry):
        record = options.cache / digest(entry["file"])
        if not record.exists():
            return False
        old = json.loads(record.read_text(encoding="utf-8"))
        return old["key"] == key(entry, old["files"])

    todo = [entry for entry in entries if not remembered(entry)]
    failed, times = [], []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = {pool.submit(run, entry, options.build): entry for entry in todo}
        for number, future in enumerate(concurrent.futures.as_completed(futures), 1):
            entry = futures[future]
            clean, text, seconds = future.result()
            name = pathlib.Path(entry["file"]).relative_to(ROOT).as_posix()
            times.append((seconds, name))
            if sys.stderr.isatty():
                print(f"\r[{number}/{len(todo)}] {name}\033[K", end="", file=sys.stderr, flush=True)
            if not clean:
                failed.append(name)
                print(text, flush=True)
                continue
            files = includes_of(entry)
            if files is not None:
                (options.cache / digest(entry["file"])).write_text(json.dumps({"files": files, "key": key(entry, files)}), encoding="utf-8")
    if sys.stderr.isatty() and todo:
        print("\r\033[K", end="", file=sys.stderr)
    for seconds, name in sorted(times, reverse=True)[:options.slowest]:
        print(f"{seconds:6.1f} s  {name}")
    print(f"tidy: {len(entries)} files, {len(entries) - len(todo)} unchanged since they were clean, {len(failed)} with something to say")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
