"""What every differential test shares: options, counting, the loud skip, running a program with a limit.

    import differential

    suite = differential.Suite(__doc__)
    for case in cases(suite.random):
        if not suite.wanted(case.name):
            continue
        with suite.case(case.name):
            suite.need("qemu-x86_64")
            want = suite.run([...])
            suite.equal("exit code", want.code, got.code)
    sys.exit(suite.finish())
"""
import argparse
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import traceback

SKIPPED = 77   # what ctest shows as "Skipped": not one case could be tried


class Skip(Exception):
    """This case cannot be tried here; the text says why."""


class Failure(Exception):
    """The two sides disagree; the text says how."""


class Outcome:
    """How a program ended. `code` is what a shell would show: 128 + signal for a killed one."""

    def __init__(self, arguments, returncode, out, err, timed_out):
        self.arguments = arguments
        self.signal = -returncode if returncode < 0 else None
        self.code = 128 - returncode if returncode < 0 else returncode
        self.out = out
        self.err = err
        self.timed_out = timed_out

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as problem:
            raise Failure(f"{' '.join(map(str, self.arguments))}: not JSON ({problem}): {self.out[:200]!r} {self.err[:500]!r}") from problem


def run(arguments, seconds=60, env=None, cwd=None, stdin=None, user=None):
    """Runs a program to its end; one that takes too long is killed together with its children. Output as text, bad bytes escaped."""
    arguments = [str(argument) for argument in arguments]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=env, cwd=cwd, user=user, start_new_session=True)
    timed_out = False
    try:
        out, err = process.communicate(stdin, timeout=seconds)
    except subprocess.TimeoutExpired:
        timed_out = True
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
    return Outcome(arguments, process.returncode, out.decode("utf-8", "backslashreplace"), err.decode("utf-8", "backslashreplace"), timed_out)


def clean_environment(**more):
    """An environment without anything that changes how a loader or abiscope behaves."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS")}
    return {"LC_ALL": "C.UTF-8", "TERM": "dumb", **kept, **more}


def dump_program(name):
    """The path of a program built from tests/support/NAME.cc."""
    return pathlib.Path(os.environ["ABISCOPE_DUMPS"]) / name


class Suite:
    def __init__(self, description, add_options=None):
        parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--abiscope", default="", help="the program under test")
        parser.add_argument("--seed", type=int, default=1, help="of the generated cases")
        parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder that is emptied first and kept afterwards")
        parser.add_argument("--only", default="", help="run the cases whose name has this in it")
        parser.add_argument("--verbose", action="store_true", help="name the cases that pass, too")
        if add_options:
            add_options(parser)
        self.options = parser.parse_args()
        self.abiscope = self.options.abiscope
        self.random = random.Random(self.options.seed)
        self.work = self.options.work.resolve()
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        self.passed, self.failed, self.skipped = 0, [], {}

    @contextlib.contextmanager
    def case(self, name):
        """One case: counts it; an exception other than Skip fails it, and the suite goes on."""
        try:
            yield
        except Skip as reason:
            self.skipped.setdefault(str(reason), []).append(name)
        except Failure as reason:
            self._fail(name, str(reason))
        except Exception:   # a broken test is a failed test
            self._fail(name, traceback.format_exc())
        else:
            self.passed += 1
            if self.options.verbose:
                print(f"pass: {name}")

    def wanted(self, name):
        """Loops over cases ask this first, so that --only picks one."""
        return self.options.only in name

    def _fail(self, name, reason):
        self.failed.append(name)
        print(f"FAIL: {name} (seed {self.options.seed})\n    " + reason.rstrip().replace("\n", "\n    "), flush=True)

    def need(self, *programs):
        """Skips the case when one of these is not installed."""
        for program in programs:
            if not shutil.which(str(program)):
                raise Skip(f"{program} is not installed")

    def missing(self, name, reason):
        """Counts something that every case would have tried, too, as skipped."""
        self.skipped.setdefault(reason, []).append(name)

    @staticmethod
    def skip(reason):
        raise Skip(reason)

    @staticmethod
    def equal(what, wanted, got, context=""):
        if wanted != got:
            raise Failure(f"{what}: the real one {wanted!r}, abiscope {got!r}" + (f"\n{context}" if context else ""))

    @staticmethod
    def true(what, condition, context=""):
        if not condition:
            raise Failure(what + (f"\n{context}" if context else ""))

    def ask(self, *arguments, seconds=60, **more):
        """Runs abiscope with --json and gives the parsed document and the outcome."""
        outcome = run([self.abiscope, *arguments, "--json"], seconds=seconds, env=clean_environment(), **more)
        return outcome.json(), outcome

    def finish(self):
        """Prints the counts and says what was skipped and why; the result is the exit code."""
        for reason, names in self.skipped.items():
            shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
            print(f"SKIPPED {len(names)}: {reason}: {shown}")
        count = sum(len(names) for names in self.skipped.values())
        print(f"{self.passed} passed, {len(self.failed)} failed, {count} skipped (seed {self.options.seed})")
        if self.failed:
            return 1
        if self.passed == 0:
            if count == 0:
                print("FAIL: not one case ran")
                return 1
            return SKIPPED
        return 0


if __name__ == "__main__":
    sys.exit("this is a module of the differential tests, not a program")
