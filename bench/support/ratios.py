"""What the benchmark scripts share: timing a program, and rows that say ours, theirs, the ratio, and what is wanted.

    import ratios

    bench = ratios.Bench(__doc__)
    ours = ratios.seconds([bench.abiscope, "check", *files])
    bench.compare("check of 890 programs", ours, "ldd -r in a loop", ratios.seconds(["sh", "-c", loop], runs=1), at_least=100)
    bench.limit("start-up", milliseconds, "ms", at_most=5)
    bench.finish()

Both sides of a ratio are measured in the same run, warm, output thrown away.
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time


def seconds(command, runs=5, accept=(0,), cwd=None, env=None):
    """The quickest of `runs` runs after one that warms the caches: what the program costs, without what else the machine did."""
    best = None
    for number in range(runs + (1 if runs > 1 else 0)):
        start = time.perf_counter()
        done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              cwd=cwd, env=env, check=False)
        took = time.perf_counter() - start
        if done.returncode not in accept:
            sys.exit(f"{command}: exit code {done.returncode}")
        if number > 0 or runs == 1:
            best = took if best is None else min(best, took)
    return best


def once(command, accept=(0,)):
    """Seconds and peak resident megabytes of one run: for programs that take minutes."""
    start = time.perf_counter()
    megabytes = peak_megabytes(command, accept)
    return time.perf_counter() - start, megabytes


def peak_megabytes(command, accept=(0,)):
    """Peak resident memory of one run, mapped files included."""
    pid = os.spawnv(os.P_NOWAIT, "/bin/sh", ["sh", "-c", 'exec "$@" >/dev/null 2>&1 </dev/null', "sh", *map(str, command)])
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) not in accept:
        sys.exit(f"{command}: exit code {os.waitstatus_to_exitcode(status)}")
    return usage.ru_maxrss / 1024


def programs_of(*folders, most=None):
    """Dynamic ELF programs in those folders, by name."""
    found = []
    for folder in folders:
        for path in sorted(pathlib.Path(folder).iterdir()):
            try:
                if path.is_file() and not path.is_symlink():
                    with path.open("rb") as file:
                        if file.read(4) == b"\x7fELF":
                            found.append(str(path))
            except OSError:
                continue
    return found[:most]


class Bench:
    def __init__(self, description):
        parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--abiscope", required=True, help="the program to measure, built for release")
        parser.add_argument("--build", type=pathlib.Path, help="the folder it was built in")
        parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder that is emptied first")
        parser.add_argument("--output", type=pathlib.Path, help="where the rows go, as JSON; standard output without it")
        self.options = parser.parse_args()
        self.abiscope = self.options.abiscope
        self.work = self.options.work.resolve()
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        # A core dump of a measured program would spoil the measurement.
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        self.rows = []

    def compare(self, what, ours, other, theirs, at_least=None):
        """Both in seconds. `at_least`: so many times faster than the other is wanted."""
        self.rows.append({"what": what, "ours": ours, "other": other, "theirs": theirs, "unit": "s", "ratio": theirs / ours, "at_least": at_least})

    def limit(self, what, value, unit, at_most=None, at_least=None):
        self.rows.append({"what": what, "ours": value, "unit": unit, "at_most": at_most, "at_least": at_least})

    def skip(self, what, reason):
        self.rows.append({"what": what, "skipped": reason})

    def need(self, what, *tools):
        """True when every tool is there; otherwise the row says which one is not."""
        missing = [tool for tool in tools if not shutil.which(tool)]
        if missing:
            self.skip(what, f"{', '.join(missing)} is not installed")
        return not missing

    def finish(self):
        text = json.dumps(self.rows, indent=1)
        if self.options.output:
            self.options.output.write_text(text, encoding="utf-8")
        else:
            print(text)
