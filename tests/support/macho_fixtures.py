"""Compiles and links real Mach-O files with the tools of LLVM 19 and Go, without Apple's SDK: a stub (.tbd) stands for libSystem.

    for fixture in macho_fixtures.build(suite, folder): ...     # pathlib.Path of each file made

A family of files whose tools are missing is left out with a loud skip.
"""
import os
import pathlib

import debian_package
import differential

TBD = """--- !tapi-tbd
tbd-version: 4
targets: [ x86_64-macos, arm64-macos, arm64e-macos, i386-macos ]
install-name: '/usr/lib/libSystem.B.dylib'
current-version: 1311
compatibility-version: 1
exports:
  - targets: [ x86_64-macos, arm64-macos, arm64e-macos, i386-macos ]
    symbols: [ dyld_stub_binder, _printf, ___stack_chk_fail, ___stack_chk_guard, ___memcpy_chk, __tlv_bootstrap ]
...
"""

MAIN = """
extern int printf(const char*, ...);
extern int answer(void);
extern int maybe(void) __attribute__((weak_import));
extern int shared_value;
int *pointer = &shared_value;
int *past = &shared_value + 3;
static int local;
int *plocal = &local;
__attribute__((weak)) int coalesced(void) { return 1; }
int (*pc)(void) = coalesced;
_Thread_local int tls = 3;
struct packed { char c; int *p; } __attribute__((packed));
int big[5000] = {1};
int main(void) { char b[64]; printf("%d %p %p\\n", answer() + tls, b, &big); return maybe ? maybe() : coalesced(); }
"""

LIBRARY = """
int shared_value = 7;
int answer(void) { return 42; }
int answer_again(void) { return 43; }
int maybe(void) { return 3; }
int common_value;
__attribute__((weak)) int coalesced(void) { return 2; }
__attribute__((visibility("hidden"))) int hidden(void) { return 4; }
_Thread_local int tls_export = 1;
"""

PLAIN = """
int table[4] = {1, 2, 3, 4};
static int zero[100];
extern int missing(int);
int *to = &table[2];
long distance = 0;
int call(int n) { switch (n) { case 0: return 9; case 1: return 7; case 2: return 12; case 3: return missing(3);
  case 4: return zero[n]; case 5: return 33; } return missing(n) + table[n & 3]; }
"""

ASSEMBLY = """
.linker_option "-framework", "Foundation"
.linker_option "-lz"
.section __RESTRICT,__restrict
.long 0
.text
.globl _start
_start: ret
.globl _indirect
.data
.globl _absolute
_absolute = 0x1234
_where: .quad _start
.data_region jt32
.long 0
.end_data_region
"""

GO = """package main

func main() { println("hello") }
"""


class Builder:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.made = []
        for name, text in {"libSystem.tbd": TBD, "main.c": MAIN, "lib.c": LIBRARY, "plain.c": PLAIN, "extra.s": ASSEMBLY}.items():
            (self.folder / name).write_text(text)

    def run(self, *arguments, env=None):
        outcome = differential.run(arguments, seconds=300, cwd=self.folder, env=env)
        if outcome.code != 0:
            raise differential.Failure(f"{' '.join(map(str, arguments))}\n{outcome.err}")

    def keep(self, name):
        self.made.append(self.folder / name)
        return name

    def compile(self, target, source, name, *options):
        self.run("clang-19", f"--target={target}", "-ffreestanding", *options, "-c", source, "-o", name)
        return self.keep(name)

    def link(self, arch, version, name, *arguments):
        self.run("ld64.lld-19", "-arch", arch, "-platform_version", "macos", version, version, *arguments, "-o", name)
        return self.keep(name)


