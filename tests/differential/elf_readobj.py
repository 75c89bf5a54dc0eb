#!/usr/bin/env python3
"""abiscope's ELF reader against llvm-readobj, number by number: header, segments, sections, dynamic entries, symbols with their versions,
version records, dynamic relocations and notes. On a sample of this machine's files (with --all on every one), members of archives among them,
and on files that compilers for other machines, both byte orders and both word sizes, make here."""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import sys

import debian_package
import differential

READOBJ = "llvm-readobj-19"
TABLES = ["--file-headers", "--program-headers", "--sections", "--symbols", "--dyn-syms", "--dynamic-table", "--version-info", "--notes"]
# llvm-readobj 19 prints these two parts outside its JSON.
PREDECESSORS = re.compile(r'Predecessors: \[(.*?)\]\n')
RELOCATION = re.compile(r'"Relocation":\{"Offset":(\d+),"Type":\{"Name":"([^"]*)","Value":(\d+)\},"Symbol":\{"Name":"(?:[^"\\]|\\.)*","Value":(\d+)\}(?:,"Addend":(-?\d+))?\}')

# How many of /usr/bin and /usr/sbin, and of each sort below /usr/lib, unless --all.
PROGRAMS = 40
SAMPLE = {".so": 16, ".o": 8, ".a": 4, "": 8}
LARGEST = 4_000_000           # bytes; of a file in a sample
MOST_MEMBERS = 40             # of an archive

LIBRARY_C = """
__attribute__((visibility("default"))) __thread int counter = 42; extern __thread int elsewhere; extern int object; static int *pointer = &object;
int old_sum(int a) { return a; } int new_sum(int a) { return a + counter + elsewhere + *pointer; }
__attribute__((weak)) int maybe(void); int outside(int); int use(void) { return maybe ? maybe() : outside(1); }
"""
VERSIONED_C = LIBRARY_C + '__asm__(".symver old_sum,sum@V1"); __asm__(".symver new_sum,sum@@V2");\n'
VERSIONS = "V1 { global: sum; counter; }; V2 { global: use; } V1;\n"
PROGRAM_C = "#include <stdio.h>\nint main(int count, char **words) { return printf(\"%d %s\\n\", count, words[0]) < 0; }\n"
GO = 'package main\n\nfunc main() { println("hello") }\n'

GCC = {"aarch64": "aarch64-linux-gnu-gcc", "armhf": "arm-linux-gnueabihf-gcc", "riscv64": "riscv64-linux-gnu-gcc", "amd64": "gcc"}
# lld links these; the machines it does not know are read as object files.
LLD = ("x86_64-linux-gnu", "i386-linux-gnu", "aarch64-linux-gnu", "aarch64_be-linux-gnu", "armv7-linux-gnueabihf", "armebv7-linux-gnueabihf",
       "riscv64-linux-gnu", "riscv32-linux-gnu", "powerpc64-linux-gnu", "powerpc64le-linux-gnu", "powerpc-linux-gnu", "mips-linux-gnu",
       "mipsel-linux-gnu", "mips64-linux-gnuabi64", "mips64el-linux-gnuabi64", "s390x-linux-gnu", "loongarch64-linux-gnu")
OBJECTS = ("sparcv9-linux-gnu", "sparc-linux-gnu", "hexagon-linux-gnu", "lanai", "bpfel", "bpfeb", "msp430", "avr")


DT_PLTRELSZ, DT_RELA, DT_RELASZ, DT_JMPREL = 2, 7, 8, 23


class Builder:
    def __init__(self, suite):
        self.suite = suite
        self.folder = suite.work / "built"
        self.folder.mkdir()

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return name

    def run(self, program, *arguments, **environment):
        self.suite.need(program)
        done = differential.run([program, *arguments], cwd=self.folder, env=differential.clean_environment(**environment), seconds=300)
        if done.code != 0:
            raise differential.Failure(f"{program} {' '.join(map(str, arguments))}: {done.err}")


def gcc_program(machine, *options):
    return lambda build, name: build.run(GCC[machine], *options, build.write("program.c", PROGRAM_C), "-o", name)


