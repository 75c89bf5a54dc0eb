#!/usr/bin/env python3
"""Makes the seed corpora of the fuzz targets: small real files of every kind, built with the tools of the machine.

usage: make_corpus.py [--output tests/fuzz/corpus]

The files are checked in, so that fuzzing and the replay tests need no cross compiler; this script says where they come from and makes
them again. It writes only the files it knows (`seed-...`): inputs that once broke a reader lie beside them under names of their own.
A seed whose tool is missing is named and skipped.
"""
import argparse
import gzip
import pathlib
import shutil
import subprocess
import sys
import tempfile

import written_seeds

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_BYTES = 40_000   # of one seed: libFuzzer is slow on large inputs

PROGRAM = """
__attribute__((weak)) int absent(void);
extern int printf(const char *, ...);
__thread int counter = 3;
int table[4] = {1, 2, 3, 4};
int shared(int x) { return table[x & 3] + counter; }
int main(int argc, char **argv) { printf("%s %d\\n", argv[0], shared(argc)); return absent ? absent() : 0; }
"""
FREE = """
int table[4] = {1, 2, 3, 4};
int shared(int x) { return table[x & 3]; }
void _start(void) { for (;;) table[0] = shared(table[1]); }
"""
LIBRARY = """
int old_entry(void) { return 1; }
int new_entry(void) { return 2; }
__asm__(".symver old_entry,entry@V1");
__asm__(".symver new_entry,entry@@V2");
"""
VERSIONS = "V1 { global: entry; local: *; };\nV2 { global: entry; } V1;\n"
WINDOWS = """
__declspec(dllimport) void __stdcall ExitProcess(unsigned);
__declspec(dllexport) int exported(int x) { return x + 1; }
void start(void) { ExitProcess((unsigned)exported(2)); }
"""
EXPORTS = "LIBRARY seed.dll\nEXPORTS\n  one\n  two DATA\n"
VECTOR = """
void add(float *a, const float *b, int n) { for (int i = 0; i < n; ++i) a[i] += b[i] * 3; }
int bits(const unsigned *a, int n) { int c = 0; for (int i = 0; i < n; ++i) c += __builtin_popcount(a[i]) + __builtin_ctz(a[i]); return c; }
"""
GO = "package main\n\nfunc main() { println(1) }\n"

SMALL = ["-Os", "-s", "-fno-asynchronous-unwind-tables", "-Wl,--build-id=sha1"]
PACKED = ["-Wl,-z,noseparate-code", "-Wl,-z,max-page-size=4096"]
ALONE = ["-nostdlib", "-ffreestanding", "-fno-stack-protector"]


class Maker:
    def __init__(self, work):
        self.work = work
        for name, text in {"program.c": PROGRAM, "free.c": FREE, "library.c": LIBRARY, "versions.map": VERSIONS, "windows.c": WINDOWS, "vector.c": VECTOR,
                           "main.go": GO, "seed.def": EXPORTS}.items():
            (work / name).write_text(text, encoding="utf-8")
        self.made, self.skipped = {}, []

    def run(self, *arguments, **more):
        return subprocess.run([str(argument) for argument in arguments], cwd=self.work, check=True, capture_output=True, **more).stdout

    def seed(self, folder, name, *commands, result="out"):
        """Runs the commands, each a list; the last leaves `result` behind, which becomes the seed."""
        missing = [command[0] for command in commands if not shutil.which(command[0])]
        if missing:
            self.skipped.append(f"{folder}/{name}: {missing[0]} is not installed")
            return None
        (self.work / result).unlink(missing_ok=True)
        try:
            for command in commands:
                self.run(*command)
        except subprocess.CalledProcessError as problem:
            self.skipped.append(f"{folder}/{name}: {' '.join(map(str, problem.cmd))}: {problem.stderr.decode(errors='replace').strip()[-300:]}")
            return None
        return self.keep(folder, name, (self.work / result).read_bytes())

    def keep(self, folder, name, data):
        if len(data) > MOST_BYTES:
            self.skipped.append(f"{folder}/{name}: {len(data)} bytes, more than {MOST_BYTES}")
            return None
        self.made[f"{folder}/seed-{name}"] = data
        return data


