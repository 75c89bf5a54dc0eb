"""tests/support/differential.py: that it counts, skips loudly, and fails when nothing ran."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
HEAD = "import sys\nimport differential\nsuite = differential.Suite(__doc__)\n"
TAIL = "sys.exit(suite.finish())\n"


class Differential(unittest.TestCase):
    def outcome(self, body, *options):
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder) / "script.py"
            script.write_text(HEAD + body + TAIL, encoding="utf-8")
            done = subprocess.run([sys.executable, script, "--work", f"{folder}/work", *options], capture_output=True, text=True, check=False,
                                  env={**os.environ, "PYTHONPATH": str(SUPPORT)})
            return done.returncode, done.stdout

    def test_counts_and_names_what_was_skipped(self):
        code, out = self.outcome('with suite.case("a"): pass\nwith suite.case("b"): suite.need("no-such-program")\n')
        self.assertEqual(code, 0)
        self.assertIn("SKIPPED 1: no-such-program is not installed: b", out)
        self.assertTrue(out.endswith("1 passed, 0 failed, 1 skipped (seed 1)\n"))

    def test_a_difference_fails_and_shows_the_seed(self):
        code, out = self.outcome('with suite.case("a"): suite.equal("exit code", 127, 0)\nwith suite.case("b"): pass\n', "--seed", "7")
        self.assertEqual(code, 1)
        self.assertIn("FAIL: a (seed 7)\n    exit code: the real one 127, abiscope 0", out)
        self.assertIn("1 passed, 1 failed", out)

    def test_a_broken_case_is_a_failed_case(self):
        self.assertEqual(self.outcome('with suite.case("a"): 1 / 0\n')[0], 1)

    def test_everything_skipped_is_said_with_its_own_code(self):
        self.assertEqual(self.outcome('with suite.case("a"): suite.skip("no reason")\n')[0], 77)

    def test_nothing_at_all_is_a_failure(self):
        self.assertEqual(self.outcome("")[0], 1)

    def test_a_program_that_hangs_is_ended_with_its_children(self):
        code, out = self.outcome('outcome = differential.run(["sh", "-c", "sleep 60 & wait"], seconds=0.5)\n'
                                 'with suite.case("a"): suite.true("timed out", outcome.timed_out)\n')
        self.assertEqual(code, 0, out)

    def test_a_killed_program_has_the_code_a_shell_shows(self):
        code, out = self.outcome('outcome = differential.run(["sh", "-c", "kill -SEGV $$"])\n'
                                 'with suite.case("a"):\n    suite.equal("code", 139, outcome.code)\n    suite.equal("signal", 11, outcome.signal)\n')
        self.assertEqual(code, 0, out)


if __name__ == "__main__":
    unittest.main()
