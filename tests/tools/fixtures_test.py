"""The files of tests/fixtures are those that their script makes."""
import pathlib
import sys
import unittest

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures"
sys.path.insert(0, str(FIXTURES))
import make_fixtures  # noqa: E402


class Fixtures(unittest.TestCase):
    def test_every_file_is_what_the_script_makes(self):
        made = make_fixtures.fixtures()
        for name, data in made.items():
            with self.subTest(name):
                self.assertEqual((FIXTURES / name).read_bytes(), data)
        lying = {str(path.relative_to(FIXTURES)) for path in FIXTURES.glob("*/*") if path.is_file() and "__pycache__" not in path.parts}
        self.assertEqual(lying, set(made), "a file without a line in make_fixtures.py, or the other way round")

    def test_programs_can_be_executed(self):
        self.assertTrue((FIXTURES / "elf" / "static").stat().st_mode & 0o100)


if __name__ == "__main__":
    unittest.main()