def elf(make):
    make.seed("elf", "amd64-dynamic", ["gcc", *SMALL, *PACKED, "program.c", "-o", "out"])
    make.seed("elf", "amd64-static-pie", ["gcc", *SMALL, *PACKED, *ALONE, "-static-pie", "free.c", "-o", "out"])
    make.seed("elf", "amd64-not-pie-hash", ["gcc", *SMALL, *PACKED, "-no-pie", "-Wl,--hash-style=sysv", "-Wl,-rpath,$ORIGIN/../lib", "program.c", "-o", "out"])
    make.seed("elf", "amd64-relr", ["gcc", *SMALL, *PACKED, "-Wl,-z,pack-relative-relocs", "-Wl,--enable-new-dtags,-rpath,/opt/lib", "program.c", "-o", "out"])
    make.seed("elf", "amd64-library-versions",
              ["gcc", *SMALL, *PACKED, *ALONE, "-shared", "-fPIC", "-Wl,-soname,libseed.so.1", "-Wl,--version-script=versions.map", "library.c", "-o", "out"])
    make.seed("elf", "amd64-object", ["gcc", "-Os", "-g1", "-c", "program.c", "-o", "out"])
    make.seed("elf", "amd64-compressed-debug", ["gcc", "-Os", "-g3", "-gz=zlib", "-c", "free.c", "-o", "out"])
    make.seed("elf", "amd64-isa-note", ["gcc", *SMALL, *PACKED, *ALONE, "-Wl,-z,x86-64-v3", "-mavx2", "-shared", "-fPIC", "library.c",
                                        "-Wl,--version-script=versions.map", "-o", "out"])
    make.seed("elf", "i386-library", ["gcc", "-m32", *SMALL, *PACKED, *ALONE, "-shared", "-fPIC", "free.c", "-o", "out"])
    make.seed("elf", "i386-static", ["gcc", "-m32", *SMALL, *PACKED, *ALONE, "-static", "-no-pie", "free.c", "-o", "out"])
    make.seed("elf", "arm64-dynamic", ["aarch64-linux-gnu-gcc", *SMALL, *PACKED, "program.c", "-o", "out"])
    make.seed("elf", "armhf-library", ["arm-linux-gnueabihf-gcc", *SMALL, *PACKED, *ALONE, "-shared", "-fPIC", "free.c", "-o", "out"])
    make.seed("elf", "riscv64-library", ["riscv64-linux-gnu-gcc", *SMALL, *PACKED, *ALONE, "-shared", "-fPIC", "free.c", "-o", "out"])
    make.seed("elf", "s390x-big-endian", ["clang-19", "--target=s390x-linux-gnu", "-Os", "-g1", "-c", "free.c", "-o", "out"])
    make.seed("elf", "powerpc-big-endian-32", ["clang-19", "--target=powerpc-linux-gnu", "-Os", "-c", "free.c", "-o", "out"])
    make.seed("elf", "musl-dynamic", ["musl-gcc", *SMALL, *PACKED, "program.c", "-o", "out"])
    # The parts of a Go program that say what it was built from; the whole is a megabyte and more.
    make.seed("elf", "go-buildinfo", ["go", "build", "-o", "program", "main.go"],
              ["objcopy", "-j", ".go.buildinfo", "-j", ".note.go.buildid", "program", "out"])
    dynamic = make.made.get("elf/seed-amd64-dynamic")
    if dynamic:
        make.keep("elf", "truncated-in-segment", dynamic[: len(dynamic) // 2])
        make.keep("elf", "header-only", dynamic[:64])


def pe(make):
    compile_ = ["x86_64-w64-mingw32-gcc", "-Os", "-s", *ALONE, "windows.c", "-lkernel32"]
    make.seed("pe", "amd64-console", [*compile_, "-Wl,-e,start", "-o", "out.exe"], result="out.exe")
    make.seed("pe", "amd64-library", [*compile_, "-shared", "-Wl,-e,0", "-o", "out.dll"], result="out.dll")
    make.seed("pe", "amd64-object", ["x86_64-w64-mingw32-gcc", "-Os", "-c", "windows.c", "-o", "out"])
    for arch, target in (("i386", "i686-windows-gnu"), ("arm64", "aarch64-windows-gnu")):
        machine = {"i386": "i386pe", "arm64": "arm64pe"}[arch]
        make.seed("pe", f"{arch}-library", ["clang-19", f"--target={target}", "-Os", "-c", "free.c", "-o", "free.obj"],
                  ["ld.lld-19", "-m", machine, "--shared", "-e", "shared", "--export-all-symbols", "free.obj", "-o", "out.dll"], result="out.dll")
    console = make.made.get("pe/seed-amd64-console")
    if console:
        make.keep("pe", "truncated", console[: len(console) // 2])
        make.keep("pe", "stub-only", console[:64])


def macho(make):
    for arch in ("arm64", "x86_64"):
        target = f"{arch}-apple-macos13.0"
        make.seed("macho", f"{arch}-object", ["clang-19", f"--target={target}", "-Os", "-g1", "-c", "free.c", "-o", f"{arch}.o"], result=f"{arch}.o")
        make.seed("macho", f"{arch}-library",
                  ["clang-19", f"--target={target}", "-Os", "-c", "free.c", "-o", f"{arch}.o"],
                  ["ld64.lld-19", "-arch", arch, "-platform_version", "macos", "13.0", "13.0", "-dylib", "-undefined", "dynamic_lookup",
                   "-install_name", "@rpath/libseed.dylib", "-rpath", "@loader_path/../lib", f"{arch}.o", "-o", f"{arch}.dylib"],
                  result=f"{arch}.dylib")
    if all(f"macho/seed-{arch}-library" in make.made for arch in ("arm64", "x86_64")):
        make.seed("macho", "fat-objects", ["clang-19", "--target=arm64-apple-macos13.0", "-Os", "-c", "free.c", "-o", "a.o"],
                  ["clang-19", "--target=x86_64-apple-macos13.0", "-Os", "-c", "free.c", "-o", "x.o"],
                  ["llvm-lipo-19", "-create", "a.o", "x.o", "-output", "out"])


def containers(make):
    object_ = ["gcc", "-Os", "-c", "free.c", "-o", "a_member_with_a_long_name.o"]
    make.seed("archive", "static", object_, ["ar", "qcDS", "out", "a_member_with_a_long_name.o"])
    make.seed("archive", "static-with-index", object_, ["ar", "qcDs", "out", "a_member_with_a_long_name.o"])
    make.seed("archive", "thin", object_, ["ar", "qcDT", "out", "a_member_with_a_long_name.o"])
    make.seed("archive", "windows-import", ["llvm-dlltool-19", "-m", "i386:x86-64", "-d", "seed.def", "-l", "out"])


def others(make):
    make.seed("other", "bitcode", ["clang-19", "-Os", "-emit-llvm", "-c", "free.c", "-o", "out"])
    make.seed("other", "wasm", ["clang-19", "--target=wasm32", "-Os", "-c", "free.c", "-o", "out"])
    make.keep("other", "script", b"#!/usr/bin/env python3\nprint('hello')\n")
    make.keep("other", "script-carriage-return", b"#!/bin/sh\r\necho hello\r\n")
    make.keep("other", "text", "plain text, a little longer than an ELF header: Gr\u00fc\u00dfe\n".encode() * 3)
    make.keep("other", "gzip", gzip.compress(FREE.encode(), mtime=0))
    make.keep("other", "one-byte", b"\x7f")


def loader_cache(make):
    """A cache as ldconfig writes it for a root folder of two libraries."""
    root = make.work / "root"
    for folder in ("etc", "lib", "usr/lib/glibc-hwcaps/x86-64-v3"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "etc/ld.so.conf").write_text("/lib\n/usr/lib\n", encoding="utf-8")
    build = ["gcc", *SMALL, *PACKED, *ALONE, "-shared", "-fPIC", "library.c", "-Wl,--version-script=versions.map"]
    ldconfig = shutil.which("ldconfig") or "/sbin/ldconfig"
    for extra, name in (([], "cache"), (["-c", "compat"], "cache-compat")):
        make.seed("ld_so_cache", name, [*build, "-Wl,-soname,libone.so.1", "-o", "root/lib/libone.so.1"],
                  [*build, "-Wl,-soname,libtwo.so.10", "-o", "root/usr/lib/libtwo.so.10"],
                  [*build, "-Wl,-soname,libtwo.so.10", "-o", "root/usr/lib/glibc-hwcaps/x86-64-v3/libtwo.so.10"],
                  [ldconfig, "-r", "root", *extra], result="root/etc/ld.so.cache")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "tests" / "fuzz" / "corpus")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="abiscope-corpus-") as folder:
        make = Maker(pathlib.Path(folder))
        for part in (elf, pe, macho, containers, others, loader_cache, *written_seeds.ALL):
            part(make)
    for name, data in make.made.items():
        path = options.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for reason in make.skipped:
        print(f"SKIPPED {reason}")
    print(f"{len(make.made)} seeds, {sum(map(len, make.made.values()))} bytes; {len(make.skipped)} skipped")
    return 1 if make.skipped else 0


if __name__ == "__main__":
    sys.exit(main())
