#!/usr/bin/env python3
"""`check --sysroot`: programs that this machine's compilers link are run in Debian 11, 12 and 13 and in an Alpine-like root (chroot), and
the verdict, the text on standard error and the exit code are what abiscope said. And a root answers the same as a folder, as a tar in any
compression, as .deb packages, as an OCI layout and as a saved image, with layers that hide and remove files."""
import os
import shutil
import sys

import debian_package
import differential
import prompt
import root_folders

PLACE = "opt/programs"
USER = "1000:1000"
# ld.so finds $ORIGIN of a program by /proc/self/exe, so that a root without /proc is no system.
WITH_PROC = 'mount -t proc proc "$1/proc" && shift; exec /usr/sbin/chroot "$@"'

HELLO_C = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'
SOURCES = {
    "math.c": '#include <math.h>\n#include <stdlib.h>\nint main(int n, char **w) { return exp(atof(w[n - 1])) < 0; }\n',
    "threads.c": '#include <pthread.h>\nstatic void *f(void *p) { return p; }\nint main(void) { pthread_t t; pthread_create(&t, 0, f, 0); return pthread_join(t, 0); }\n',
    "zlib.c": '#include <zlib.h>\nint main(void) { return zlibVersion()[0] != \'1\'; }\n',
    "crypt.c": 'char *crypt(const char *, const char *);\nint main(void) { return crypt("a", "bc") == 0; }\n',
    "stat.c": '#include <sys/stat.h>\nint main(void) { struct stat s; return stat("/", &s); }\n',
    "hello.c": HELLO_C,
    "own.c": "int own(void); int more(void);\nint main(void) { return own() - 1 + (USE_MORE); }\n",
    "own_library.c": "int own(void) { return 1; }\n#ifdef FULL\nint more(void) { return 0; }\n#endif\n",
    "hello.cc": '#include <iostream>\nint main() { std::cout << "hello\\n"; }\n',
    "wait.cc": "#include <condition_variable>\n#include <mutex>\nint main(int n, char **) { std::mutex m; std::condition_variable c; std::unique_lock l(m); if (n > 5) c.wait(l); }\n",
    "throw.cc": "int main() { try { throw 1; } catch (int) { return 0; } return 1; }\n",
    "cgo.go": 'package main\n\n// int f(void) { return 0; }\nimport "C"\nimport "os"\n\nfunc main() { os.Exit(int(C.f())) }\n',
    "plain.go": 'package main\n\nfunc main() {}\n',
}


