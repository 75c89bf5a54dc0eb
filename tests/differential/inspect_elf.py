#!/usr/bin/env python3
"""What `inspect` concludes of ELF files, against conclusions drawn apart from it: kind of linkage and hardening out of what readelf prints,
Go's version, settings and modules by `go version -m`. On files of /usr/bin and /usr/sbin and Go programs of the machine, a sample or all
of them, and on programs linked here in each way."""
import json
import os
import pathlib
import re
import subprocess
import sys

import debian_package
import differential

CHUNK = 60
SAMPLE = 90          # files of /usr/bin and /usr/sbin, unless --all
GO_SAMPLE = 6        # Go programs of the machine, unless --all
GO_FOLDERS = ("/usr/bin", "/usr/local", "/usr/lib")
HELLO_C = '#include <string.h>\n#include <stdio.h>\nint main(int n, char **w) { char b[40]; strncpy(b, w[0], n); puts(b); return 0; }\n'
LIBRARY_C = "int f(void) { return 1; }\n"
HELLO_GO = 'package main\n\nfunc main() { println("hello") }\n'
NET_GO = 'package main\n\nimport _ "net"\n\nfunc main() { println("hello") }\n'   # with cgo it needs libc
# What each is, said by whoever wrote the command line.
BUILT = {
    "dynamic-pie": ("dynamic", ["gcc", "hello.c"]),
    "dynamic-fixed": ("dynamic", ["gcc", "-no-pie", "hello.c"]),
    "static": ("static", ["gcc", "-static", "hello.c"]),
    "static-pie": ("static-pie", ["gcc", "-static-pie", "hello.c"]),
    "musl-dynamic": ("dynamic", ["musl-gcc", "hello.c"]),
    "musl-static": ("static", ["musl-gcc", "-static", "hello.c"]),
    "library": ("shared_library", ["gcc", "-shared", "-fPIC", "library.c"]),
    "library-without-libc": ("shared_library", ["gcc", "-shared", "-fPIC", "-nostdlib", "library.c"]),
    "library-without-soname-or-needs": ("shared_library", ["ld.lld-19", "-shared", "library.o"]),
    "object": ("relocatable", ["gcc", "-c", "hello.c"]),
    "everything": ("dynamic", ["gcc", "-O2", "-D_FORTIFY_SOURCE=2", "-fstack-protector-all", "-Wl,-z,now", "hello.c"]),
    "nothing": ("dynamic", ["gcc", "-O2", "-U_FORTIFY_SOURCE", "-fno-stack-protector", "-no-pie", "-Wl,-z,norelro,-z,execstack,-z,lazy", "hello.c"]),
    "relro-without-plt": ("dynamic", ["gcc", "-fno-plt", "-Wl,-z,relro", "hello.c"]),
    "i386-static": ("static", ["gcc", "-m32", "-static", "hello.c"]),
    "arm64-static": ("static", ["aarch64-linux-gnu-gcc", "-static", "hello.c"]),
    "riscv64-dynamic": ("dynamic", ["riscv64-linux-gnu-gcc", "hello.c"]),
    "armhf-dynamic": ("dynamic", ["arm-linux-gnueabihf-gcc", "hello.c"]),
    "lld-static-pie": ("static-pie", ["clang-19", "-fuse-ld=lld-19", "-static-pie", "hello.c"]),
    "rust-dynamic": ("dynamic", ["rustc", "hello.rs"]),
    "rust-static": ("static-pie", ["rustc", "-C", "target-feature=+crt-static", "hello.rs"]),
}
GO_BUILT = {
    "go-static": ("static", {"CGO_ENABLED": "0"}, []),
    "go-pie": ("dynamic", {"CGO_ENABLED": "0"}, ["-buildmode=pie", "-ldflags=-linkmode=internal"]),
    "go-cgo": ("dynamic", {"CGO_ENABLED": "1"}, []),
    "go-stripped": ("static", {"CGO_ENABLED": "0"}, ["-ldflags=-s -w", "-trimpath"]),
    "go-arm64": ("static", {"CGO_ENABLED": "0", "GOARCH": "arm64"}, []),
    "go-s390x": ("static", {"CGO_ENABLED": "0", "GOARCH": "s390x"}, []),
    "go-386": ("static", {"CGO_ENABLED": "0", "GOARCH": "386"}, []),
    "go-windows": (None, {"CGO_ENABLED": "0", "GOOS": "windows"}, []),
    "go-darwin": (None, {"CGO_ENABLED": "0", "GOOS": "darwin", "GOARCH": "arm64"}, []),
}


