"""Builds the programs and libraries of a case, and everything else that lies in its folder."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import threading

LOADER_NAME = "ld-musl-x86_64.so.1"
MAIN = r"""
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
static int show(struct dl_phdr_info *info, size_t size, void *data)
{
    if (info->dlpi_name && *info->dlpi_name) puts(info->dlpi_name);
    return 0;
}
int main(void) { dl_iterate_phdr(show, 0); return 0; }
"""


def obstacles(work):
    """Why nothing can be tried on this machine; empty when everything is there."""
    tools = [tool for tool in ("musl-gcc", "gcc", "aarch64-linux-gnu-gcc", "setpriv", "chroot") if not shutil.which(tool)]
    if tools:
        return [f"{', '.join(tools)} not installed"]
    if os.geteuid() != 0:
        return ["only root can change users and roots for the cases"]
    folder = pathlib.Path(work)
    while folder != folder.parent:
        folder = folder.parent
        if not folder.stat().st_mode & 0o001:
            return [f"ordinary users cannot reach {work}"]
    return []


def command(arguments, text=None):
    done = subprocess.run([str(argument) for argument in arguments], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))}\n{done.stderr}")


def ask(dump, questions):
    done = subprocess.run([dump], input=json.dumps(questions), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"musl_dump ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


class Stubs:
    """Libraries that exist while something is linked against them: any soname, any symbols."""

    def __init__(self, folder):
        self.folder = folder
        self.lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def make(self, soname, code="", script=""):
        path = self.folder / (hashlib.sha256(repr((soname, code, script)).encode()).hexdigest()[:16] + ".so")
        with self.lock:
            if path.exists():
                return path
            flags = []
            if script:
                map_file = path.with_suffix(".map")
                map_file.write_text(script)
                flags = [f"-Wl,--version-script={map_file}"]
            name = [f"-Wl,-soname,{soname}"] if soname else ["-Wl,-soname,STUB_EMPTY"]
            command(["gcc", "-shared", "-fPIC", "-nostdlib", "-x", "c", "-", "-o", path, *name, *flags], code)
            if not soname:
                patch_bytes(path, b"STUB_EMPTY\0", bytes(11))
        return path


def patch_bytes(path, old, new):
    data = pathlib.Path(path).read_bytes()
    if old not in data:
        raise RuntimeError(f"{path} has no {old!r}")
    pathlib.Path(path).write_bytes(data.replace(old, new))


class Builder:
    """One case. `folder` is its place; its own root/lib/ld-musl... is the interpreter, so that each case has its own path file."""

    def __init__(self, folder, stubs):
        self.folder = folder
        self.stubs = stubs
        self.root = folder / "root"
        self.loader = str(self.root / "lib" / LOADER_NAME)
        self.program = str(folder / "prog")
        self.directory = str(folder)
        self.environment = {}
        self.user = 0
        self.chroot = False
        self.listable = True          # --list tells the same story
        self.open_question = ""       # words of the evidence that is missing
        self.expected = {"*": 0}      # exit code of the real one by version; None: whatever it is
        self.runnable = True          # the real one can be started without harm
        self.talks = True             # the program prints its objects
        self._finish = []
        (self.root / "lib").mkdir(parents=True)

    def expect(self, code, **by_version):
        self.expected = {"*": code, **{version.replace("v", "").replace("_", "."): value for version, value in by_version.items()}}

    def path(self, name):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def needed_flags(self, needed):
        """An entry is a soname, (soname, code of the stub), (soname, code, version script), or the path of a real library."""
        flags = ["-Wl,--no-as-needed"]
        for entry in needed:
            if isinstance(entry, pathlib.Path):
                flags.append(entry)
            else:
                flags.append(self.stubs.make(*(entry if isinstance(entry, tuple) else (entry,))))
        return flags

    def lib(self, name, code="", needed=(), soname=None, rpath=None, runpath=None, flags=(), script="", compiler="gcc"):
        path = self.path(name)
        extra = []
        if soname != "":
            extra.append(f"-Wl,-soname,{soname or path.name}")
        if rpath is not None:
            extra += ["-Wl,--disable-new-dtags", f"-Wl,-rpath,{rpath}"]
        if runpath is not None:
            extra += ["-Wl,--enable-new-dtags", f"-Wl,-rpath,{runpath}"]
        if script:
            map_file = path.with_suffix(".map")
            map_file.write_text(script)
            extra.append(f"-Wl,--version-script={map_file}")
        command([compiler, "-shared", "-fPIC", "-nostdlib", "-x", "c", "-", "-x", "none", "-o", path, *extra, *flags,
                 *self.needed_flags(needed), "-Wl,--allow-shlib-undefined"], code)
        return path

    def prog(self, code="", needed=(), rpath=None, runpath=None, flags=(), main=MAIN, name="prog"):
        path = self.path(name)
        extra = []
        if rpath is not None:
            extra += ["-Wl,--disable-new-dtags", f"-Wl,-rpath,{rpath}"]
        if runpath is not None:
            extra += ["-Wl,--enable-new-dtags", f"-Wl,-rpath,{runpath}"]
        loader = "/lib/" + LOADER_NAME if self.chroot else self.loader
        command(["musl-gcc", "-pie", "-fPIE", "-x", "c", "-", "-x", "none", "-o", path, *extra, *flags, *self.needed_flags(needed),
                 "-Wl,--allow-shlib-undefined", f"-Wl,--dynamic-linker={loader}"], main + code)
        self.program = "/" + str(path.relative_to(self.root)) if self.chroot else str(path)
        return path

    def path_file(self, text):
        file = self.root / "etc" / "ld-musl-x86_64.path"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def in_chroot(self):
        self.chroot = True
        self.folder = self.root
        self.loader = "/lib/" + LOADER_NAME
        self.listable = False
        self.directory = str(self.root)

    def at_end(self, action):
        self._finish.append(action)

    def finish(self):
        for action in self._finish:
            action()

    def install(self, libc):
        place = self.root / "lib" / LOADER_NAME
        place.unlink(missing_ok=True)
        if self.chroot:
            shutil.copy2(libc, place)
        else:
            # A copy for ordinary users, who may not reach the cache.
            shared = self.stubs.folder / hashlib.sha256(str(libc).encode()).hexdigest()[:8] / "libc.so"
            if not shared.exists():
                shared.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(libc, shared)
            os.symlink(shared, place)
