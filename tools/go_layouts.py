#!/usr/bin/env python3
"""Writes what a Go release's own source says into data/go: where the fields of the runtime's structs lie on every architecture, and the names of its numbers.

usage: go_layouts.py --goroot GOROOT [--check] [--data data/go]

The release is GOROOT's (go, src and all). With --check nothing is written: the exit code is 1 when data/go says something else of that release.
docs/adding-a-go-version.md says when to use it, and what no tool can do.
"""
import argparse
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile

WORDS = {"64": ["amd64", "arm64", "loong64", "mips64le", "ppc64le", "riscv64", "s390x"], "32": ["386", "arm", "mipsle"]}
EVERY = WORDS["64"] + WORDS["32"]
STATUSES = {"_Gidle": "idle", "_Grunnable": "runnable", "_Grunning": "running", "_Gsyscall": "syscall", "_Gwaiting": "waiting", "_Gmoribund_unused": "moribund",
            "_Gdead": "dead", "_Gcopystack": "copystack", "_Gpreempted": "preempted", "_Gleaked": "leaked", "_Gdeadextra": "deadextra"}


def minors(releases):
    """{16, 17, 20} of "1.16-1.17,1.20"."""
    out = set()
    for part in releases.split(","):
        first, _, last = part.partition("-")
        out |= set(range(int(first[2:]), int((last or first)[2:]) + 1))
    return out


def release_text(numbers):
    runs = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"1.{a}" if a == b else f"1.{a}-1.{b}" for a, b in runs)


def architectures(text):
    out = set()
    for part in text.split(","):
        out |= set(EVERY if part == "all" else WORDS.get(part, [part]))
    return out


def architecture_text(names):
    names = set(names)
    if names >= set(EVERY):
        return "all"
    out = []
    for name, members in WORDS.items():
        if names >= set(members):
            out.append(name)
            names -= set(members)
    return ",".join(out + sorted(names))


def read_structs(path):
    """{(type, minor, architecture): (size, fields)}"""
    out = {}
    for line in path.read_text(encoding="ascii").splitlines():
        kind, releases, where, size, fields = line.split("\t")
        for minor in minors(releases):
            for architecture in architectures(where):
                out[kind, minor, architecture] = (size, fields)
    return out


def structs_text(structs):
    layouts = collections.defaultdict(lambda: collections.defaultdict(set))   # (type, size, fields): {minor: architectures}
    for (kind, minor, architecture), (size, fields) in structs.items():
        layouts[kind, size, fields][minor].add(architecture)
    rows = []
    for (kind, size, fields), releases in layouts.items():
        groups = collections.defaultdict(set)
        for minor, names in releases.items():
            groups[architecture_text(names)].add(minor)
        rows += [(kind, min(group), where, f"{kind}\t{release_text(group)}\t{where}\t{size}\t{fields}\n") for where, group in groups.items()]
    return "".join(row[3] for row in sorted(rows))


def read_names(path):
    out = {}
    for line in path.read_text(encoding="ascii").splitlines():
        kind, releases, value, name = line.split("\t")
        for minor in minors(releases):
            out[kind, minor, int(value)] = name
    return out


def names_text(names):
    groups = collections.defaultdict(set)
    for (kind, minor, value), name in names.items():
        groups[kind, value, name].add(minor)
    return "".join(f"{kind}\t{release_text(group)}\t{value}\t{name}\n"
                   for (kind, value, name), group in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1], min(item[1]))))


def constants(text, first):
    """Names of a const block that counts by iota, from the line that starts with `first`; blank names count too."""
    names = []
    for line in text.splitlines():
        if names or re.match(rf"\t{first}\b", line):
            if line == ")":
                return names
            match = re.match(r"\t(\w+)", line)
            if match:
                names.append(match[1])
    raise SystemExit(f"no constant {first}")


