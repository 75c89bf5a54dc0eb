"""Packages of other Debian releases, fetched from where this machine's apt gets Debian, into a cache outside the source tree."""
import os
import pathlib
import subprocess


class Unreachable(Exception):
    """The package cannot be fetched from here."""


def cache_folder():
    return pathlib.Path(os.environ.get("ABISCOPE_TEST_CACHE", pathlib.Path.home() / ".cache" / "abiscope-tests"))


def mirror():
    out = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)|$(ORIGIN)|$(LABEL)|$(COMPONENT)", "Created-By: Packages"],
                         capture_output=True, text=True, check=False).stdout
    for line in out.splitlines():
        uri, origin, label, component = line.split("|")
        if (origin, label, component) == ("Debian", "Debian", "main"):
            return uri
    raise Unreachable("apt knows no Debian mirror (apt-get update was never run)")


def unpacked(package, release):
    """The folder that holds an amd64 package of a release, fetched with an apt configuration of its own."""
    folder = cache_folder() / package / release
    done_mark = folder / ".unpacked"
    if done_mark.exists():
        return folder
    apt = cache_folder() / "apt" / release
    for part in ("lists/partial", "cache/archives/partial", "state"):
        (apt / part).mkdir(parents=True, exist_ok=True)
    (apt / "sources.list").write_text(
        f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg arch=amd64] {mirror()} {release} main\n")
    (apt / "apt.conf").write_text(f'Dir::Etc::SourceList "{apt}/sources.list";\nDir::Etc::SourceParts "/dev/null";\n'
                                  f'Dir::State::Lists "{apt}/lists";\nDir::Cache "{apt}/cache";\nAPT::Sandbox::User "root";\n')
    environment = {**os.environ, "APT_CONFIG": str(apt / "apt.conf")}
    folder.mkdir(parents=True, exist_ok=True)
    for command in (["apt-get", "update"], ["apt-get", "download", f"{package}:amd64/{release}"]):
        try:
            done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
        except subprocess.TimeoutExpired as problem:
            raise Unreachable(f"{' '.join(command)} for {release} took too long") from problem
        if done.returncode != 0:
            raise Unreachable(f"{' '.join(command)} for {release} failed")
    for deb in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", deb, folder], check=True)
        deb.unlink()
    done_mark.touch()
    return folder
