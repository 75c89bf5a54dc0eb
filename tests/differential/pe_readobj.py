#!/usr/bin/env python3
"""abiscope's PE reader against llvm-readobj, field by field: programs and DLLs that mingw, lld and Go build here, object files, and every
PE file of the machine. What llvm-readobj does not read (checksum, version strings, manifest) is compared with what went in."""
import pathlib
import re
import sys

import debian_package
import differential
import readobj

READOBJ = "llvm-readobj-19"
GCC = "x86_64-w64-mingw32-gcc"
DLLTOOL = "x86_64-w64-mingw32-dlltool"
WINDRES = "x86_64-w64-mingw32-windres"
CLANG = "clang-19"
LINK = "lld-link-19"

PROGRAM_C = "__thread int counter = 42; int unused_function_with_a_long_name(void) { return counter; } int main(void) { return counter; }\n"
LIBRARY_C = "int add(int a, int b) { return a + b; } int sub(int a, int b) { return a - b; } int item = 3; int nameless(void) { return 5; }\n"
LIBRARY_DEF = """LIBRARY library.dll
EXPORTS
  add @10
  sub
  nameless @20 NONAME
  alias = add
  forwarded = KERNEL32.Sleep
  item DATA
"""
CALLER_C = "int add(int, int); int main(void) { return add(1, 2); }\n"
RESOURCE_RC = """#include <winver.h>
1 VERSIONINFO
FILEVERSION 1,2,3,4
PRODUCTVERSION 5,6,7,8
BEGIN
 BLOCK "StringFileInfo"
 BEGIN
  BLOCK "040904b0"
  BEGIN
   VALUE "ProductName", "abi scope\\0"
   VALUE "LegalCopyright", "odd\\0"
  END
 END
 BLOCK "VarFileInfo"
 BEGIN
  VALUE "Translation", 0x409, 1200
 END
END
1 24 "app.manifest"
named RCDATA "app.manifest"
STRINGTABLE
BEGIN
 1 "hello"
END
"""
MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0"><trustInfo><security><requestedPrivileges>
<requestedExecutionLevel level="requireAdministrator" uiAccess="false"/></requestedPrivileges></security></trustInfo>
<compatibility><application><supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/></application></compatibility></assembly>
"""
# A load configuration written out, because there is no Microsoft C runtime to bring one.
GUARDED_C = """
typedef unsigned long long u64; typedef unsigned u32; typedef unsigned short u16;
extern char __guard_fids_table[], __guard_fids_count[], __guard_flags[];
int outside(int); typedef int (*function)(int);
static int twice(int x) { return x * 2; }
int thrice(int x) { return x * 3; }
function volatile table[2] = {twice, thrice};
int start(void) { return table[0](3) + table[1](4) + outside(1); }
static void check(void) {}
void *__guard_check_icall_fptr = check; void *__guard_dispatch_icall_fptr = check;
u64 cookie = 0x2b992ddfa232;
const struct { u32 size, time; u16 major, minor; u32 a, b, c; u64 d[6]; u32 heap; u16 csd, dependent; u64 edit; void *cookie, *seh; u64 handlers;
    void *check, *dispatch, *functions, *count; u32 flags; u32 rest[16]; }
    _load_config_used = {.size = sizeof _load_config_used, .dependent = 0x800, .cookie = &cookie, .check = &__guard_check_icall_fptr,
    .dispatch = &__guard_dispatch_icall_fptr, .functions = __guard_fids_table, .count = __guard_fids_count, .flags = 0x500};
