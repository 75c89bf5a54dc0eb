"""The versions of musl that a test can have: the installed one, and Debian's packages of other releases."""
import os
import pathlib
import re
import subprocess

PACKAGES = {"1.2.2": "bullseye", "1.2.5": "trixie"}


class Unreachable(Exception):
    """The package cannot be fetched from here."""


def cache_folder():
    return pathlib.Path(os.environ.get("ABISCOPE_TEST_CACHE", pathlib.Path.home() / ".cache" / "abiscope-tests"))


def mirror():
    """Where this machine's apt gets Debian from."""
    out = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)|$(ORIGIN)|$(LABEL)|$(COMPONENT)", "Created-By: Packages"],
                         capture_output=True, text=True, check=False).stdout
    for line in out.splitlines():
        uri, origin, label, component = line.split("|")
        if (origin, label, component) == ("Debian", "Debian", "main"):
            return uri
    raise Unreachable("apt knows no Debian mirror (apt-get update was never run)")


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
    """libc.so of a Debian release, fetched with an apt configuration of its own."""
    folder = cache_folder() / "musl" / version
    libc = lambda: next(iter(sorted(folder.glob("**/x86_64-linux-musl/libc.so"))), None)
    if libc():
        return libc()
    apt = cache_folder() / "apt" / PACKAGES[version]
    for part in ("lists/partial", "cache/archives/partial", "state"):
        (apt / part).mkdir(parents=True, exist_ok=True)
    (apt / "sources.list").write_text(
        f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg arch=amd64] {mirror()} {PACKAGES[version]} main\n")
    (apt / "apt.conf").write_text(f'Dir::Etc::SourceList "{apt}/sources.list";\nDir::Etc::SourceParts "/dev/null";\n'
                                  f'Dir::State::Lists "{apt}/lists";\nDir::Cache "{apt}/cache";\nAPT::Sandbox::User "root";\n')
    environment = {**os.environ, "APT_CONFIG": str(apt / "apt.conf")}
    folder.mkdir(parents=True, exist_ok=True)
    for command in (["apt-get", "update"], ["apt-get", "download", f"musl:amd64/{PACKAGES[version]}"]):
        done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode != 0:
            raise Unreachable(f"{' '.join(command)} for {PACKAGES[version]} failed")
    for deb in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", deb, folder], check=True)
        deb.unlink()
    if not libc():
        raise Unreachable(f"no libc.so in the package of {PACKAGES[version]}")
    return libc()


VERSIONS = {"1.2.3": installed, "1.2.2": lambda: package("1.2.2"), "1.2.5": lambda: package("1.2.5")}
