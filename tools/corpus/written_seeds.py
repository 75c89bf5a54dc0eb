"""Seeds that no compiler makes: written here byte by byte, without the definitions of the readers they feed."""
import gzip
import io
import json
import struct
import subprocess
import tarfile


def tar(members, compression=""):
    """A tar of (path, bytes) for files, (path, None) for folders and (path, "link") for links."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:" + compression, format=tarfile.GNU_FORMAT) as archive:
        for path, content in members:
            member = tarfile.TarInfo(path)
            member.mode = 0o755
            if content is None:
                member.type = tarfile.DIRTYPE
            elif isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
            else:
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    data = out.getvalue()
    if compression:
        return data
    data = data.rstrip(b"\0")   # tarfile fills up to 10,240 bytes
    return data + b"\0" * (-len(data) % 512 + 1024)


def ar(members):
    out = b"!<arch>\n"
    for name, content in members:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode() + content + b"\n" * (len(content) % 2)
    return out


def sparse_tar(count, size):
    """Members of the old GNU format that are one hole each: `size` bytes of nothing, 512 in the archive."""
    out = bytearray()
    for i in range(count):
        header = bytearray(512)

        def text(at, value):
            header[at:at + len(value)] = value

        text(0, b"usr/lib/hole%d" % i)
        text(100, b"0000644\0" b"0000000\0" b"0000000\0" b"00000000000\0" b"00000000000\0" b"        " b"S")
        text(257, b"ustar  \0")
        text(386, b"%011o\0" % size + b"%011o\0" % 0)   # one run of no bytes at the very end
        text(483, b"%011o\0" % size)
        text(148, b"%06o\0 " % sum(header))
        out += header
    return bytes(out) + b"\0" * 1024


def archive_roots(make):
    library = make.made.get("elf/seed-amd64-library-versions", b"")
    root = [("usr/", None), ("usr/lib/", None), ("usr/lib/libseed.so.1", library), ("lib", "usr/lib"), ("etc/os-release", b"ID=debian\nVERSION_ID=12\n")]
    make.keep("archive_root", "tar", tar(root))
    make.keep("archive_root", "tar-gzip", gzip.compress(tar(root), mtime=0))
    make.keep("archive_root", "deb", ar([("debian-binary", b"2.0\n"), ("control.tar.gz", gzip.compress(tar([("./control", b"Package: seed\n")]), mtime=0)),
                                         ("data.tar.gz", gzip.compress(tar(root), mtime=0))]))
    upper = [("etc/.wh.os-release", b""), ("usr/lib/.wh..wh..opq", b""), ("usr/lib/new", b"new")]
    make.keep("archive_root", "docker-save", tar([("manifest.json", json.dumps([{"Layers": ["a/layer.tar", "b/layer.tar"]}]).encode()),
                                                  ("a/layer.tar", tar(root)), ("b/layer.tar", tar(upper))]))
    blob = "blobs/sha256/"
    index = {"manifests": [{"digest": "sha256:aa", "platform": {"architecture": "arm64"}}, {"digest": "sha256:bb", "platform": {"architecture": "amd64"}}]}
    make.keep("archive_root", "oci", tar([("oci-layout", b"{}"), ("index.json", json.dumps(index).encode()),
                                          (blob + "bb", json.dumps({"layers": [{"digest": "sha256:cc"}, {"digest": "sha256:dd"}]}).encode()),
                                          (blob + "cc", gzip.compress(tar(root), mtime=0)), (blob + "dd", tar(upper))]))
    # An index that names itself, a path that climbs out, and gigabytes of nothing.
    make.keep("archive_root", "oci-cycle", tar([("index.json", json.dumps({"manifests": [{"digest": "sha256:aa"}]}).encode()),
                                                (blob + "aa", json.dumps({"manifests": [{"digest": "sha256:aa"}]}).encode())]))
    layer = gzip.compress(tar([(f"f{i}", b"\x7fELF" * 4000) for i in range(50)]), mtime=0)
    make.keep("archive_root", "many-layers", gzip.compress(tar([("manifest.json", json.dumps([{"Layers": ["a/layer.tar"] * 50_000}]).encode()), ("a/layer.tar", layer)]), mtime=0))
    make.keep("archive_root", "tar-climbs", tar([("../../etc/passwd", b"x"), ("a/../../b", b"y"), ("loop", "loop"), ("loop/c", b"z"), ("a" * 90 + "/" + "b" * 9, b"")]))
    make.keep("archive_root", "sparse-holes", subprocess.run(["zstd", "-q", "-19", "-c"], input=sparse_tar(20_000, 1 << 22), check=True, capture_output=True).stdout)


def profile_payload(entries):
    facts = {"name": "seed", "os": "linux", "architecture": "amd64", "kernel": {"version": "6.1", "page_size": 4096},
             "libc": {"kind": "glibc", "version": "2.36", "loader": "/lib64/ld-linux-x86-64.so.2", "directories": ["/lib"], "architecture": "amd64"},
             "shell": {"kind": "dash"}, "environment": [{"name": "PATH", "value": "/bin"}], "user": {"uid": 1000, "gid": 1000}}
    text = json.dumps(facts).encode()
    return struct.pack("<Q", len(text)) + text + struct.pack("<I", len(entries)) + b"".join(entries)


def profile_entry(kind, path, tail=b"", flags=0, mode=0o755):
    name = path.encode()
    return struct.pack("<BBH", kind, flags, len(name)) + name + struct.pack("<IIIQ", mode, 0, 0, 0) + tail


def profiles(make):
    """In the format of docs/profile-format.md; `payload` is what the fuzz target packs by itself, as nobody mutates compressed bytes well."""
    head = make.made.get("elf/seed-amd64-library-versions", b"\x7fELF")

    def file(size, *ranges):
        return struct.pack("<QI", size, len(ranges)) + b"".join(struct.pack("<QI", at, len(part)) + part for at, part in ranges)

    link = b"lib/libseed.so.1"
    entries = [profile_entry(0, "/", flags=1), profile_entry(0, "/lib", flags=1), profile_entry(2, "/lib/libseed.so.1", file(len(head), (0, head))),
               profile_entry(2, "/lib/sparse", file(1 << 20, (0, b"\x7fELF"), (1 << 19, b"end"))), profile_entry(2, "/lib/unreadable", file(7), flags=2),
               profile_entry(1, "/lib64", struct.pack("<H", len(link)) + link), profile_entry(3, "/dev")]
    payload = profile_payload(entries)
    make.keep("profile", "payload", payload)
    make.keep("profile", "payload-without-files", profile_payload([]))
    packed = subprocess.run(["zstd", "-q", "-3", "-c"], input=payload, check=True, capture_output=True).stdout
    header = b"abiscope-profile" + struct.pack("<IIQ", 1, 0, len(payload))
    make.keep("profile", "packed", header + packed)
    make.keep("profile", "claims-exabytes", b"abiscope-profile" + struct.pack("<IIQ", 1, 0, 1 << 60) + packed)


def go_build_info(make):
    text = b"0123456789abcdef" b"path\texample.com/seed\nmod\texample.com/seed\tv1.0.0\th1:x=\ndep\tgolang.org/x/sys\tv0.1.0\n" \
           b"=>\t../sys\t\nbuild\tCGO_ENABLED=0\nbuild\t\"-ldflags=a b\"=c\n" b"fedcba9876543210"
    magic = b"\xff Go buildinf:"
    version = b"go1.22.3"
    make.keep("go_buildinfo", "inline", magic + b"\x08\x02" + b"\0" * 16 + bytes([len(version)]) + version + bytes([0x80 | len(text) & 0x7f, len(text) >> 7]) + text)
    # Go 1.13 to 1.17: pointers to string headers. The fuzz target puts the bytes at address 0x4000.
    at = 0x4000
    old = magic + b"\x08\0" + struct.pack("<QQ", at + 32, at + 48) + struct.pack("<QQQQ", at + 64, len(version), at + 72, len(text)) + version + text
    make.keep("go_buildinfo", "pointers", old)
    make.keep("go_buildinfo", "pointers-32-bit-big-endian",
              magic + b"\x04\x01" + struct.pack(">II", at + 32, at + 40) + b"\0" * 8 + struct.pack(">IIII", at + 48, len(version), at + 56, len(text)) + version + text)


def notes(make):
    def note(name, kind, descriptor, step=4):
        padded = name + b"\0" * (-len(name) % 4)
        return struct.pack("<III", len(name), len(descriptor), kind) + padded + descriptor + b"\0" * (-len(descriptor) % step)

    features = struct.pack("<IIII", 0xc0000002, 4, 3, 0) + struct.pack("<IIII", 0xc0008002, 4, 5, 0)
    make.keep("notes", "usual", note(b"GNU\0", 1, struct.pack("<IIII", 0, 3, 2, 0)) + note(b"GNU\0", 3, bytes(20)) + note(b"Go\0", 4, b"build-id/x") +
              note(b"GNU\0", 5, features, 8))
    make.keep("notes", "huge-name", struct.pack("<III", 0xffffffff, 0, 1) + b"GNU\0")
    make.keep("notes", "huge-descriptor", struct.pack("<III", 4, 0xfffffff9, 1) + b"GNU\0")
    make.keep("notes", "property-too-long", note(b"GNU\0", 5, struct.pack("<II", 0xc0008002, 0xfffffff8)))


def machine_code(make):
    """Code of every architecture the target knows, behind its number and a function size: its first two bytes."""
    triples = {0: "i386-linux-gnu", 1: "x86_64-linux-gnu", 2: "arm-linux-gnueabihf", 3: "thumbv7-linux-gnueabihf", 4: "aarch64-linux-gnu", 6: "riscv64-linux-gnu",
               7: "powerpc-linux-gnu", 8: "powerpc64le-linux-gnu", 9: "mips-linux-gnu", 10: "mips64el-linux-gnuabi64", 11: "s390x-linux-gnu", 13: "sparcv9-linux-gnu"}
    for number, triple in triples.items():
        code = make.seed("disasm", triple, ["clang-19", f"--target={triple}", "-O1", "-c", "free.c", "-o", "code.o"],
                         ["llvm-objcopy-19", "-O", "binary", "-j", ".text", "code.o", "out"])
        if code:
            make.keep("disasm", triple, bytes([number, 32]) + code)
    wide = make.seed("disasm", "x86_64-v4", ["clang-19", "--target=x86_64-linux-gnu", "-O3", "-march=x86-64-v4", "-msha", "-maes", "-c", "vector.c", "-o", "code.o"],
                     ["llvm-objcopy-19", "-O", "binary", "-j", ".text", "code.o", "out"])
    if wide:
        make.keep("disasm", "x86_64-v4", bytes([1, 0]) + wide)
    probe = bytes.fromhex("31c00fa289c80f01d0f30f1ec885c07402c5f5fec1c3c3")
    make.keep("disasm", "probe-and-branch", bytes([1, 0]) + probe + b"\xff\x25" + bytes(4) + b"\xe8" + struct.pack("<i", -40) + b"\xe9" + struct.pack("<i", -5))


def core(make):
    """A core of one thread that died of SIGSEGV: NT_PRSTATUS, NT_PRPSINFO, NT_AUXV, NT_FILE and a page of memory."""

    def note(kind, descriptor, name=b"CORE\0"):
        return struct.pack("<III", len(name), len(descriptor), kind) + name + bytes(-len(name) % 4) + descriptor + bytes(-len(descriptor) % 4)

    status = struct.pack("<III", 11, 1, 0) + bytes(20) + struct.pack("<I", 4242) + bytes(336 - 36)
    process = bytes(24) + struct.pack("<IIII", 4242, 1, 1, 1) + b"seed".ljust(16, b"\0") + b"./seed --flag".ljust(80, b"\0")
    vector = struct.pack("<QQQQQQ", 9, 0x401000, 3, 0x400040, 0, 0)
    files = struct.pack("<QQQQQ", 1, 4096, 0x400000, 0x401000, 0) + b"/bin/seed\0"
    notes_ = note(1, status) + note(3, process) + note(6, vector) + note(0x46494c45, files)
    at = 64 + 2 * 56
    header = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    segments = struct.pack("<IIQQQQQQ", 4, 0, at, 0, 0, len(notes_), 0, 4) + struct.pack("<IIQQQQQQ", 1, 5, 4096, 0x400000, 0, 512, 4096, 4096)
    make.keep("elf", "amd64-core", (header + segments + notes_).ljust(4096, b"\0") + b"\x7fELF".ljust(512, b"\0"))


ALL = (core, archive_roots, profiles, go_build_info, notes, machine_code)
