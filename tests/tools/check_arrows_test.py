"""tools/check_arrows.py on small trees made for the purpose."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import check_arrows  # noqa: E402

LIST = """
abiscope_room(base LINKS fmt::fmt)
abiscope_room(bytes USES base)   # a comment with abiscope_room(nonsense)
abiscope_room(elf USES base bytes)
abiscope_room(pe USES base bytes
    LINKS ZLIB::ZLIB)
abiscope_room(target USES base)
"""


class CheckArrows(unittest.TestCase):
    def problems(self, files, declared=LIST):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder)
            (source / "CMakeLists.txt").write_text(declared, encoding="utf-8")
            for name, text in files.items():
                (source / name).parent.mkdir(exist_ok=True)
                (source / name).write_text(text, encoding="utf-8")
            return list(check_arrows.check(source))

    def test_arrows_on_the_list_pass(self):
        self.assertEqual(self.problems({
            "elf/a.cc": '#include <vector>\n#include <fmt/format.h>\n#include "bytes/view.h"\n#include "elf/a.h"\n',
            "pe/a.cc": "#include <zlib.h>\n",
            "bytes/mapped_file_posix.cc": "#include <unistd.h>\n",
            "target/a.cc": "#include <sys/stat.h>\n#include <filesystem>\n",
        }), [])

    def test_an_arrow_that_is_not_listed_fails(self):
        self.assertEqual(self.problems({"elf/a.cc": '\n#include "pe/image.h"\n'}),
                         ['src/elf/a.cc:2: "pe/image.h": elf may not use pe (src/CMakeLists.txt lists what it may)'])

    def test_arrows_do_not_follow_arrows(self):
        self.assertEqual(len(self.problems({"bytes/a.h": '#include "base/a.h"\n', "target/a.h": '#include "bytes/a.h"\n'})), 1)

    def test_system_headers_fail_outside_their_places(self):
        for header in ("unistd.h", "sys/mman.h", "fcntl.h", "spawn.h", "elf.h", "filesystem", "fstream"):
            self.assertEqual(len(self.problems({"elf/a.cc": f"#include <{header}>\n"})), 1, header)
            self.assertEqual(len(self.problems({"bytes/reader.cc": f"#  include <{header}>\n"})), 1, header)

    def test_a_library_belongs_to_the_room_that_links_it(self):
        self.assertEqual(self.problems({"elf/a.cc": "#include <zlib.h>\n"}), ["src/elf/a.cc:1: <zlib.h>: elf does not link ZLIB::ZLIB"])

    def test_a_folder_must_be_declared(self):
        self.assertEqual(len(self.problems({"stray/a.cc": ""})), 1)

    def test_a_header_is_named_with_its_room(self):
        self.assertEqual(len(self.problems({"elf/a.cc": '#include "a.h"\n'})), 1)

    def test_a_room_uses_only_rooms_above_it(self):
        self.assertEqual(len(self.problems({}, "abiscope_room(a USES b)\nabiscope_room(b USES a)\n")), 1)

    def test_the_real_tree_declares_rooms(self):
        text = (pathlib.Path(__file__).resolve().parents[2] / "src" / "CMakeLists.txt").read_text(encoding="utf-8")
        rooms = check_arrows.declared_rooms(text)
        self.assertIn("finding", rooms["elf"][0])
        self.assertNotIn("pe", rooms["elf"][0])


if __name__ == "__main__":
    unittest.main()
