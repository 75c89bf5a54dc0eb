#!/usr/bin/env python3
"""The catalogue's Debian releases against their packages: every library that `target show` lists is in the release, at that path, with those
version nodes, none missing and none too many, and needs what it is said to need; loader, built-in folders, versions of libc and shell are what the files say."""
import os
import re
import subprocess
import sys

import debian_package
import differential
import root_folders

RELEASES = {"debian:11": "bullseye", "debian:12": "bookworm", "debian:13": "trixie", "debian:sid": "sid"}
PACKAGES = ("libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libcrypt1")
USUAL = ("amd64", "arm64", "i386")
# riscv64 became a release architecture with Debian 13 (its release notes, "Supported architectures").
NOT_RELEASED = {("debian:11", "riscv64"), ("debian:12", "riscv64")}
MOVING = ("debian:sid",)   # newer by now: what it dropped or gained since is no mistake of the catalogue


def options(parser):
    parser.add_argument("--all", action="store_true", help="every architecture instead of three")


def definitions(path):
    """The version nodes a library defines, by readelf; its own name, flagged BASE, is none."""
    out = subprocess.run(["readelf", "-VW", path], capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"}).stdout
    part = out.split("Version definition section", 1)
    nodes = set()
    for line in part[1].splitlines() if len(part) > 1 else []:
        if line.startswith("Version needs section"):
            break
        found = re.search(r"Rev: 1 +Flags: (.*?) +Index: \d+ +Cnt: \d+ +Name: (\S+)", line)
        if found and "BASE" not in found[1]:
            nodes.add(found[2])
    return nodes


def needed(path):
    out = subprocess.run(["readelf", "-dW", path], capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"}).stdout
    return re.findall(r"\(NEEDED\) +Shared library: \[(.*?)\]", out)


class Root:
    """The libraries of a release, unpacked together."""

    def __init__(self, codename, architecture, folder):
        release = debian_package.Release(codename, architecture)
        self.folder = folder
        folder.mkdir(parents=True)
        if codename not in root_folders.UNMERGED_RELEASES:
            for name in ("lib", "lib64"):
                (folder / "usr" / name).mkdir(parents=True)
                (folder / name).symlink_to(f"usr/{name}")
        for package in PACKAGES:
            root_folders.unpack(release.deb(package), folder)

    def file(self, path):
        """Follows links within the root."""
        for _ in range(20):
            here = self.folder / path.lstrip("/")
            if not here.is_symlink():
                return here if here.is_file() else None
            target = os.readlink(here)
            path = target if target.startswith("/") else os.path.normpath(os.path.join(os.path.dirname(path), target))
        return None


def compare_library(suite, root, library, moving):
    file = root.file(library["path"])
    suite.true(f"{library['path']} is there", file is not None)
    real, sure, doubtful = definitions(file), set(library["versions"]), set(library["doubtful_versions"])
    suite.equal(f"nodes claimed of {library['name']} that it has not", set(), sure - real)
    if not moving:
        suite.equal(f"nodes of {library['name']} that are not claimed", set(), real - sure - doubtful)
    # What an entry leaves out is no mistake (glibc's libraries need each other in ways that changed); what it claims must be so.
    suite.equal(f"libraries {library['name']} is said to need and does not", set(), set(library["needed"]) - set(needed(file)))


def main():
    suite = differential.Suite(__doc__, options)
    listed, _ = suite.ask("target", "list", "debian:*")
    for entry in listed["results"]:
        if entry["name"] not in RELEASES:
            with suite.case(entry["name"]):
                suite.skip("a release that is no longer in the pool")
            continue
        for architecture in entry["architectures"]:
            if (not suite.options.all and architecture not in USUAL) or (entry["name"], architecture) in NOT_RELEASED:
                continue
            name = f"{entry['name']}/{architecture}"
            if not suite.wanted(name):
                continue
            shown, _ = suite.ask("target", "show", name)
            target = shown["results"][0]
            try:
                root = Root(RELEASES[entry["name"]], architecture, suite.work / name.replace("/", "-"))
            except debian_package.Unreachable as reason:
                with suite.case(name):
                    suite.skip(f"packages are not to be had: {reason}")
                continue
            moving = entry["name"] in MOVING
            with suite.case(f"{name} loader and folders"):
                facts, _ = suite.ask("target", "show", "--sysroot", root.folder)
                real = facts["results"][0]["libc"]
                for key in ("kind", "loader", "directories", "lib_token", "cache") + (() if moving else ("version",)):
                    suite.equal(key, real[key], target["libc"][key])
            with suite.case(f"{name} lists libraries"):
                suite.true("libc.so.6 and the loader among them", {"libc.so.6", os.path.basename(target["libc"]["loader"])} <= {one["name"] for one in target.get("libraries", [])})
            for library in target.get("libraries", []):
                with suite.case(f"{name} {library['name']}"):
                    compare_library(suite, root, library, moving)
    sys.exit(suite.finish())


main()
