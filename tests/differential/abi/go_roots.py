"""The Go toolchains of the layout test: the installed one, and the oldest and newest of Debian's releases. Each gets a GOROOT of its own made of
links, whose runtime has one more file: it says which span an object lies in."""
import os
import pathlib
import re
import shutil

import debian_package
import differential

DEBIAN = {"1.15": "bullseye", "1.24": "trixie", "1.27": "sid"}

SPANS = """package runtime

import "unsafe"

// SpanFigures: the bytes of an object's slot, where in its slot it starts, how many objects its span holds, and its bytes.
func SpanFigures(p unsafe.Pointer) (slot, start, objects, bytes uintptr) {
	s := spanOfHeap(uintptr(p))
	return s.elemsize, (uintptr(p) - s.base()) % s.elemsize, uintptr(s.nelems), s.npages * pageSize
}
"""
MASKS = """package runtime

import "unsafe"

// PointerMask: a descriptor of this release may have none until it is asked for.
func PointerMask(t unsafe.Pointer) *byte {
	return getGCMask((*_type)(t))
}
"""


class Toolchain:
    def __init__(self, version, roots):
        self.version = version                                      # 1.27
        self.minor = int(version.split(".")[1])
        self.root = debian_package.cache_folder() / "go-roots" / version
        self._make(roots)

    def environment(self, architecture):
        return {**{name: value for name, value in os.environ.items() if not name.startswith("GO")},
                "GOARCH": architecture, "GOOS": "linux", "CGO_ENABLED": "0", "GO111MODULE": "off", "GOENV": "off", "GOTOOLCHAIN": "local", "GOROOT": str(self.root),
                "GOCACHE": debian_package.go_cache(), "GOPATH": str(self.root / "path"), "GOAMD64": "v1", "GOARM": "7"}

    def build(self, architecture, source, output):
        return differential.run([str(self.root / "bin" / "go"), "build", "-o", str(output), str(source)], seconds=900, env=self.environment(architecture))

    def _make(self, roots):
        """`roots`: folders that together are a GOROOT."""
        with debian_package.locked(self.root.parent):
            extra = {"abiscope_spans.go": SPANS} | ({"abiscope_masks.go": MASKS} if self.minor >= 24 else {})
            shutil.rmtree(self.root, ignore_errors=True)
            _merge(self.root, roots, pathlib.PurePath("src/runtime"))
            for name, text in extra.items():
                (self.root / "src" / "runtime" / name).write_text(text)


def _merge(place, sources, keep):
    """Links to everything in `sources`; folders that several have, and those on the way to `keep`, are folders."""
    place.mkdir(parents=True)
    names = sorted({name for source in sources for name in os.listdir(source)})
    for name in names:
        found = [source / name for source in sources if (source / name).exists()]
        if not found:
            continue   # a link into a package that is not there
        on_the_way = keep.parts[:1] == (name,)
        if all(path.is_dir() for path in found) and (on_the_way or len({path.resolve() for path in found}) > 1):
            _merge(place / name, found, pathlib.PurePath(*keep.parts[1:]) if on_the_way else pathlib.PurePath("none"))
        else:
            (place / name).symlink_to(found[0].resolve())


def installed():
    """None when there is no Go."""
    done = differential.run(["go", "env", "GOROOT", "GOVERSION"]) if shutil.which("go") else None
    if done is None or done.code != 0:
        return None
    root, version = done.out.split()
    return Toolchain(re.match(r"go(1\.\d+)", version)[1], [pathlib.Path(root).resolve()])


def of_debian(version):
    """debian_package.Unreachable when there is no way to it."""
    release = DEBIAN[version]
    program = debian_package.unpacked(f"golang-{version}-go", release)
    source = debian_package.unpacked(f"golang-{version}-src", release)
    return Toolchain(version, [program / f"usr/lib/go-{version}", program / f"usr/share/go-{version}", source / f"usr/share/go-{version}"])
