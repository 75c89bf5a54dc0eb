"""The versions of musl that a test can have: the installed one, and Debian's packages of other releases."""
import pathlib
import re
import subprocess

import debian_package
from debian_package import Unreachable

PACKAGES = {"1.2.2": "bullseye", "1.2.5": "trixie"}


def installed():
    libc = pathlib.Path("/lib/ld-musl-x86_64.so.1").resolve()
    if not libc.exists():
        raise Unreachable("musl is not installed")
    said = subprocess.run([libc], capture_output=True, text=True, check=False).stderr
    found = re.search(r"^Version (\S+)", said, re.MULTILINE)
    if not found or found[1] != "1.2.3":
        raise Unreachable(f"the installed musl is {found[1] if found else 'of unknown version'}")
    return libc


def package(version):
    """libc.so of a Debian release."""
    folder = debian_package.unpacked("musl", PACKAGES[version])
    libc = next(iter(sorted(folder.glob("**/x86_64-linux-musl/libc.so"))), None)
    if not libc:
        raise Unreachable(f"no libc.so in the package of {PACKAGES[version]}")
    return libc


VERSIONS = {"1.2.3": installed, "1.2.2": lambda: package("1.2.2"), "1.2.5": lambda: package("1.2.5")}
