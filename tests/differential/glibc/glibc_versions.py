"""The glibc loaders that a test can have: the installed one, and those of other Debian releases."""
import pathlib
import re
import subprocess

import debian_package
from debian_package import Unreachable

RELEASES = ("bullseye", "trixie", "sid")   # 2.31, 2.41, and whatever comes next


class Libc:
    def __init__(self, loader, library):
        self.loader, self.library = pathlib.Path(loader).resolve(), pathlib.Path(library).resolve()
        for file in (self.loader, self.library):
            if not file.is_file():
                raise Unreachable(f"no {file.name} in the package")
        # Old loaders have no --version; the library says it when it is run.
        said = subprocess.run([self.loader, "--library-path", self.library.parent, self.library], capture_output=True, text=True, check=False).stdout
        found = re.search(r"version (\d+\.\d+)", said)
        if not found:
            raise Unreachable(f"{self.library} does not say its version")
        self.version = found[1]


def installed():
    return Libc("/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6")


def release(name):
    folder = debian_package.unpacked("libc6", name)
    place = next((path.parent for path in sorted(folder.glob("**/x86_64-linux-gnu/libc.so.6"))), folder)
    return Libc(place / "ld-linux-x86-64.so.2", place / "libc.so.6")


SOURCES = {"installed": installed, **{name: (lambda name=name: release(name)) for name in RELEASES}}