class Facts:
    """What readelf prints of a file, as far as a conclusion needs it."""

    def __init__(self, path):
        environment = {**os.environ, "LC_ALL": "C"}
        out = subprocess.run(["readelf", "-hSldW", path], capture_output=True, text=True, errors="replace", env=environment, check=False).stdout
        self.type = re.search(r"Type: +(\w+)", out)[1]
        self.segments = {match[1]: match[2] for match in re.finditer(r"^  (\w+) +0x\w+ 0x\w+ 0x\w+ 0x\w+ 0x\w+ ([R ][W ][E ])", out, re.MULTILINE)}
        self.relro_end = next((int(match[1], 16) + int(match[2], 16) for match in re.finditer(r"^  GNU_RELRO +0x\w+ 0x(\w+) 0x\w+ 0x\w+ 0x(\w+)", out, re.MULTILINE)), 0)
        slots = re.search(r"\] \.got\.plt +PROGBITS +(\w+) \w+ (\w+)", out)
        self.slots_end = int(slots[1], 16) + int(slots[2], 16) if slots else 0
        self.interpreter = "INTERP" in self.segments
        self.tags = {match[1]: match[2] for match in re.finditer(r"^ 0x\w+ \((\w+)\) +(.*)$", out, re.MULTILINE)}
        self.needed = re.findall(r"\(NEEDED\) +Shared library: \[(.*)\]", out)
        symbols = subprocess.run(["readelf", "-sW", path], capture_output=True, text=True, errors="replace", env=environment, check=False).stdout
        rows = re.findall(r"^ +\d+: \w+ +\w+ +\w+ +\w+ +\w+.* +(\w+) ([\w.$]+)(?:@\S+)?(?: \(\d+\))?$", symbols, re.MULTILINE)
        self.names = {name for _, name in rows}
        self.undefined = {name for where, name in rows if where == "UND"}

    def linkage(self):
        """By the file's own words: DF_1_PIE marks a program since binutils 2.26 and lld 10, a soname a library."""
        if self.type == "REL":
            return "relocatable"
        if self.interpreter:
            return "dynamic"
        if self.type == "EXEC":
            return "static"
        if "PIE" in self.tags.get("FLAGS_1", ""):
            return "static-pie"
        return "shared_library"

    def relro(self):
        if "GNU_RELRO" not in self.segments:
            return "no"
        now = "BIND_NOW" in self.tags or "BIND_NOW" in self.tags.get("FLAGS", "") or "NOW" in self.tags.get("FLAGS_1", "").split()
        if not self.tags:   # the C library of a static program protects whole pages
            return "partial" if self.slots_end > self.relro_end // 4096 * 4096 else "full"
        return "full" if now or "PLTRELSZ" not in self.tags else "partial"

    def canary(self):
        return bool({"__stack_chk_fail", "__stack_chk_fail_local", "__stack_chk_guard"} & self.names)

    def fortified(self):
        return any(re.fullmatch(r"__\w+_chk", name) for name in self.undefined)


def compare(suite, name, path, result, kind=None):
    with suite.case(name):
        facts = Facts(path)
        if kind is None and path_is_loader(path):
            kind = result["linkage"]["kind"]   # a loader is a library that is started; both are right
        suite.equal("linkage", kind or facts.linkage(), result["linkage"]["kind"], result["linkage"]["because"])
        suite.equal("needed", facts.needed, result["linkage"].get("needed", []))
        hardening = result.get("hardening", {})
        if facts.type == "REL":
            return
        state = lambda which: hardening[which]["state"]
        suite.equal("pie", facts.type == "DYN", state("pie") in ("yes", "not_applicable"), hardening["pie"])
        suite.equal("relro", facts.relro(), {"yes": hardening["relro"]["value"]}.get(state("relro"), state("relro")), hardening["relro"])
        if "GNU_STACK" in facts.segments:
            suite.equal("nx", "E" not in facts.segments["GNU_STACK"], state("nx") == "yes", hardening["nx"])
        # In a static program the guards are the C library's, too.
        told = state("canary") == "yes" or (state("canary") == "unknown" and facts.linkage() != "dynamic" and not facts.needed and facts.canary())
        suite.equal("canary", facts.canary(), told, hardening["canary"])
        if facts.linkage() == "dynamic" or facts.needed:   # a static program's functions are its own
            suite.equal("fortify", facts.fortified(), state("fortify") in ("yes", "partial"), hardening["fortify"])


def path_is_loader(path):
    return os.path.basename(os.path.realpath(path)).startswith(("ld-linux", "ld-musl", "ld.so", "ld-2"))