def objects(builder):
    for arch in ("x86_64", "arm64"):
        builder.compile(f"{arch}-apple-macos11", "main.c", f"main_{arch}.o", "-O1", "-fstack-protector-all")
        builder.compile(f"{arch}-apple-macos11", "lib.c", f"lib_{arch}.o", "-g")
        builder.compile(f"{arch}-apple-macos11", "plain.c", f"plain_{arch}.o", "-O2")
        builder.compile(f"{arch}-apple-macos11", "extra.s", f"extra_{arch}.o")
    builder.compile("x86_64-apple-ios13-simulator", "plain.c", "plain_simulator.o", "-O2")
    builder.compile("i386-apple-macosx10.6", "plain.c", "plain_i386.o", "-O1", "-mdynamic-no-pic")
    builder.compile("armv7-apple-ios6", "plain.c", "plain_armv7.o", "-O1")
    builder.compile("arm64e-apple-macos11", "plain.c", "plain_arm64e.o", "-O1")
    builder.compile("x86_64h-apple-macos11", "plain.c", "plain_x86_64h.o", "-O1")


def linked(builder):
    for arch in ("x86_64", "arm64"):
        library = builder.link(arch, "11.0", f"libanswer_{arch}.dylib", "-dylib", "-install_name", f"@loader_path/libanswer_{arch}.dylib",
                               "-current_version", "1.2.3", "-compatibility_version", "1.0", f"lib_{arch}.o", "libSystem.tbd")
        reexport = builder.link(arch, "11.0", f"libreexport_{arch}.dylib", "-dylib", "-install_name", "@rpath/libreexport.dylib",
                                f"plain_{arch}.o", "-undefined", "dynamic_lookup", "-reexport_library", library, "libSystem.tbd")
        builder.link(arch, "11.0", f"opcodes_{arch}", f"main_{arch}.o", library, "libSystem.tbd", "-no_fixup_chains",
                     "-rpath", "@loader_path", "-rpath", "@executable_path/../lib")
        builder.link(arch, "13.0", f"chained_{arch}", f"main_{arch}.o", library, "libSystem.tbd", "-fixup_chains", "-rpath", "@loader_path")
        builder.link(arch, "11.0", f"weak_{arch}", f"main_{arch}.o", "-weak_library", library, "libSystem.tbd", "-fixup_chains")
        builder.link(arch, "11.0", f"through_{arch}", f"main_{arch}.o", reexport, "libSystem.tbd", "-dead_strip", "-no_uuid")
        builder.link(arch, "11.0", f"flat_{arch}.bundle", "-bundle", f"main_{arch}.o", "-flat_namespace", "-undefined", "suppress",
                     "libSystem.tbd")
        builder.link(arch, "11.0", f"unsigned_{arch}", f"main_{arch}.o", library, "libSystem.tbd", "-no_adhoc_codesign", "-no_pie")
    builder.link("x86_64", "10.9", "old_x86_64", "main_x86_64.o", "libanswer_x86_64.dylib", "libSystem.tbd")
    builder.link("arm64", "11.0", "relative_arm64", "main_arm64.o", "libanswer_arm64.dylib", "libSystem.tbd",
                 "-upward_library", "libreexport_arm64.dylib")


def fat(builder):
    builder.run("llvm-lipo-19", "-create", "libanswer_x86_64.dylib", "libanswer_arm64.dylib", "-output", builder.keep("fat.dylib"))
    builder.run("llvm-lipo-19", "-create", "-fat64", "opcodes_x86_64", "chained_arm64", "-output", builder.keep("fat64"))
    builder.run("llvm-lipo-19", "-create", "plain_i386.o", "plain_armv7.o", "plain_x86_64h.o", "plain_arm64e.o", "-output",
                builder.keep("fat.o"))


def go(builder):
    (builder.folder / "hello.go").write_text(GO)
    for arch in ("amd64", "arm64"):
        env = {**os.environ, "GOOS": "darwin", "GOARCH": arch, "CGO_ENABLED": "0", "GO111MODULE": "off", "GOCACHE": debian_package.go_cache()}
        builder.run("go", "build", "-o", f"go_{arch}", "hello.go", env=env)
        builder.keep(f"go_{arch}")


def build(suite, folder):
    builder = Builder(folder)
    for name, needs, make in (("objects", ["clang-19"], objects), ("linked", ["clang-19", "ld64.lld-19"], linked),
                              ("fat", ["clang-19", "ld64.lld-19", "llvm-lipo-19"], fat), ("go", ["go"], go)):
        with suite.case(f"build {name}"):
            suite.need(*needs)
            make(builder)
    return builder.made