def source_names(source):
    """{(kind, value): name} of one release."""
    runtime = (source / "runtime" / "runtime2.go").read_text(encoding="utf-8")
    out = {}
    strings = dict(re.findall(r'^\t(waitReason\w+):\s*"([^"]*)"', runtime, re.M))
    for value, name in enumerate(constants(runtime, "waitReasonZero")):
        out["wait_reason", value] = strings[name]
    for value, name in enumerate(constants(runtime, "_Gidle")):
        if name in STATUSES:
            out["goroutine_status", value] = STATUSES[name]
        elif name == "_Gscan":
            break
    symtab = source / "internal" / "abi" / "symtab.go"
    if not symtab.exists():
        symtab = source / "runtime" / "symtab.go"
    text = symtab.read_text(encoding="utf-8")
    first = "FuncIDNormal" if "FuncIDNormal" in text else "FuncID_normal" if "FuncID_normal" in text else "funcID_normal"
    for value, name in enumerate(constants(text, first)):
        plain = re.sub(r"^[Ff]uncID_?", "", name)
        out["function_id", value] = plain.lower() if plain in ("Normal", "Wrapper") else plain
    return out


def source_structs(goroot, types, minor):
    """{(type, minor, architecture): (size, fields)} of one release."""
    program = pathlib.Path(__file__).with_name("go_layouts.go.txt").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "layouts.go").write_text(program, encoding="utf-8")
        environment = {**{name: value for name, value in os.environ.items() if not name.startswith("GO")}, "GOROOT": str(goroot), "GO111MODULE": "off",
                       "GOENV": "off", "GOTOOLCHAIN": "local", "GOCACHE": os.environ.get("GOCACHE", str(pathlib.Path(folder) / "cache")), "GOPATH": folder}
        built = subprocess.run([str(goroot / "bin" / "go"), "build", "-o", f"{folder}/layouts", f"{folder}/layouts.go"], env=environment, capture_output=True,
                               text=True, check=False)
        if built.returncode != 0:
            raise SystemExit(f"go build: {built.stderr}")
        out = {}
        for architecture in EVERY:
            # go/build takes the experiments that are on by default from the environment's GOARCH.
            done = subprocess.run([f"{folder}/layouts", ",".join(sorted(types)), architecture], env={**environment, "GOARCH": architecture, "GOOS": "linux"},
                                  capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"{architecture}: {done.stderr}")
            for line in done.stdout.splitlines():
                kind, where, size, fields = line.split("\t")
                out[kind, minor, where] = (size, fields)
    return out


def differences(kind, ours, theirs):
    for key in sorted(set(ours) | set(theirs)):
        if ours.get(key) != theirs.get(key):
            yield f"{kind} {key}: data {ours.get(key)}, source {theirs.get(key)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--goroot", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "data" / "go")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    goroot = options.goroot.resolve()
    version = (goroot / "VERSION").read_text(encoding="utf-8").split()[0]
    minor = int(re.match(r"go1\.(\d+)", version)[1])
    structs, names = read_structs(options.data / "structs.tsv"), read_names(options.data / "names.tsv")
    new_structs = source_structs(goroot, {kind for kind, _, _ in structs}, minor)
    new_names = {(kind, minor, value): name for (kind, value), name in source_names(goroot / "src").items()}
    if options.check:
        found = [*differences("struct", {key: value for key, value in structs.items() if key[1] == minor}, new_structs),
                 *differences("name", {key: value for key, value in names.items() if key[1] == minor}, new_names)]
        print("\n".join(found) if found else f"{version}: {len(new_structs)} layouts and {len(new_names)} names are those of data/go")
        return 1 if found else 0
    structs = {key: value for key, value in structs.items() if key[1] != minor} | new_structs
    names = {key: value for key, value in names.items() if key[1] != minor} | new_names
    (options.data / "structs.tsv").write_text(structs_text(structs), encoding="ascii")
    (options.data / "names.tsv").write_text(names_text(names), encoding="ascii")
    print(f"{version}: {len(new_structs)} layouts and {len(new_names)} names written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
