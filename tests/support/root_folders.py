"""Root folders for tests: small Debian and Alpine-like systems out of packages, and the forms in which a root travels."""
import gzip
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tarfile

import debian_package

BASE = ("base-files", "libc6", "libc-bin", "libgcc-s1", "libstdc++6", "zlib1g", "libcrypt1", "bash", "dash", "libtinfo6")
MERGED = ("bin", "sbin", "lib", "lib64")
UNMERGED_RELEASES = ("bullseye",)   # whose images still have /bin and /lib beside /usr


def unpack(deb, root):
    archive = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], capture_output=True, check=True).stdout
    subprocess.run(["tar", "-C", root, "--keep-directory-symlink", "-xf", "-"], input=archive, check=True)


def debian_root(codename, root, packages=BASE):
    """A minimal system of a release. Its ld.so.cache is written by its own ldconfig when this is run as root."""
    release = debian_package.Release(codename)
    debs = [release.deb(package) for package in packages]
    root.mkdir(parents=True)
    if codename not in UNMERGED_RELEASES:
        for name in MERGED:
            (root / "usr" / name).mkdir(parents=True)
            (root / name).symlink_to(f"usr/{name}")
    for deb in debs:
        unpack(deb, root)
    for name in ("dev", "proc", "tmp"):
        (root / name).mkdir(exist_ok=True)
    (root / "dev/null").touch()
    (root / "dev/null").chmod(0o666)
    if os.geteuid() == 0:
        subprocess.run(["chroot", root, "/sbin/ldconfig"], check=True)
    return root


def alpine_root(codename, root):
    """musl and busybox where Alpine has them."""
    release = debian_package.Release(codename)
    libc = debian_package.only(release.folder("musl"), "**/x86_64-linux-musl/libc.so")
    busybox = debian_package.only(release.folder("busybox-static"), "**/bin/busybox")
    for name in ("bin", "lib", "etc", "usr/lib", "dev", "proc"):
        (root / name).mkdir(parents=True)
    shutil.copyfile(libc, root / "lib/ld-musl-x86_64.so.1")
    (root / "lib/ld-musl-x86_64.so.1").chmod(0o755)
    (root / "lib/libc.musl-x86_64.so.1").symlink_to("ld-musl-x86_64.so.1")
    shutil.copy(busybox, root / "bin/busybox")
    (root / "bin/sh").symlink_to("/bin/busybox")
    (root / "etc/os-release").write_text('ID=alpine\nVERSION_ID=3.20.0\nPRETTY_NAME="Alpine Linux v3.20"\n')
    return root


def pack_tar(root, file, program=None):
    """program: gzip, xz or zstd."""
    options = ["-I", program] if program else []
    subprocess.run(["tar", "-C", root, *options, "-cf", file, "."], check=True)
    return file


def pack_debs(root, folder):
    """The root as two packages: /usr/lib in one, the rest in the other."""
    folder.mkdir()
    for name, chosen in (("libraries", True), ("others", False)):
        staging = folder.parent / f"staging-{name}"
        subprocess.run(["cp", "-a", f"{root}/.", staging], check=True)
        for path in sorted(staging.iterdir()):
            if chosen and path.name != "usr":
                remove(path)
        for path in sorted((staging / "usr").iterdir()):
            if (path.name == "lib") != chosen:
                remove(path)
        (staging / "DEBIAN").mkdir(mode=0o755)
        (staging / "DEBIAN/control").write_text(f"Package: {name}\nVersion: 1\nArchitecture: amd64\nMaintainer: test <test@example.org>\nDescription: part of a root\n")
        subprocess.run(["dpkg-deb", "-b", "-Znone", staging, folder / f"{name}.deb"], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(staging)
    return folder


def remove(path):
    if path.is_symlink() or not path.is_dir():
        path.unlink()
    else:
        shutil.rmtree(path)


class Image:
    """Layers that together are the root: the lowest has files that a higher one hides, replaces or takes away (OCI image specification,
    "Whiteouts")."""

    def __init__(self, root, work):
        self.work = work
        work.mkdir()
        self.layers = [self._layer("lowest", self._lowest(root)), self._layer("whiteouts", self._whiteouts()), self._layer("root", [(root, ".")])]

    def _lowest(self, root):
        folder = self.work / "lowest"
        (folder / "usr/lib/x86_64-linux-gnu").mkdir(parents=True)
        (folder / "usr/lib/x86_64-linux-gnu/libremoved.so.1").write_bytes((root / "usr/lib/x86_64-linux-gnu/libz.so.1").resolve().read_bytes())
        (folder / "usr/lib/x86_64-linux-gnu/libc.so.6").write_text("replaced by the root's own")
        (folder / "opt/hidden").mkdir(parents=True)
        (folder / "opt/hidden/libremoved.so.1").write_text("below an opaque folder")
        return [(folder / "usr", "usr"), (folder / "opt", "opt")]

    def _whiteouts(self):
        folder = self.work / "whiteouts"
        (folder / "usr/lib/x86_64-linux-gnu").mkdir(parents=True)
        (folder / "usr/lib/x86_64-linux-gnu/.wh.libremoved.so.1").touch()
        (folder / "opt/hidden").mkdir(parents=True)
        (folder / "opt/hidden/.wh..wh..opq").touch()
        (folder / "opt/.wh.hidden").touch()
        return [(folder / "usr", "usr"), (folder / "opt", "opt")]

    def _layer(self, name, parts):
        file = self.work / f"{name}.tar"
        with tarfile.open(file, "w", format=tarfile.GNU_FORMAT) as archive:
            for path, inside in parts:
                archive.add(path, inside)
        return file.read_bytes()

    def oci_layout(self, folder):
        blobs = folder / "blobs/sha256"
        blobs.mkdir(parents=True)

        def blob(data, kind):
            digest = hashlib.sha256(data).hexdigest()
            (blobs / digest).write_bytes(data)
            return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)}

        config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest() for layer in self.layers]}}
        manifest = {"schemaVersion": 2, "config": blob(json.dumps(config).encode(), "config.v1+json"),
                    "layers": [blob(gzip.compress(layer, 1), "layer.v1.tar+gzip") for layer in self.layers]}
        index = {"schemaVersion": 2, "manifests": [blob(json.dumps(manifest).encode(), "manifest.v1+json") | {"platform": {"architecture": "amd64", "os": "linux"}}]}
        (folder / "index.json").write_text(json.dumps(index))
        (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        return folder

    def docker_save(self, file):
        names = []
        staging = pathlib.Path(f"{file}.staging")
        staging.mkdir()
        for number, layer in enumerate(self.layers):
            (staging / f"layer{number}").mkdir()
            (staging / f"layer{number}/layer.tar").write_bytes(layer)
            names.append(f"layer{number}/layer.tar")
        (staging / "config.json").write_text(json.dumps({"architecture": "amd64", "os": "linux"}))
        (staging / "manifest.json").write_text(json.dumps([{"Config": "config.json", "RepoTags": ["root:latest"], "Layers": names}]))
        subprocess.run(["tar", "-C", staging, "-cf", file, "."], check=True)
        return file
