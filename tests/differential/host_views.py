#!/usr/bin/env python3
"""`--target host` with the options that say who starts a program, where and with which environment (--user, --cwd, --at, --env), against
starting it so: relative paths and links, folders and files that somebody may not read, setuid programs, preloads; asked by root and by
somebody else."""
import atexit
import os
import pathlib
import shutil
import sys
import tempfile

import differential
import prompt

PROGRAM_C = "int own(void);\nint main(void) { return own() - 1; }\n"
LIBRARY_C = "int own(void) { return 1; }\n"
LAZY_C = "int own(void); int gone(void);\nint main(int n, char **w) { return n > 5 ? gone() : own() - 1; }\n"


def folder_for_all(suite):
    """Below a home that only its owner may enter nobody else starts anything by an absolute path; from a folder there somebody may, by a
    relative one, which abiscope does not tell (docs/limits.md)."""
    if all(folder.stat().st_mode & 1 for folder in suite.work.resolve().parents):
        return suite.work
    folder = pathlib.Path(tempfile.mkdtemp(prefix="abiscope-host-views-", dir="/var/tmp"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    suite.abiscope = shutil.copy(suite.abiscope, folder)
    return folder


class World:
    """A folder with one library, in several places, and programs that look for it in several ways."""

    def __init__(self, suite):
        self.suite = suite
        self.folder = folder_for_all(suite) / "world"
        for name in ("lib", "bin", "other", "locked", "unreadable", "src"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "src/program.c").write_text(PROGRAM_C)
        (self.folder / "src/library.c").write_text(LIBRARY_C)
        (self.folder / "src/lazy.c").write_text(LAZY_C)
        self.gcc("-shared", "-fPIC", "-Wl,-soname,libown.so.1", "src/library.c", "-o", "lib/libown.so.1")
        self.gcc("-shared", "-fPIC", "-Wl,-soname,libown.so.1", "src/library.c", "-x", "c", "-", "-o", "src/libfull.so", stdin=b"int gone(void) { return 0; }\n")
        for place in ("other", "locked", "unreadable"):
            (self.folder / place / "libown.so.1").write_bytes((self.folder / "lib/libown.so.1").read_bytes())
        (self.folder / "other/libown.so.1").write_text("this is no library\n")
        (self.folder / "unreadable/libown.so.1").chmod(0o600)
        (self.folder / "locked").chmod(0o700)
        link = ["src/program.c", "lib/libown.so.1"]
        self.gcc(*link, "-o", "bin/plain")
        self.gcc(*link, "-Wl,-rpath,$ORIGIN/../lib", "-o", "bin/origin")
        self.gcc(*link, "-Wl,-rpath,lib", "-o", "bin/relative")
        self.gcc(*link, f"-Wl,-rpath,{self.folder}/lib", "-o", "bin/absolute")
        self.gcc("src/lazy.c", "src/libfull.so", "-Wl,-rpath,$ORIGIN/../lib,-z,lazy", "-o", "bin/lazy")
        for name, mode in (("private", 0o700), ("no-execute", 0o644), ("unreadable", 0o711)):
            self.copy("bin/absolute", f"bin/{name}", mode)
        for name in ("origin", "absolute", "plain"):
            self.copy(f"bin/{name}", f"bin/setuid-{name}", 0o4755)
        self.copy("bin/absolute", "bin/setgid-absolute", 0o2755)
        (self.folder / "bin/link").symlink_to("origin")
        (self.folder / "elsewhere").symlink_to("bin/origin")
        (self.folder / "dangling").symlink_to("bin/nothing")

    def gcc(self, *arguments, stdin=None):
        self.suite.need("gcc")
        done = differential.run(["gcc", *arguments], cwd=self.folder, stdin=stdin)
        if done.code != 0:
            raise differential.Failure(f"gcc {' '.join(arguments)}: {done.err}")

    def copy(self, source, target, mode):
        (self.folder / target).write_bytes((self.folder / source).read_bytes())
        (self.folder / target).chmod(mode)


# name: (path as typed, from which folder below the world, environment)
STARTS = {
    "by relative path": ("./bin/origin", "", {}),
    "from its own folder": ("./origin", "bin", {}),
    "without dot": ("bin/origin", "", {}),
    "through the folder above": ("../bin/origin", "lib", {}),
    "by link beside it": ("./bin/link", "", {}),
    "by link elsewhere": ("./elsewhere", "", {}),
    "relative run path": ("bin/relative", "", {}),
    "relative run path from elsewhere": ("./relative", "bin", {}),
    "library path": ("bin/plain", "", {"LD_LIBRARY_PATH": "{}/lib"}),
    "relative library path": ("bin/plain", "", {"LD_LIBRARY_PATH": "lib"}),
    "empty element is the working folder": ("../bin/plain", "lib", {"LD_LIBRARY_PATH": "/nothing:"}),
    "semicolons": ("bin/plain", "", {"LD_LIBRARY_PATH": "/nothing;lib"}),
    "$ORIGIN in the library path": ("bin/plain", "", {"LD_LIBRARY_PATH": "$ORIGIN/../lib"}),
    "no library path": ("bin/plain", "", {}),
    "text before the library": ("bin/plain", "", {"LD_LIBRARY_PATH": "other:lib"}),
    "library path before the run path": ("bin/absolute", "", {"LD_LIBRARY_PATH": "other"}),
    "folder nobody may enter": ("bin/plain", "", {"LD_LIBRARY_PATH": "locked:lib"}),
    "only a folder nobody may enter": ("bin/plain", "", {"LD_LIBRARY_PATH": "locked"}),
    "library nobody may read": ("bin/plain", "", {"LD_LIBRARY_PATH": "unreadable:lib"}),
    "only a library nobody may read": ("bin/plain", "", {"LD_LIBRARY_PATH": "unreadable"}),
    "preload": ("bin/origin", "", {"LD_PRELOAD": "lib/libown.so.1"}),
    "preload that is not there": ("bin/origin", "", {"LD_PRELOAD": "libnothing.so"}),
    "preloads, one not there, one no library": ("bin/origin", "", {"LD_PRELOAD": "libnothing.so other/libown.so.1"}),
    "lazily bound symbol": ("bin/lazy", "", {}),
    "bound at once": ("bin/lazy", "", {"LD_BIND_NOW": "1"}),
    "bind now, but empty": ("bin/lazy", "", {"LD_BIND_NOW": ""}),
    "private program": ("bin/private", "", {}),
    "program without x": ("bin/no-execute", "", {}),
    "program nobody may read": ("bin/unreadable", "", {}),
    "setuid": ("bin/setuid-absolute", "", {}),
    "setuid with library path": ("bin/setuid-absolute", "", {"LD_LIBRARY_PATH": "other"}),
    "setuid needs library path": ("bin/setuid-plain", "", {"LD_LIBRARY_PATH": "lib"}),
    "setuid with $ORIGIN": ("bin/setuid-origin", "", {}),
    "setuid with preload": ("bin/setuid-absolute", "", {"LD_PRELOAD": "other/libown.so.1"}),
    "setuid with preload by name": ("bin/setuid-absolute", "", {"LD_PRELOAD": "libnothing.so"}),
    "setgid with library path": ("bin/setgid-absolute", "", {"LD_LIBRARY_PATH": "other"}),
}
CALLED_NEVER = ("lazily bound symbol", "bind now, but empty")


def cases(suite, world):
    for name, (path, below, environment) in STARTS.items():
        for who, prefix, user in (("root", (), "root"), ("nobody", prompt.AS_NOBODY, "nobody")):
            if not suite.wanted(f"{name} ({who})"):
                continue
            with suite.case(f"{name} ({who})"):
                if os.geteuid() != 0:
                    suite.skip("needs root, to be both root and nobody")
                suite.need("setpriv")
                folder = world.folder / below
                variables = {key: value.format(world.folder) for key, value in environment.items()}
                options = ["--env", "LD_LIBRARY_PATH", *(word for key, value in variables.items() for word in ("--env", f"{key}={value}"))]
                real = prompt.run(path, prefix=prefix, environment=variables, folder=folder)
                here, _ = suite.ask("check", path, "--user", user, *options, cwd=folder)
                if name in CALLED_NEVER:
                    suite.equal("exit code", 0, real[1])
                    suite.equal("verdict of what runs until it calls", "conditional", here["results"][0]["verdict"])
                    continue
                prompt.compare(suite, real, here["results"][0])
                # The same said with words, from another folder.
                there, _ = suite.ask("check", folder / path, "--at", path, "--cwd", folder, "--user", user, *options, cwd="/")
                prompt.compare(suite, real, there["results"][0])


def asked_by_nobody(suite, world):
    """abiscope itself may not read everything: what it cannot read it says, and never that a program runs which does not."""
    for name in ("by relative path", "only a library nobody may read", "only a folder nobody may enter", "private program", "program nobody may read", "setuid needs library path"):
        path, below, environment = STARTS[name]
        if not suite.wanted(f"{name} (asked by nobody)"):
            continue
        with suite.case(f"{name} (asked by nobody)"):
            if os.geteuid() != 0:
                suite.skip("needs root, to become nobody")
            folder = world.folder / below
            variables = {key: value.format(world.folder) for key, value in environment.items()}
            real = prompt.run(path, prefix=prompt.AS_NOBODY, environment=variables, folder=folder)
            options = ["--env", "LD_LIBRARY_PATH", *(word for key, value in variables.items() for word in ("--env", f"{key}={value}"))]
            answer, outcome = suite.ask("check", path, *options, cwd=folder, user=prompt.NOBODY)
            if name in ("private program", "program nobody may read"):
                suite.equal("exit code for a file that cannot be read", 4, outcome.code, outcome.err)
                suite.true("says why", "ermission denied" in outcome.err, outcome.err)
            else:
                prompt.compare(suite, real, answer["results"][0])
    with suite.case("dangling link"):
        _, outcome = suite.ask("check", world.folder / "dangling")
        suite.equal("exit code", 4, outcome.code, outcome.err)


def main():
    suite = differential.Suite(__doc__)
    os.chmod(suite.work, 0o755)
    if not suite.abiscope:
        with suite.case("host"):
            suite.skip("no program to test")
        sys.exit(suite.finish())
    world = None
    with suite.case("build"):
        world = World(suite)
    if world:
        cases(suite, world)
        asked_by_nobody(suite, world)
    sys.exit(suite.finish())


main()
