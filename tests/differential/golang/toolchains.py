"""Go's releases as Debian has them, each in a GOROOT of its own made of links, and the program of the Go tests built by them."""
import os
import pathlib
import sys

import debian_package
import differential

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "abi"))
import go_roots   # noqa: E402

DEBIAN = {"1.19": "bookworm", "1.21": "bookworm-backports", "1.22": "bookworm-backports", "1.23": "bookworm-backports", "1.24": "trixie",
          "1.25": "trixie-backports", "1.26": "trixie-backports", "1.27": "sid"}
SOURCE = pathlib.Path(__file__).with_name("program.go.txt")
FLAGS = {"plain": [], "strip": ["-ldflags=-s -w"], "pie": ["-buildmode=pie", "-ldflags=-s -w"], "pie-plain": ["-buildmode=pie"],
         "cgo-pie": ["-buildmode=pie", "-ldflags=-linkmode=external -s -w"], "cgo-pie-plain": ["-buildmode=pie", "-ldflags=-linkmode=external"]}
TWIN = {"strip": "plain", "pie": "pie-plain", "cgo-pie": "cgo-pie-plain"}   # the same program with its symbols


def root(version):
    """The GOROOT of a release; differential.Skip when it cannot be fetched."""
    place = debian_package.cache_folder() / "go-toolchains" / version
    try:
        program = debian_package.unpacked(f"golang-{version}-go", DEBIAN[version])
        source = debian_package.unpacked(f"golang-{version}-src", DEBIAN[version])
    except debian_package.Unreachable as problem:
        raise differential.Skip(f"Go {version}: {problem}") from problem
    with debian_package.locked(place.parent):
        if not (place / "bin").exists():
            go_roots._merge(place, [program / f"usr/lib/go-{version}", program / f"usr/share/go-{version}", source / f"usr/share/go-{version}"],
                            pathlib.PurePath("none"))
    return place


def environment(version, system, architecture, cgo=False):
    return {**{name: value for name, value in os.environ.items() if not name.startswith("GO")}, "GOOS": system, "GOARCH": architecture,
            "CGO_ENABLED": str(int(cgo)), "GOENV": "off", "GOTOOLCHAIN": "local", "GOROOT": str(root(version)), "GOPROXY": "off", "GOFLAGS": "-mod=mod",
            "GOCACHE": debian_package.go_cache(), "GOPATH": str(debian_package.cache_folder() / "go-path"), "GOARM": "7"}


def go(version, *arguments, system="linux", architecture="amd64", cgo=False, cwd=None, stdin=None):
    return differential.run([root(version) / "bin" / "go", *arguments], seconds=600, env=environment(version, system, architecture, cgo), cwd=cwd, stdin=stdin)


def build(work, version, system, architecture, mode):
    """The program's path."""
    folder = work / "program"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.go").write_text(SOURCE.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "go.mod").write_text("module example.com/fixture\n\ngo 1.18\n", encoding="utf-8")
    if mode.startswith("cgo"):
        (folder / "cgo.go").write_text("package main\n\n// int one(void) { return 1; }\nimport \"C\"\n\nfunc init() { keep = append(keep, int(C.one())) }\n", encoding="utf-8")
    else:
        (folder / "cgo.go").unlink(missing_ok=True)
    out = work / f"{version}-{system}-{architecture}-{mode}"
    done = go(version, "build", "-o", out, *FLAGS[mode], ".", system=system, architecture=architecture, cgo=mode.startswith("cgo"), cwd=folder)
    if done.code != 0:
        raise differential.Failure(f"go build: {done.err[:2000]}")
    return out
