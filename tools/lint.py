#!/usr/bin/env python3
"""Everything `make lint` looks at, each part to its end, then one line for each: lint.py --build DIR [--jobs N]"""
import argparse
import pathlib
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def format_command():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.cc", "*.h"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split()
    return ["clang-format-19", "--dry-run", "--Werror", *(name for name in listed if (ROOT / name).exists())]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="the folder of the tidy preset")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    # Leaving by an exception, run() ends what it has started; `make` that is stopped would leave clang-tidy running.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    parts = {
        "arrows between rooms": [sys.executable, "tools/check_arrows.py"],
        "files, rules, scripts, documents": [sys.executable, "tools/check_files.py"],
        "clang-format (`clang-format-19 -i FILE` cures)": format_command(),
        "clang-tidy": [sys.executable, "tools/tidy.py", "--build", options.build, "--jobs", str(options.jobs)],
    }
    results = []
    for name, command in parts.items():
        start = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, check=False)
        results.append((done.returncode == 0, name, time.monotonic() - start))
    print()
    for clean, name, seconds in results:
        print(f"{'clean ' if clean else 'FAILED'}  {seconds:6.1f} s  {name}")
    return 0 if all(clean for clean, _, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