def gcc_library(machine, *options):
    def make(build, name):
        build.write("versions.map", VERSIONS)
        build.run(GCC[machine], "-shared", "-fPIC", *options, "-Wl,--version-script=versions.map", build.write("versioned.c", VERSIONED_C), "-o", name)
    return make


def lld_library(target, *options):
    def make(build, name):
        build.run("clang-19", f"--target={target}", "-O1", "-fPIC", "-c", build.write("library.c", LIBRARY_C), "-o", name + ".o")
        build.run("ld.lld-19", "-shared", name + ".o", "-soname=library", "-rpath=$ORIGIN", "--build-id", *options, "-o", name)
    return make


def clang_object(target, *options):
    return lambda build, name: build.run("clang-19", f"--target={target}", "-O1", *options, "-c", build.write("plain.c", "int a = 1; int f(int *p) { return *p + a; }\n"), "-o", name)


def many_sections(build, name):
    """More sections than a 16-bit count holds, so that the escapes of gABI e_shnum, e_shstrndx and st_shndx are used."""
    source = "".join(f'__attribute__((section(".s{i}"))) int v{i} = {i};\n' for i in range(0xff20))
    build.run("clang-19", "-c", build.write("many.c", source), "-o", name)


def go_program(arch, *options):
    def make(build, name):
        build.run("go", "build", *options, "-o", name, build.write("hello.go", GO), GOOS="linux", GOARCH=arch, GO111MODULE="off",
                  CGO_ENABLED="0", GOCACHE=debian_package.go_cache())
    return make


BUILT = {
    **{f"gcc-{machine}": gcc_program(machine) for machine in GCC},
    **{f"gcc-static-{machine}": gcc_program(machine, "-static") for machine in GCC},
    **{f"gcc-{machine}.so": gcc_library(machine) for machine in GCC},
    "gcc-i386": gcc_program("amd64", "-m32"),
    "gcc-i386.so": gcc_library("amd64", "-m32"),
    "gcc-static-pie": gcc_program("amd64", "-static-pie"),
    "gcc-no-pie": gcc_program("amd64", "-no-pie", "-Wl,-z,norelro", "-Wl,--hash-style=sysv"),
    "gcc-stripped": gcc_program("amd64", "-s", "-Wl,--build-id=none"),
    "gcc-compressed": gcc_program("amd64", "-g", "-gz"),
    "gcc-both-hashes.so": gcc_library("amd64", "-Wl,--hash-style=both", "-Wl,--rpath=/opt/a:/opt/b", "-Wl,--disable-new-dtags"),
    **{f"lld-{target}.so": lld_library(target) for target in LLD},
    "lld-relr.so": lld_library("x86_64-linux-gnu", "--pack-dyn-relocs=relr", "--hash-style=sysv"),
    "lld-relr-i386.so": lld_library("i386-linux-gnu", "--pack-dyn-relocs=relr"),
    "lld-no-sections.so": lld_library("x86_64-linux-gnu", "--strip-all", "-z", "nosectionheader"),
    **{f"clang-{target}.o": clang_object(target) for target in OBJECTS},
    "clang-debug.o": clang_object("x86_64-linux-gnu", "-g", "-ffunction-sections", "-gz=zstd"),
    "many-sections.o": many_sections,
    **{f"go-{arch}": go_program(arch) for arch in ("amd64", "386", "arm64", "arm", "ppc64", "ppc64le", "s390x", "mips", "mips64le", "riscv64")},
    "go-pie": go_program("amd64", "-buildmode=pie"),
}


def has_elf_member(file):
    """Whether an archive, read up to the end of its magic, holds ELF files; MinGW's hold COFF."""
    while len(header := file.read(60)) == 60:
        size = int(header[48:58] or 0)
        if not header.startswith((b"/ ", b"// ", b"/SYM64/ ")):
            return file.read(4) == b"\x7fELF"
        file.seek(size + size % 2, os.SEEK_CUR)
    return False