def inspect(suite, paths):
    for start in range(0, len(paths), CHUNK):
        some = paths[start:start + CHUNK]
        answer, outcome = suite.ask("inspect", *some, seconds=300)
        if len(answer["results"]) != len(some):
            raise differential.Failure(f"{len(some)} files, {len(answer['results'])} answers: {outcome.err[:500]}")
        yield from zip(some, answer["results"])


class GoSays:
    """`go version -m`: the version, and lines of path, mod, dep, => and build."""

    def __init__(self, lines):
        self.version = lines[0].rsplit(": ", 1)[1]
        self.settings, self.modules, self.path = {}, [], ""
        for line in lines[1:]:
            word, *rest = line.strip("\n").split("\t")[1:]
            if word == "path":
                self.path = rest[0]
            elif word in ("mod", "dep"):
                self.modules.append([rest[0], rest[1] if len(rest) > 1 else ""])
            elif word == "build":
                key, _, value = rest[0].partition("=")
                self.settings[key] = json.loads(value) if value.startswith('"') else value   # quoted where it has blanks


def go_says(folder):
    out = subprocess.run(["go", "version", "-m", folder], capture_output=True, text=True, errors="replace", check=False).stdout
    programs, lines = {}, []
    for line in [*out.splitlines(), ""]:
        if not line.startswith("\t"):
            if lines:
                programs[lines[0].rsplit(": ", 1)[0]] = GoSays(lines)
            lines = [line]
        else:
            lines.append(line)
    return programs


def compare_go(suite, name, says, result):
    with suite.case(name):
        go = result["go"]
        suite.true("a Go program", go is not None)
        suite.equal("version", says.version, go["version"])
        suite.equal("path", says.path, go["path"])
        suite.equal("settings", says.settings, go["settings"])
        suite.equal("modules", says.modules, [[one["path"], one["version"]] for one in go["modules"]])


def build_cases(suite):
    folder = suite.work / "built"
    folder.mkdir()
    (folder / "hello.c").write_text(HELLO_C)
    (folder / "library.c").write_text(LIBRARY_C)
    (folder / "hello.go").write_text(HELLO_GO)
    (folder / "net.go").write_text(NET_GO)
    (folder / "hello.rs").write_text('fn main() { println!("hello"); }\n')
    subprocess.run(["gcc", "-fPIC", "-c", "library.c"], cwd=folder, check=False)
    commands = {name: (kind, command, {}) for name, (kind, command) in BUILT.items()}
    for name, (kind, environment, options) in GO_BUILT.items():
        commands[name] = (kind, ["go", "build", *options, "net.go" if environment["CGO_ENABLED"] == "1" else "hello.go"], {**environment, "GO111MODULE": "off", "GOCACHE": debian_package.go_cache()})
    for name, (kind, command, environment) in commands.items():
        if not suite.wanted(name):
            continue
        built = None
        with suite.case(f"build {name}"):
            suite.need(command[0])
            output = [*command[:-1], "-o", name, command[-1]]
            done = differential.run(output, cwd=folder, env=differential.clean_environment(**environment), seconds=300)
            suite.equal(f"exit code of {command[0]}", 0, done.code, done.err)
            built = next(iter(inspect(suite, [str(folder / name)])))[1]
        if built and kind is not None:
            compare(suite, name, str(folder / name), built, kind)
        if built and command[0] == "go":
            compare_go(suite, f"{name} buildinfo", go_says(folder / name)[str(folder / name)], built)


def machine_cases(suite):
    paths = sorted(str(path) for folder in ("/usr/bin", "/usr/sbin") for path in pathlib.Path(folder).iterdir()
                   if path.is_file() and not path.is_symlink() and is_elf(path) and suite.wanted(str(path)))
    for path, result in inspect(suite, chosen(suite, paths, SAMPLE)):
        compare(suite, path, path, result)
    programs = {path: says for folder in GO_FOLDERS for path, says in go_says(folder).items() if suite.wanted(path)}
    for path, result in inspect(suite, chosen(suite, sorted(programs), GO_SAMPLE)):
        compare_go(suite, f"{path} buildinfo", programs[path], result)


def chosen(suite, paths, number):
    return paths if suite.options.all or len(paths) <= number else sorted(suite.random.sample(paths, number))


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def main():
    suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--all", action="store_true", help="every file instead of a sample"))
    if not suite.abiscope:
        with suite.case("inspect"):
            suite.skip("no program to test")
        sys.exit(suite.finish())
    build_cases(suite)
    if differential.shutil.which("readelf") and differential.shutil.which("go"):
        machine_cases(suite)
    else:
        with suite.case("programs of this machine"):
            suite.need("readelf", "go")
    sys.exit(suite.finish())


main()
