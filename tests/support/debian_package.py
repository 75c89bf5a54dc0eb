"""Packages of Debian's releases, fetched once with an apt configuration of their own from where this machine's apt gets Debian, and unpacked
into a cache outside the tree ($ABISCOPE_TEST_CACHE, or ~/.cache/abiscope-tests)."""
import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess


class Unreachable(Exception):
    """The package cannot be fetched from here."""


def cache_folder():
    return pathlib.Path(os.environ.get("ABISCOPE_TEST_CACHE", pathlib.Path.home() / ".cache" / "abiscope-tests"))


def go_cache():
    """What Go compiled of its standard library before: half a minute for each system, architecture and way to build."""
    return str(cache_folder() / "go-build")


def mirror():
    """Where this machine's apt gets Debian from."""
    out = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)|$(ORIGIN)|$(LABEL)|$(COMPONENT)", "Created-By: Packages"],
                         capture_output=True, text=True, check=False).stdout
    for line in out.splitlines():
        uri, origin, label, component = line.split("|")
        if (origin, label, component) == ("Debian", "Debian", "main"):
            return uri
    raise Unreachable("apt knows no Debian mirror (apt-get update was never run)")


@contextlib.contextmanager
def locked(folder):
    """Tests that run at the same time share the cache."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def only(folder, pattern):
    """The one file of a package that releases keep at different places."""
    found = sorted(folder.glob(pattern))
    if not found:
        raise Unreachable(f"{folder.parent.name} has no {pattern}")
    return found[0]


class Release:
    def __init__(self, codename, architecture="amd64"):
        self.codename, self.architecture = codename, architecture
        self.apt = cache_folder() / "apt" / f"{codename}-{architecture}"
        self.unpacked = cache_folder() / "packages" / codename / architecture

    def folder(self, package):
        """The package's files below one folder; `deb(package)` is the package itself."""
        place = self.unpacked / package
        with locked(self.apt):
            if not (place / "package.deb").exists():
                self._fetch(package, place)
        return place / "root"

    def deb(self, package):
        return self.folder(package).parent / "package.deb"

    def _fetch(self, package, place):
        self._configure()
        if not any((self.apt / "lists").glob("*Packages*")):
            self._run("update")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        try:
            self._run("download", f"{package}:{self.architecture}", cwd=place)
        except Unreachable:   # the lists of an earlier day
            self._run("update")
            self._run("download", f"{package}:{self.architecture}", cwd=place)
        deb = next(place.glob("*.deb"))
        if subprocess.run(["dpkg-deb", "-x", deb, place / "root"], check=False).returncode != 0:
            raise Unreachable(f"{deb.name} cannot be unpacked")
        deb.rename(place / "package.deb")

    def _configure(self):
        for part in ("lists/partial", "cache/archives/partial", "state"):
            (self.apt / part).mkdir(parents=True, exist_ok=True)
        (self.apt / "status").touch()
        (self.apt / "sources.list").write_text(
            f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg arch={self.architecture}] {mirror()} {self.codename} main\n")
        (self.apt / "apt.conf").write_text(
            f'Dir::Etc::SourceList "{self.apt}/sources.list";\nDir::Etc::SourceParts "/dev/null";\nDir::State::Lists "{self.apt}/lists";\n'
            f'Dir::State::status "{self.apt}/status";\nDir::Cache "{self.apt}/cache";\nAPT::Sandbox::User "root";\n'
            f'APT::Architecture "{self.architecture}";\nAPT::Architectures {{ "{self.architecture}"; }};\nAcquire::Languages "none";\n')

    def _run(self, *words, cwd=None):
        try:
            done = subprocess.run(["apt-get", *words], env={**os.environ, "APT_CONFIG": str(self.apt / "apt.conf")}, cwd=cwd, capture_output=True,
                                  text=True, check=False, timeout=300)
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise Unreachable(f"apt-get {words[0]} for {self.codename}: {type(problem).__name__}") from problem
        if done.returncode != 0:
            raise Unreachable(f"apt-get {' '.join(words)} for {self.codename} failed")


def unpacked(package, release):
    """The folder that holds an amd64 package of a release."""
    return Release(release).folder(package)