def kind_of(path):
    """The key of SAMPLE for an ELF file or archive of such; nothing for others."""
    try:
        with open(path, "rb") as file:
            magic = file.read(8)
            if magic == b"!<arch>\n":
                return ".a" if has_elf_member(file) else None
    except OSError:
        return None
    if magic[:4] != b"\x7fELF":
        return None
    return ".so" if ".so" in path.name else ".o" if path.suffix == ".o" else ""


def files_below(folder):
    for place, _, names in os.walk(folder):
        for name in names:
            path = pathlib.Path(place, name)
            if path.is_file() and not path.is_symlink() and (kind := kind_of(path)) is not None:
                yield path, kind


def files_of_the_machine(suite):
    groups = {"program": [path for folder in ("/usr/bin", "/usr/sbin") for path, _ in sorted(files_below(folder))]}
    for path, kind in sorted(files_below("/usr/lib")):
        groups.setdefault(kind, []).append(path)
    if suite.options.all:
        return [path for paths in groups.values() for path in paths]
    chosen = []
    for kind, paths in groups.items():
        small = [path for path in paths if path.stat().st_size <= LARGEST]
        chosen += suite.random.sample(small, min(len(small), SAMPLE.get(kind, PROGRAMS)))
    return chosen


def flat(value):
    """llvm-readobj wraps every record into an object with one key, and most numbers into {Name, Value}."""
    return next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else value


def numbers(record, *names):
    return [value["Value"] if isinstance(value := record[name], dict) else value for name in names]


def wrapped_count(text):
    """An integer, or `0 (70000)` where the header's own field is an escape."""
    return [int(part) for part in re.findall(r"\d+", str(text))][-1]