class Programs:
    """Builds every program once."""

    def __init__(self, suite):
        self.suite = suite
        self.folder = suite.work / "programs"
        self.folder.mkdir()
        self.sources = suite.work / "sources"
        self.sources.mkdir()
        for name, text in SOURCES.items():
            (self.sources / name).write_text(text)
        self.names = []

    def run(self, program, *arguments, **environment):
        self.suite.need(program)
        done = differential.run([program, *arguments], cwd=self.sources, seconds=300, env=differential.clean_environment(**environment))
        if done.code != 0:
            raise differential.Failure(f"{program} {' '.join(map(str, arguments))}: {done.err}")

    def compile(self, name, compiler, source, *options):
        self.run(compiler, *(option for option in options if not option.startswith("-l")), source, *(option for option in options if option.startswith("-l")), "-o", self.folder / name)

    def write(self, name, data, mode=0o755):
        (self.folder / name).write_bytes(data)
        (self.folder / name).chmod(mode)

    def go(self, name, source, **environment):
        self.run("go", "build", "-o", self.folder / name, source, GO111MODULE="off", GOCACHE=debian_package.go_cache(), **environment)

    def own_library(self):
        """Programs of a library of their own: found by run path, without a symbol it had when they were linked, or not there at all."""
        (self.folder / "lib").mkdir(exist_ok=True)
        (self.sources / "full").mkdir(exist_ok=True)
        self.run("gcc", "-shared", "-fPIC", "-DFULL", "-Wl,-soname,libown.so.1", "own_library.c", "-o", "full/libown.so")
        self.run("gcc", "-shared", "-fPIC", "-Wl,-soname,libown.so.1", "own_library.c", "-o", self.folder / "lib/libown.so.1")
        own = ["own.c", "full/libown.so"]
        self.run("gcc", *own, "-DUSE_MORE=0", "-Wl,-rpath,$ORIGIN/lib", "-o", self.folder / "own-runpath")
        self.run("gcc", *own, "-DUSE_MORE=0", "-Wl,-rpath,$ORIGIN/lib,--disable-new-dtags", "-o", self.folder / "own-rpath")
        self.run("gcc", *own, "-DUSE_MORE=0", "-o", self.folder / "own-missing")
        self.run("gcc", *own, "-DUSE_MORE=more()", "-Wl,-z,now,-rpath,$ORIGIN/lib", "-o", self.folder / "own-symbol-now")
        self.run("gcc", *own, "-DUSE_MORE=0*(int)(long)more", "-fPIC", "-Wl,-rpath,$ORIGIN/lib", "-o", self.folder / "own-symbol-pointer")

    def build(self):
        recipes = {
            "hello": lambda name: self.compile(name, "gcc", "hello.c"),
            "hello-static": lambda name: self.compile(name, "gcc", "hello.c", "-static"),
            "hello-static-pie": lambda name: self.compile(name, "gcc", "hello.c", "-static-pie"),
            "hello-relr": lambda name: self.compile(name, "gcc", "hello.c", "-Wl,-z,pack-relative-relocs"),
            "hello-i386": lambda name: self.compile(name, "gcc", "hello.c", "-m32"),
            "hello-musl": lambda name: self.compile(name, "musl-gcc", "hello.c"),
            "hello-musl-static": lambda name: self.compile(name, "musl-gcc", "hello.c", "-static"),
            "math": lambda name: self.compile(name, "gcc", "math.c", "-lm"),
            "math-fast": lambda name: self.compile(name, "gcc", "math.c", "-O2", "-Wl,-z,now", "-lm"),
            "threads": lambda name: self.compile(name, "gcc", "threads.c"),
            "zlib": lambda name: self.compile(name, "gcc", "zlib.c", "-lz"),
            "crypt": lambda name: self.compile(name, "gcc", "crypt.c", "-l:libcrypt.so.1"),
            "stat": lambda name: self.compile(name, "gcc", "stat.c"),
            "cxx": lambda name: self.compile(name, "g++", "hello.cc"),
            "cxx-wait": lambda name: self.compile(name, "g++", "wait.cc"),
            "cxx-throw": lambda name: self.compile(name, "g++", "throw.cc"),
            "cxx-static-libstdc++": lambda name: self.compile(name, "g++", "hello.cc", "-static-libstdc++", "-static-libgcc"),
            "go-cgo": lambda name: self.go(name, "cgo.go", CGO_ENABLED="1"),
            "go-static": lambda name: self.go(name, "plain.go", CGO_ENABLED="0"),
            "own-": lambda _: self.own_library(),
            "script": lambda name: self.write(name, b"#!/bin/sh\nexit 0\n"),
            "script-missing": lambda name: self.write(name, b"#!/usr/bin/nothing\nexit 0\n"),
            "script-options": lambda name: self.write(name, b"#!/bin/sh -e\nexit 0\n"),
            "not-executable": lambda name: self.write(name, b"#!/bin/sh\nexit 0\n", 0o644),
        }
        for name, make in recipes.items():
            try:
                make(name)
            except differential.Skip as reason:
                with self.suite.case(f"build {name}"):
                    self.suite.skip(str(reason))
        self.names = sorted(path.name for path in self.folder.iterdir() if path.is_file())


def install(programs, root):
    shutil.copytree(programs.folder, root / PLACE)


def really(root, name, shell):
    """What a user of the root gets."""
    inside = ("unshare", "--mount", "/bin/sh", "-c", WITH_PROC, "sh", root, f"--userspec={USER}", root)
    return prompt.run(f"/{PLACE}/{name}", shell, inside)


