"""The shells whose words the tests compare: the installed ones, and those of other Debian releases."""
import dataclasses
import gzip
import pathlib
import re
import shutil
import subprocess

import debian_package

# Statically linked where that works: other releases' shells may want a newer C library than this machine has. (bash-static of bullseye
# crashes while it reads the user's name.)
PACKAGES = {"bash": ("bash-static", "bash"), "dash": ("dash",), "zsh": ("zsh-static",), "busybox": ("busybox-static",)}
PROGRAMS = ("bash-static", "bash", "dash", "zsh-static", "busybox")
RELEASES = {"bullseye": ("bash", "dash", "zsh", "busybox"), "trixie": ("bash", "zsh", "busybox"), "sid": ("bash", "zsh", "busybox")}
CALLED = {"bash": "bash", "dash": "sh", "zsh": "zsh", "busybox": "sh"}


@dataclasses.dataclass
class Shell:
    kind: str
    version: str                # upstream
    program: pathlib.Path

    def __str__(self):
        return f"{self.kind}-{self.version}"

    def run(self, words, **more):
        return subprocess.run([CALLED[self.kind], "-c", words], executable=self.program, capture_output=True, check=False, timeout=60,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, stdin=subprocess.DEVNULL, **more)


def _version(kind, program):
    """What the program says, or the package for dash, which says nothing."""
    ask = {"bash": ["--version"], "zsh": ["--version"], "busybox": ["--help"]}
    if kind == "dash":
        said = subprocess.run(["dpkg-query", "--show", "--showformat", "${Version}", "dash"], capture_output=True, text=True, check=False).stdout
    else:
        said = subprocess.run([program, *ask[kind]], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\d+\.\d+(\.\d+)?", said)
    return found[0] if found else ""


def installed():
    for kind in PACKAGES:
        if place := shutil.which(kind):
            yield Shell(kind, _version(kind, place), pathlib.Path(place))


def _version_of_dash(root):
    with gzip.open(root / "usr/share/doc/dash/changelog.Debian.gz", "rt") as changes:
        return re.match(r"dash \((\d+(\.\d+)*)", changes.readline())[1]


def _from(release, kind, package, folder):
    """Raises Unreachable when the shell cannot be had, or does not run here."""
    root = debian_package.unpacked(package, release)
    found = next((root / place / name for place in ("bin", "usr/bin") for name in PROGRAMS if (root / place / name).exists()), None)
    if found is None:
        raise debian_package.Unreachable(f"{package} of {release} holds no shell")
    copy = folder / f"{kind}-{release}"
    shutil.copy(found, copy)
    copy.chmod(0o755)
    shell = Shell(kind, "", copy)
    if shell.run("./nothing; exit 3", cwd=folder).returncode != 3:
        raise debian_package.Unreachable(f"{package} of {release} does not run with the C library of this machine")
    shell.version = _version_of_dash(root) if kind == "dash" else _version(kind, copy)
    return shell


def of_other_releases(folder, missing):
    """Copied to a folder every user can reach. `missing` is told (shell, reason) for those that are not to be had."""
    for release, kinds in RELEASES.items():
        for kind in kinds:
            for package in PACKAGES[kind]:
                try:
                    yield _from(release, kind, package, folder)
                    break
                except debian_package.Unreachable as problem:
                    reason = str(problem)
            else:
                missing(f"{kind} of {release}", reason)


def reduced(kind, text):
    """What a shell printed, as it prints it at a prompt."""
    text = text.rstrip("\n")
    if kind == "bash":
        crash = re.fullmatch(r"bash: line 1: +\d+ (.*?) +\./\S+", text)
        return crash[1] if crash else text.replace("bash: line 1: ", "bash: ")
    if kind == "busybox":
        return "sh: " + text.removeprefix("sh: line 0: ") if text.startswith("sh: line 0: ") else text
    return text.replace("zsh:1: ", "zsh: ")