class Comparison:
    def __init__(self, suite, theirs, relocations, ours):
        self.suite, self.theirs, self.relocations_text, self.ours = suite, theirs, relocations, ours

    def equal(self, what, wanted, got):
        if wanted == got:
            return
        if isinstance(wanted, list) and isinstance(got, list):
            self.suite.equal(f"number of {what}", len(wanted), len(got), f"last: {wanted[-1:]} {got[-1:]}")
            for index, (one, other) in enumerate(zip(wanted, got)):
                self.suite.equal(f"{what} {index}", one, other)
        self.suite.equal(what, wanted, got)

    def header(self):
        theirs, ours = self.theirs["ElfHeader"], self.ours["header"]
        ident = theirs["Ident"]
        self.equal("e_ident", [*ident["Magic"]["Bytes"], *numbers(ident, "Class", "DataEncoding", "FileVersion", "OS/ABI", "ABIVersion"),
                               *ident["Unused"]["Bytes"]], ours["ident"])
        self.equal("e_type", int(re.search(r"\(0x([0-9A-F]+)\)", theirs["Type"])[1], 16), ours["type"])
        self.equal("header", numbers(theirs, "Machine", "Version", "Entry", "ProgramHeaderOffset", "SectionHeaderOffset", "Flags", "HeaderSize",
                                     "ProgramHeaderEntrySize", "SectionHeaderEntrySize"),
                   [ours[name] for name in ("machine", "version", "entry", "phoff", "shoff", "flags", "ehsize", "phentsize", "shentsize")])
        self.equal("number of program headers", wrapped_count(theirs["ProgramHeaderCount"]), len(self.ours["segments"]))
        self.equal("section count", wrapped_count(theirs["SectionHeaderCount"]), ours["sections"])
        self.equal("string section", wrapped_count(theirs["StringTableSectionIndex"]), ours["strings"])

    def segments(self):
        wanted = [numbers(flat(one), "Type", "Flags", "Offset", "VirtualAddress", "PhysicalAddress", "FileSize", "MemSize", "Alignment")
                  for one in self.theirs.get("ProgramHeaders", [])]
        self.equal("segments", wanted, self.ours["segments"])

    def sections(self):
        wanted = [[flat(one)["Name"]["Name"], flat(one)["Name"]["Value"],
                   *numbers(flat(one), "Type", "Flags", "Address", "Offset", "Size", "Link", "Info", "AddressAlignment", "EntrySize")]
                  for one in self.theirs.get("Sections", [])]
        self.equal("sections", wanted, self.ours["sections"])

    def dynamic(self):
        theirs, ours = self.theirs.get("DynamicSection", []), self.ours["dynamic"]
        kept = []
        for one in theirs:
            if one["Tag"] == 0:
                break
            kept.append(one)
        ours = ours or {"entries": [], "needed": []}
        self.equal("dynamic entries", [[one["Tag"], one["Value"]] for one in kept], ours["entries"])
        self.equal("needed libraries", [one["Library"] for one in kept if one["Tag"] == 1], ours["needed"])
        for tag, name in ((14, "soname"), (15, "rpath"), (29, "runpath")):
            texts = [one.get("Name") or ":".join(one.get("Path", [])) for one in kept if one["Tag"] == tag]
            if texts:
                self.equal(name, texts[-1], ours.get(name))

    def symbol_name(self, theirs, section_symbol, fallback):
        # A section's own symbol has no name; llvm-readobj lends it the section's.
        return fallback if section_symbol and fallback == "" else theirs

    def symbols(self, theirs, ours, versions):
        wanted, got = [], []
        for one, mine in zip(theirs, ours):
            one = flat(one)
            other = one["Other"]["Value"] if isinstance(one["Other"], dict) else one["Other"]
            section = one["Section"]["Value"]
            shown = mine[0] + (mine[7] if versions else "")
            info = one["Binding"]["Value"] << 4 | one["Type"]["Value"]
            name = self.symbol_name(one["Name"]["Name"], info & 15 == 3, shown)
            wanted.append([name, one["Value"], one["Size"], section, info, other])
            # SHN_XINDEX: llvm-readobj looks the index up in SHT_SYMTAB_SHNDX.
            got.append([shown, *mine[1:3], section if mine[3] == 0xffff and section >= 0xff00 else mine[3], *mine[4:6]])
        return wanted, got

    def all_symbols(self):
        for what, theirs, ours, versions in (("symbols", self.theirs.get("Symbols", []), self.ours["symbols"], False),
                                             ("dynamic symbols", self.theirs.get("DynamicSymbols", []), self.ours["dynamic_symbols"], True)):
            self.equal(f"number of {what}", len(theirs), len(ours))
            wanted, got = self.symbols(theirs, ours, versions)
            self.equal(what, wanted, got)
        versyms = [flat(one)["Version"] for one in self.theirs.get("VersionSymbols", [])]
        if versyms:
            # The hidden bit is printed as part of the name (@ or @@), which is compared above.
            self.equal("symbol versions", versyms, [one[6] & 0x7fff for one in self.ours["dynamic_symbols"]])

    def versions(self):
        wanted = [[one["FileName"], one["Version"], [[entry["Name"], *numbers(entry, "Hash", "Flags", "Index")] for entry in map(flat, one["Entries"])]]
                  for one in map(flat, self.theirs.get("VersionRequirements", []))]
        self.equal("version needs", wanted, self.ours["versions"]["needs"])
        wanted = [[one["Name"], one["Predecessors"], *numbers(one, "Hash", "Version", "Flags", "Index")]
                  for one in map(flat, self.theirs.get("VersionDefinitions", []))]
        self.equal("version definitions", wanted, self.ours["versions"]["definitions"])
        self.equal("version records are whole", True, self.ours["versions"]["whole"])

    def relocations(self):
        # Of the three types that 64-bit MIPS packs into one, the name says all.
        theirs = [[int(offset), name.split("/")[0], int(kind), int(symbol), int(addend or 0)] for offset, name, kind, symbol, addend in RELOCATION.findall(self.relocations_text)]
        ours = self.ours["relocations"]
        tags = dict(map(tuple, (self.ours["dynamic"] or {"entries": []})["entries"]))
        start, size, records, length = (tags.get(tag, 0) for tag in (DT_RELA, DT_RELASZ, DT_JMPREL, DT_PLTRELSZ))
        if length and start <= records < start + size:   # some linkers count the PLT's among the others; llvm-readobj prints them twice
            theirs = theirs[:len(theirs) - length // (12 if self.ours["header"]["ident"][4] == 1 else 24)]
        # llvm-readobj prints what DT_RELR stands for as relative relocations, among the others.
        relr = self.ours["relr"]
        self.equal("number of relocations", len(theirs), len(ours) + relr)
        left = collections.Counter(map(tuple, theirs))
        left.subtract(map(tuple, ours))
        self.equal("relocations", [], sorted(one for one, count in left.items() if count < 0))
        extra = sorted(one for one, count in left.items() if count > 0)
        self.equal("relocations without DT_RELR", relr, sum(left[one] for one in extra))
        self.equal("kinds of DT_RELR", 1 if relr else 0, len({one[1] for one in extra}))

    def notes(self):
        sections = {section[0]: section for section in self.ours["sections"]}
        wanted = set()
        for part in map(flat, self.theirs.get("NoteSections", [])):
            if self.ours["segments"] and part["Name"] in sections and not sections[part["Name"]][3] & 2:
                continue   # not loaded, so in no segment
            for note in part["Notes"]:
                wanted.add((note["Owner"].rstrip("\0"), note["Data size"], note.get("Build ID", "")))
        got = {(owner, size, data if owner == "GNU" and kind == 3 else "") for owner, kind, size, _, data, _ in self.ours["notes"]}
        self.equal("notes", sorted(wanted), sorted(got))

    def everything(self):
        self.header()
        self.segments()
        self.sections()
        self.dynamic()
        self.all_symbols()
        self.versions()
        self.relocations()
        self.notes()
        self.equal("findings on a file that a linker wrote", [], self.ours["findings"])


def read_json(text):
    return json.loads(PREDECESSORS.sub(lambda match: ',"Predecessors":' + json.dumps(match[1].split(", ") if match[1] else []), text))


def ask_both(path):
    """What the two sides say of a file: pairs of llvm-readobj's record and its relocations, lines of elf_dump."""
    tables = differential.run([READOBJ, "--elf-output-style=JSON", *TABLES, path], seconds=300)
    relocations = differential.run([READOBJ, "--elf-output-style=JSON", "--dyn-relocations", path], seconds=300) if kind_of(path) != ".a" else None
    ours = differential.run([differential.dump_program("elf_dump"), path], seconds=300)
    return tables, relocations, ours


def compare(suite, path, answers):
    tables, relocations, ours = answers
    suite.equal("exit code of elf_dump", 0, ours.code, ours.err)
    theirs = read_json(tables.out)
    mine = [json.loads(line) for line in ours.out.splitlines()]
    if kind_of(path) == ".a":
        # Members that are no ELF files (Rust's metadata, LLVM's bitcode) are in neither list of ELF files.
        mine = [one for one in mine if "error" not in one]
    suite.equal("number of ELF files", len(theirs), len(mine), tables.err)
    for record, one in list(zip(theirs, mine))[:MOST_MEMBERS]:
        if "error" in one:
            raise differential.Failure(one["error"])
        try:
            Comparison(suite, record, relocations.out if relocations else "", one).everything()
        except differential.Failure as failure:
            raise differential.Failure(f"{record['FileSummary']['File']}: {failure}") from None


def machine_cases(suite):
    paths = [path for path in files_of_the_machine(suite) if suite.wanted(str(path))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(paths), 64):   # so that what is printed is not all held at once
            some = paths[start:start + 64]
            for path, answers in zip(some, pool.map(ask_both, some)):
                with suite.case(str(path)):
                    compare(suite, path, answers)


def main():
    suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--all", action="store_true", help="every file instead of a sample"))
    build = Builder(suite)
    for name, make in BUILT.items():
        if suite.wanted(name):
            with suite.case(name):
                suite.need(READOBJ)
                make(build, name)
                compare(suite, build.folder / name, ask_both(build.folder / name))
    if differential.shutil.which(READOBJ):
        machine_cases(suite)
    sys.exit(suite.finish())


main()
