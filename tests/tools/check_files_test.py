"""tools/check_files.py on small trees made for the purpose."""
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import check_files  # noqa: E402


class CheckFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def problems(self, check, files):
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text, encoding="utf-8")
        return list(check(self.root, sorted(files)))

    def test_a_long_logic_file_is_named_and_a_table_is_not(self):
        long = "\n" * 501
        self.assertEqual(self.problems(check_files.check_sizes, {"src/elf/image.cc": long, "src/elf/spec.h": long,
                                                                 "src/elf/machine_names.cc": long, "src/elf/ok.cc": "\n" * 500}),
                         ["src/elf/image.cc: 501 lines; 500 is the point to split"])

    def test_a_heavy_file_is_named(self):
        problems = self.problems(check_files.check_weights, {"left.behind": "x" * (check_files.MOST_BYTES + 1), "a.txt": "x"})
        self.assertEqual([problem.split(":")[0] for problem in problems], ["left.behind"])

    def test_markers(self):
        word = "FIX" + "ME"
        self.assertEqual(len(self.problems(check_files.check_markers, {"src/a.cc": f"// {word}: later\n", "b.md": "a fixme-less text\n"})), 1)

    def test_rules_and_pages_must_meet(self):
        problems = self.problems(check_files.check_rules, {
            "rules/ELF-A-B.md": "", "rules/ELF-LOST.md": "", "src/x.cc": "sink.add({RuleId::ELF_A_B}); RuleId::PE_NO_PAGE"})
        self.assertEqual(problems, ["rules/ELF-LOST.md: nothing in src/ raises it", "src/x.cc: RuleId of PE-NO-PAGE has no page rules/PE-NO-PAGE.md"])

    def test_fuzz_targets_need_seeds(self):
        files = {"tests/fuzz/elf_fuzz.cc": "", "tests/fuzz/inspect_fuzz.cc": "", "tests/fuzz/pe_fuzz.cc": "",
                 "tests/fuzz/corpus/elf/a": "", "tests/fuzz/corpus/stray/a": "",
                 "tests/fuzz/corpus/corpora.txt": "# NAME: FOLDER...\ninspect: elf\n"}
        problems = self.problems(check_files.check_fuzz, files)
        self.assertEqual(len(problems), 2, problems)
        self.assertIn("pe_fuzz.cc: no seeds", problems[0])
        self.assertIn("corpus/stray", problems[1])

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shell_scripts_are_found_by_their_first_line(self):
        problems = self.problems(check_files.check_shell, {"tools/x": "#!/usr/bin/env bash\necho $1\n", "a.txt": "echo $1\n"})
        self.assertEqual(len(problems), 1)
        self.assertIn("SC2086", problems[0])

    def test_python_must_compile(self):
        self.assertEqual(len(self.problems(check_files.check_python, {"a.py": "def f(:\n", "b.py": "x = 1\n"})), 1)

    def test_documents_name_what_exists(self):
        problems = self.problems(check_files.check_docs, {
            "src/elf/image.cc": "", "README.md": "`src/elf/image.cc` `src/elf/gone.cc` `src/ROOM/x.cc` [a](docs/b.md)\n```\n`src/no`\n```\n"})
        self.assertEqual(problems, ["README.md:1: there is no src/elf/gone.cc", "README.md:1: the link to docs/b.md leads nowhere"])


if __name__ == "__main__":
    unittest.main()