void *__delayLoadHelper2(void *a, void **b) { return 0; }
"""
OUTSIDE_DEF = "LIBRARY outside.dll\nEXPORTS\n  outside\n  other @7 NONAME\n"
SAFE_SEH_S = """
.globl @feat.00
.set @feat.00, 1
.text
.globl _start
_start: ret
.def _handler; .scl 2; .type 32; .endef
.globl _handler
_handler: ret
.section .rdata,"dr"
.globl __load_config_used
.p2align 2
__load_config_used:
.long 72
.fill 60,1,0
.long ___safe_se_handler_table
.long ___safe_se_handler_count
.safeseh _handler
"""
TINY_C = """__declspec(dllexport) int add(int a, int b) { return a + b; }
__declspec(dllexport) int value = 7; int *pointer = &value; int (*indirect)(int, int) = add;
"""
GO = 'package main\n\nfunc main() { println("hello") }\n'

LOAD_CONFIG_NAMES = {"GuardCFCheckFunction": "GuardCFCheckFunctionPointer", "GuardCFCheckDispatch": "GuardCFDispatchFunctionPointer"}
RELOCATION_NAMES = {"ARM_MOV32(T)": {"ARM_MOV32", "THUMB_MOV32"}}


class Builder:
    def __init__(self, suite):
        self.suite = suite
        self.folder = suite.work

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def run(self, program, *arguments, env=None):
        self.suite.need(program)
        outcome = differential.run([program, *arguments], cwd=self.folder, env=env, seconds=300)
        if outcome.code != 0:
            raise differential.Failure(f"{program} {' '.join(map(str, arguments))}: {outcome.err}")

    def mingw(self, name, source, *more):
        self.run(GCC, self.write(name + ".c", source), *more, "-o", name)

    def object(self, name, target, source, *more):
        suffix = ".s" if source is SAFE_SEH_S else ".c"
        self.run(CLANG, f"--target={target}-pc-windows-msvc", "-O1", *more, "-c", self.write(name + suffix, source), "-o", name)

    def link(self, name, *arguments):
        self.run(LINK, *arguments, "-nodefaultlib", f"-out:{name}")


def mingw_program(build, name):
    build.mingw(name, PROGRAM_C, "-g")


def mingw_stripped(build, name):
    build.mingw(name, PROGRAM_C, "-s", "-Wl,--build-id")


def mingw_library(build, name):
    build.mingw(name, LIBRARY_C, build.write("library.def", LIBRARY_DEF), "-shared")


def mingw_delayed(build, name):
    build.run(DLLTOOL, "-d", build.write("library.def", LIBRARY_DEF), "-y", "libdelayed.a")
    build.mingw(name, CALLER_C, "libdelayed.a")


def mingw_resources(build, name):
    build.write("app.manifest", MANIFEST)
    build.run(WINDRES, build.write("resource.rc", RESOURCE_RC), "-O", "coff", "-o", "resource.o")
    build.mingw(name, PROGRAM_C, "resource.o")


def lld_guarded(*options):
    def build_it(build, name):
        build.run("llvm-dlltool-19", "-m", "i386:x86-64", "-d", build.write("outside.def", OUTSIDE_DEF), "-l", "outside.lib")
        build.object("guarded.obj", "x86_64", GUARDED_C, "-Xclang", "-cfguard")
        build.link(name, "guarded.obj", "outside.lib", "-subsystem:console", "-entry:start", *options)
    return build_it


def lld_safe_seh(build, name):
    build.object("safe_seh.obj", "i686", SAFE_SEH_S)
    build.link(name, "safe_seh.obj", "-safeseh", "-subsystem:console", "-entry:start")


def lld_library(target, *options):
    def build_it(build, name):
        build.object(name + ".obj", target, TINY_C)
        build.link(name, name + ".obj", "-dll", "-noentry", "-noimplib", *options)
    return build_it


def go_program(arch):
    def build_it(build, name):
        environment = differential.clean_environment(GOOS="windows", GOARCH=arch, GO111MODULE="off", CGO_ENABLED="0",
                                                     GOCACHE=debian_package.go_cache())
        build.run("go", "build", "-o", name, build.write("hello.go", GO), env=environment)
    return build_it


def object_file(target, *options):
    return lambda build, name: build.object(name, target, TINY_C, *options)


def mingw_big_object(build, name):
    build.run(GCC, "-O1", "-ffunction-sections", "-Wa,-mbig-obj", "-c", build.write("tiny.c", TINY_C), "-o", name)


BUILT = {
    "mingw-program.exe": mingw_program,
    "mingw-stripped.exe": mingw_stripped,
    "mingw-library.dll": mingw_library,
    "mingw-delayed.exe": mingw_delayed,
    "mingw-resources.exe": mingw_resources,
    "lld-guarded.exe": lld_guarded("-guard:cf", "-release"),
    "lld-notes.exe": lld_guarded("-debug", "-Brepro", "-cetcompat", "-release"),
    "lld-delayed.exe": lld_guarded("-delayload:outside.dll", "-manifest:embed"),
    "lld-fixed.exe": lld_guarded("-fixed", "-dynamicbase:no"),
    "lld-safe-seh.exe": lld_safe_seh,
    "lld-amd64.dll": lld_library("x86_64", "-export:forwarded=KERNEL32.Sleep", "-export:by_number=WS2_32.#7", "-export:add,@9,NONAME"),
    "lld-i386.dll": lld_library("i686", "-safeseh:no"),
    "lld-arm.dll": lld_library("armv7"),
    "lld-arm64.dll": lld_library("aarch64"),
    "lld-small-alignment.dll": lld_library("x86_64", "-align:512", "-filealign:512", "-driver"),
    "go-amd64.exe": go_program("amd64"),
    "go-386.exe": go_program("386"),
    "go-arm64.exe": go_program("arm64"),
    "clang-i386.obj": object_file("i686", "-ffunction-sections"),
    "clang-arm64.obj": object_file("aarch64", "-g"),
    "mingw-big.obj": mingw_big_object,
}


class Comparison:
    def __init__(self, suite, path):
        self.suite = suite
        suite.need(READOBJ)
        self.ours = differential.run([differential.dump_program("pe_dump"), path]).json()
        if "error" in self.ours:
            raise differential.Failure(self.ours["error"])
        self.path = path
        self.is_object = self.ours["headers"]["kind"] != "PE image"

    def ask(self, *options):
        outcome = differential.run([READOBJ, *options, self.path])
        if outcome.code != 0:
            raise differential.Failure(f"{READOBJ} {options}: {outcome.err}")
        return readobj.parse(outcome.out)

    def fields(self, what, node, ours, skipped=()):
        for child in node.children:
            if child.name is None or child.name in skipped or child.name not in ours:
                continue
            self.suite.equal(f"{what} {child.name}", readobj.number(child.value), ours[child.name])

    def headers(self):
        ours = self.ours["headers"]
        tree = self.ask("--file-headers")
        file = tree.first("ImageFileHeader")
        for theirs, mine in (("Machine", "machine"), ("SectionCount", "section_count"), ("TimeDateStamp", "timestamp"),
                             ("PointerToSymbolTable", "symbol_table"), ("SymbolCount", "symbol_count"), ("StringTableSize", "string_table_size"),
                             ("OptionalHeaderSize", "optional_header_size"), ("Characteristics", "characteristics")):
            self.suite.equal(f"file header {theirs}", file.number(theirs), ours[mine])
        self.suite.equal("machine name", file.text("Machine").split()[0], ours["machine_name"])
        self.suite.equal("characteristics", {line.split()[0] for line in file.first("Characteristics").lines()},
                         set(ours["characteristic_names"].split(" | ")) - {"0"})
        if self.is_object:
            return
        optional = tree.first("ImageOptionalHeader")
        self.fields("optional header", optional, ours["optional"])
        self.suite.true("too few fields of the optional header", len(optional.children) > 25)
        self.suite.equal("subsystem", optional.text("Subsystem").split()[0], ours["subsystem_name"])
        names = {line.split()[0].replace("DLL_CHARACTERISTICS", "DLLCHARACTERISTICS") for line in optional.first("Characteristics").lines()}
        self.suite.equal("DLL characteristics", names, set(ours["optional"]["CharacteristicNames"].split(" | ")) - {"0"})
        numbers = [readobj.number(child.value) for child in optional.first("DataDirectory").children]
        pairs = [list(pair) for pair in zip(numbers[::2], numbers[1::2])]
        self.suite.equal("data directories", pairs[:len(ours["directories"])], ours["directories"])
        self.fields("DOS header", tree.first("DOSHeader"), ours["dos"])

    def sections(self):
        theirs = self.ask("--sections").first("Sections").all("Section")
        self.suite.equal("number of sections", len(theirs), len(self.ours["sections"]))
        for node, mine in zip(theirs, self.ours["sections"]):
            self.suite.equal("section name", node.text("Name").rsplit(" (", 1)[0], mine["name"])
            self.fields(f"section {mine['name']}", node, mine)

    def symbols(self):
        theirs = self.ask("--symbols").first("Symbols").all("Symbol")
        self.suite.equal("number of symbols", len(theirs), len(self.ours["symbols"]))
        for index, (node, mine) in enumerate(zip(theirs, self.ours["symbols"])):
            wanted = (node.text("Name"), node.number("Value"), node.number("Section"),
                      node.number("ComplexType") << 4 | node.number("BaseType"), node.number("StorageClass"), node.number("AuxSymbolCount"))
            # Go sets bits above the eight that the two names cover.
            got = (mine["name"], mine["value"], mine["section"], mine["type"] & 0xff, mine["class"], mine["aux"])
            self.suite.equal(f"symbol {index}", wanted, got)
            record = node.first("AuxFileRecord")
            name = record.text("FileName") if record else ""
            # GNU ld's reference into the string table, which llvm-readobj prints as it stands.
            if name.startswith("\0\0\0\0"):
                self.suite.true(f"symbol {index} has a source file", re.fullmatch(r"[\w./+-]+\.\w+", mine["file"]), mine["file"])
            else:
                self.suite.equal(f"file of symbol {index}", name, mine["file"])

    @staticmethod
    def symbol_of(text):
        name, value = re.fullmatch(r"(.*) ?\((\d+)\)", text).groups()
        return name.strip(), int(value)

    @staticmethod
    def our_symbol(entry):
        return entry["name"], entry.get("ordinal", entry["hint"])

    def imports(self):
        tree = self.ask("--coff-imports")
        wanted = [(node.text("Name"), node.number("ImportLookupTableRVA"), node.number("ImportAddressTableRVA"),
                   [self.symbol_of(symbol.value) for symbol in node.all("Symbol")]) for node in tree.all("Import")]
        got = [(library["name"], library["lookup"], library["address"], [self.our_symbol(entry) for entry in library["symbols"]])
               for library in self.ours["imports"]]
        self.suite.equal("imports", wanted, got)
        wanted = [(node.text("Name"), node.number("Attributes"), node.number("ModuleHandle"), node.number("ImportAddressTable"),
                   node.number("ImportNameTable"), [self.symbol_of(entry.text("Symbol")) for entry in node.all("Import")])
                  for node in tree.all("DelayImport")]
        got = [(library["name"], library["attributes"], library["module_handle"], library["address"], library["lookup"],
                [self.our_symbol(entry) for entry in library["symbols"]]) for library in self.ours["delay_imports"]]
        self.suite.equal("delay imports", wanted, got)

    def exports(self):
        wanted = {}
        for node in self.ask("--coff-exports").all("Export"):
            forwarder = node.first("ForwardedTo")
            if forwarder is None and node.number("RVA") == 0:
                continue   # an unused entry of the address table
            place = forwarder.value if forwarder else node.number("RVA")
            wanted[node.number("Ordinal")] = (node.text("Name"), place)
        got = {}
        for entry in (self.ours["exports"] or {"exports": []})["exports"]:
            got.setdefault(entry["ordinal"], (entry["name"], entry["forwarder"] or entry["rva"]))
        self.suite.equal("exports", wanted, got)

    def relocations(self):
        node = self.ask("--coff-basereloc").first("BaseReloc")
        theirs = [(entry.text("Type"), entry.number("Address")) for entry in node.all("Entry")] if node else []
        ours = self.ours["relocations"]
        self.suite.equal("number of base relocations", len(theirs), len(ours))
        for (name, address), (mine, rva) in zip(theirs, ours):
            self.suite.equal("place of a base relocation", address, rva)
            plain = mine.removeprefix("IMAGE_REL_BASED_")
            self.suite.true(f"type of the base relocation at {rva:#x}: {name} and {mine}", plain in RELOCATION_NAMES.get(name, {name}))

    def debug(self):
        node = self.ask("--coff-debug-directory").first("DebugDirectory")
        theirs = node.all("DebugEntry") if node else []
        ours = self.ours["debug"]
        self.suite.equal("number of debug entries", len(theirs), len(ours["entries"]))
        for entry, mine in zip(theirs, ours["entries"]):
            self.fields("debug entry", entry, mine, skipped=("Characteristics",))
        record = next((entry.first("PDBInfo") for entry in theirs if entry.first("PDBInfo")), None)
        if record and record.first("PDBGUID"):
            self.suite.equal("PDB GUID", record.text("PDBGUID").strip("{}"), ours["codeview"]["guid"])
            self.suite.equal("PDB age", record.number("PDBAge"), ours["codeview"]["age"])
            self.suite.equal("PDB name", record.text("PDBFileName"), ours["codeview"]["path"].replace("\\x5c", "\\"))
        flags = next((entry.first("ExtendedCharacteristics") for entry in theirs if entry.first("ExtendedCharacteristics")), None)
        if flags:
            names = {line.split()[0].replace("DLL_CHARACTERISTICS", "DLLCHARACTERISTICS") for line in flags.lines()}
            self.suite.equal("extended characteristics", names, set(ours["ex"].split(" | ")) - {"0"})

    def load_config(self):
        tree = self.ask("--coff-load-config")
        node = tree.first("LoadConfig")
        ours = self.ours["load_config"]
        self.suite.equal("load configuration present", node is not None, ours is not None)
        if node is None:
            return
        # The printed form of a 32-bit structure goes on past the structure's own size; the bytes there belong to others.
        for child in node.children:
            mine = LOAD_CONFIG_NAMES.get(child.name, child.name)
            if child.name is not None and mine in ours:
                self.suite.equal(f"load configuration {child.name}", readobj.number(child.value), ours[mine])
        base = self.ours["headers"]["optional"]["ImageBase"]
        for name, mine in (("SEHTable", "safe_handlers"), ("GuardFidTable", "guard_functions")):
            table = tree.first(name)
            wanted = [int(line.split()[0], 16) for line in table.lines()] if table else []
            self.suite.equal(name, wanted, [base + rva for rva in ours[mine]])

    def tls(self):
        node = self.ask("--coff-tls-directory").first("TLSDirectory")
        present = node is not None and bool(node.children)
        self.suite.equal("TLS directory present", present, self.ours["tls"] is not None)
        if present:
            self.fields("TLS directory", node, self.ours["tls"], skipped=("Characteristics",))

    def resources(self):
        if not self.ours["headers"].get("directories") or self.ours["headers"]["directories"][2][0] == 0:
            return
        wanted = []

        def walk(node, path):
            for child in node.children:
                if child.name in ("Type", "Name", "Language"):
                    match = re.search(r"\(ID (\d+)\)$", child.value)
                    walk(child, [*path, int(match[1]) if match else child.value])
                elif child.name == "Data" and child.first("DataRVA"):
                    wanted.append((path, child.number("DataRVA"), child.number("DataSize")))

        walk(self.ask("--coff-resources").first("Resources"), [])
        self.suite.equal("resources", wanted, [(entry["path"], entry["rva"], entry["size"]) for entry in self.ours["resources"]["entries"]])

    def everything(self):
        self.headers()
        self.sections()
        self.symbols()
        if self.is_object:
            return
        self.imports()
        self.exports()
        self.relocations()
        self.debug()
        self.load_config()
        self.tls()
        self.resources()
        stored, computed = self.ours["rest"]["checksum"]
        if stored != 0:   # the linker that wrote the file computed it
            self.suite.equal("checksum", stored, computed)
        self.suite.equal("findings on a file that a linker wrote", [], self.ours["findings"])


def check_resources(suite, ours):
    resources = ours["resources"]
    suite.equal("file version", [1, 2, 3, 4], resources["version"]["file_version"])
    suite.equal("product version", [5, 6, 7, 8], resources["version"]["product_version"])
    suite.equal("version strings", {"ProductName": "abi scope", "LegalCopyright": "odd"}, resources["version"]["strings"])
    suite.equal("execution level", "requireAdministrator", resources["manifest"]["level"])
    suite.equal("supported systems", ["Windows 10 or 11"], resources["manifest"]["supported_os"])


def files_of_the_machine():
    roots = [pathlib.Path("/usr/x86_64-w64-mingw32"), pathlib.Path("/usr/lib/gcc"), pathlib.Path(sys.base_prefix), pathlib.Path("/usr/lib/python3")]
    seen = set()
    for root in roots:
        for path in sorted(root.rglob("*")) if root.is_dir() else []:
            if path.suffix not in (".exe", ".dll") or not path.is_file():
                continue
            contents = path.read_bytes()
            # A script may be called .exe, too. A compiler's own runtime with debug information takes minutes to print and shows nothing new.
            if not contents.startswith(b"MZ") or hash(contents) in seen or len(contents) > 2_000_000:
                continue
            seen.add(hash(contents))
            yield path


def main():
    suite = differential.Suite(__doc__)
    build = Builder(suite)
    for name, make in BUILT.items():
        if not suite.wanted(name):
            continue
        with suite.case(name):
            make(build, name)
            comparison = Comparison(suite, suite.work / name)
            comparison.everything()
            if name == "mingw-resources.exe":
                check_resources(suite, comparison.ours)
    for path in files_of_the_machine():
        if suite.wanted(str(path)):
            with suite.case(str(path)):
                Comparison(suite, path).everything()
    sys.exit(suite.finish())


main()