def run_cases(suite, label, root, shell, names):
    answer, _ = suite.ask("check", *(root / PLACE / name for name in names), "--target", "host", "--sysroot", root, "--env", "LD_LIBRARY_PATH", seconds=300)
    for name, ours in zip(names, answer["results"]):
        if not suite.wanted(f"{label} {name}"):
            continue
        with suite.case(f"{label} {name}"):
            suite.need("unshare")
            prompt.compare(suite, really(root, name, shell), ours)


def make(suite, label, builder):
    """The root, or nothing when its packages are not to be had."""
    try:
        return builder()
    except debian_package.Unreachable as reason:
        with suite.case(label):
            suite.skip(f"packages are not to be had: {reason}")
        return None


def without_names(result):
    return {key: value for key, value in result.items() if key not in ("target", "findings", "subject")}


def form_cases(suite, root, programs):
    """Every form of one root says the same."""
    files = suite.work / "forms"
    files.mkdir()
    image = root_folders.Image(root, suite.work / "layers")
    forms = {
        "tar": lambda: root_folders.pack_tar(root, files / "root.tar"),
        "tar.gz": lambda: root_folders.pack_tar(root, files / "root.tar.gz", "gzip"),
        "tar.xz": lambda: root_folders.pack_tar(root, files / "root.tar.xz", "xz -0"),
        "tar.zst": lambda: root_folders.pack_tar(root, files / "root.tar.zst", "zstd"),
        "deb packages": lambda: root_folders.pack_debs(root, files / "debs"),
        "OCI layout": lambda: image.oci_layout(files / "oci"),
        "OCI layout in a tar": lambda: root_folders.pack_tar(files / "oci", files / "oci.tar"),
        "saved image": lambda: image.docker_save(files / "saved.tar"),
    }
    probes = [programs.folder / name for name in programs.names]

    def ask(path):
        """All programs at once, which puts them all at the top of the root."""
        answer, outcome = suite.ask("resolve", "--symbols", *probes, "--sysroot", path, seconds=300)
        if len(answer["results"]) != len(probes):
            raise differential.Failure(outcome.err)
        return [without_names(result) for result in answer["results"]]

    wanted = ask(root)
    facts = lambda path: suite.ask("target", "show", "--sysroot", path)[0]["results"][0]
    for name, pack in forms.items():
        if not suite.wanted(f"form {name}"):
            continue
        with suite.case(f"form {name}"):
            program = {"tar.zst": "zstd", "tar.xz": "xz"}.get(name)
            if program:
                suite.need(program)
            path = pack()
            shown, live = facts(path), facts(root)
            for key in live:
                if key not in ("name", "sources"):
                    suite.equal(key, live[key], shown.get(key))
            for probe, one, other in zip(probes, wanted, ask(path)):
                for key, value in one.items():
                    suite.equal(f"{probe.name}: {key}", value, other.get(key))
            removed, _ = suite.ask("check", programs.folder / "hello", "--at", f"/{PLACE}/hello", "--sysroot", path, "--env", "LD_PRELOAD=libremoved.so.1")
            suite.true("a file that a layer took away is not there", "'libremoved.so.1' from LD_PRELOAD cannot be preloaded" in removed["results"][0]["message"]["text"],
                       removed["results"][0]["message"])


def main():
    suite = differential.Suite(__doc__)
    os.chmod(suite.work, 0o755)
    if not suite.abiscope:
        with suite.case("sysroots"):
            suite.skip("no program to test")
        sys.exit(suite.finish())
    programs = Programs(suite)
    programs.build()
    roots = {codename: make(suite, codename, lambda: root_folders.debian_root(codename, suite.work / codename)) for codename in ("bookworm", "bullseye", "trixie")}
    roots |= {f"alpine ({codename})": make(suite, f"alpine ({codename})", lambda: root_folders.alpine_root(codename, suite.work / f"alpine-{codename}"))
              for codename in ("bookworm", "trixie")}
    for label, root in roots.items():
        if root is None:
            continue
        install(programs, root)
        if os.geteuid() != 0:
            with suite.case(label):
                suite.skip("needs root for chroot")
            continue
        run_cases(suite, label, root, "/bin/sh" if label.startswith("alpine") else "/bin/bash", programs.names)
    if roots["bookworm"]:
        form_cases(suite, roots["bookworm"], programs)
    sys.exit(suite.finish())


main()
