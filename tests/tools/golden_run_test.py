"""tests/golden/run.py with a program of our own in the place of abiscope."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

RUN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "run.py"
sys.path.insert(0, str(RUN.parent))
import run  # noqa: E402

PROGRAM = '#!/bin/sh\necho "in $(pwd), $1, colour ${CLICOLOR_FORCE:-unset}"\necho "on $0" >&2\nexit 3\n'


class GoldenRun(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.program = self.root / "program"
        self.program.write_text(PROGRAM, encoding="utf-8")
        self.program.chmod(0o755)
        self.case = self.root / "case.cmd"
        self.case.write_text("# a case\nabiscope one\n", encoding="utf-8")

    def test_paths_of_the_machine_are_replaced_and_settings_kept_out(self):
        got = run.run(self.case, self.program)
        self.assertEqual(got, {".out": "in {work}, one, colour unset\n", ".err": "on {tools}/abiscope\n", ".rc": "3\n"})

    def test_a_difference_is_shown(self):
        run.update(self.case, run.run(self.case, self.program))
        self.assertEqual(run.compare(self.case, run.run(self.case, self.program)), [])
        self.case.with_suffix(".out").write_text("in {work}, two, colour unset\n", encoding="utf-8")
        differences = run.compare(self.case, run.run(self.case, self.program))
        self.assertIn("-in {work}, two, colour unset", differences)
        self.assertIn("+in {work}, one, colour unset", differences)

    def test_a_missing_final_line_end_is_a_difference(self):
        run.update(self.case, {".out": "x", ".err": "", ".rc": "0\n"})
        self.assertTrue(run.compare(self.case, {".out": "x\n", ".err": "", ".rc": "0\n"}))

    def test_what_is_as_usual_needs_no_file(self):
        run.update(self.case, {".out": "x\n", ".err": "", ".rc": "0\n"})
        self.assertFalse(self.case.with_suffix(".err").exists())
        self.assertFalse(self.case.with_suffix(".rc").exists())
        self.assertTrue(run.compare(self.case, {".out": "x\n", ".err": "unheard of\n", ".rc": "0\n"}))

    def test_a_case_without_expectation_fails(self):
        done = subprocess.run([sys.executable, RUN, "--abiscope", self.program, self.case], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("has no .out file", done.stdout)


if __name__ == "__main__":
    unittest.main()
