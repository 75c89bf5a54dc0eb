"""The Mach-O reader against LLVM's readers, field by field, on files that real compilers and linkers made."""
import json
import re
import sys

import differential
import macho_fixtures

TOOLS = ("llvm-otool-19", "llvm-objdump-19", "llvm-readobj-19", "llvm-nm-19", "llvm-lipo-19")


def output(*arguments):
    outcome = differential.run(arguments, seconds=120)
    if outcome.code != 0:
        raise differential.Failure(f"{' '.join(map(str, arguments))}: {outcome.err}")
    return outcome.out


def number(text):
    return int(text, 0)


def load_commands(path):
    """`llvm-otool -l` as a list of commands: an ordered list of (field, text), sections included."""
    commands, fields = [], None
    for line in output("llvm-otool-19", "-l", path).splitlines():
        if line.startswith("Load command "):
            fields = []
            commands.append(fields)
        elif fields is not None and (match := re.fullmatch(r"\s*(\S+)\s+(.*?)\s*", line)):
            fields.append((match[1], match[2]))
    return commands


def first(fields, name):
    return next(value for key, value in fields if key == name)


def text_of(value):
    """`/usr/lib/dyld (offset 12)` without the offset."""
    return re.sub(r" \(offset \d+\)$", "", value)


def check_header(suite, path, dump):
    rows = output("llvm-otool-19", "-h", path).splitlines()
    magic, cpu_type, cpu_subtype, caps, file_type, ncmds, size, flags = (number(word) for word in rows[-1].split())
    header = dump["header"]
    wanted = {"bits": 64 if magic in (0xFEEDFACF, 0xCFFAEDFE) else 32, "cpu_type": cpu_type & 0xFFFFFFFF,
              "cpu_subtype": cpu_subtype & 0xFFFFFF | caps << 24, "file_type": file_type, "ncmds": ncmds, "sizeofcmds": size,
              "flags": flags}
    suite.equal("header", wanted, {key: header[key] for key in wanted})


def check_commands(suite, path, dump):
    real = load_commands(path)
    suite.equal("load commands", [(first(c, "cmd"), number(first(c, "cmdsize"))) for c in real],
                [(c["name"], c["size"]) for c in dump["commands"]])
    segments = [c for c in real if first(c, "cmd") in ("LC_SEGMENT", "LC_SEGMENT_64")]
    suite.equal("segments", len(segments), len(dump["segments"]))
    for fields, mine in zip(segments, dump["segments"]):
        check_segment(suite, fields, mine)
    check_linkage(suite, real, dump)
    check_build(suite, real, dump)


def check_segment(suite, fields, mine):
    starts = [i for i, (key, _) in enumerate(fields) if key == "sectname"] + [len(fields)]
    own = fields[:starts[0]]
    protections = {key: sum({"r": 1, "w": 2, "x": 4}.get(letter, 0) for letter in first(own, key)) for key in ("maxprot", "initprot")
                   if not first(own, key).startswith("0x")}
    for key in ("vmaddr", "vmsize", "fileoff", "filesize", "maxprot", "initprot", "nsects"):
        wanted = protections.get(key) if key in protections else number(first(own, key))
        suite.equal(f"segment {mine['segname']} {key}", wanted, mine[key])
    sections = [fields[a:b] for a, b in zip(starts, starts[1:])]
    suite.equal(f"sections of {mine['segname']}", len(sections), len(mine["sections"]))
    for section, got in zip(sections, mine["sections"]):
        suite.equal("section name", (first(section, "segname"), first(section, "sectname")), (got["segname"], got["sectname"]))
        keys = ("addr", "size", "offset", "reloff", "nreloc", "flags", "reserved1", "reserved2")
        wanted = {key: number(first(section, key).split()[0]) for key in keys}
        wanted["align"] = int(re.fullmatch(r"2\^(\d+) \(\d+\)", first(section, "align"))[1])
        suite.equal(f"section {got['sectname']}", wanted, {key: got[key] for key in wanted})


KINDS = {"LC_LOAD_DYLIB": "load", "LC_LOAD_WEAK_DYLIB": "weak", "LC_REEXPORT_DYLIB": "reexport", "LC_LOAD_UPWARD_DYLIB": "upward",
         "LC_LAZY_LOAD_DYLIB": "lazy", "LC_ID_DYLIB": "id"}


def check_linkage(suite, real, dump):
    wanted, rpaths, dylinker, identity = [], [], None, None
    for fields in real:
        command = first(fields, "cmd")
        if command in KINDS:
            dylib = {"kind": KINDS[command], "name": text_of(first(fields, "name")),
                     "current": first(fields, "current").removeprefix("version "),
                     "compatibility": first(fields, "compatibility").removeprefix("version ")}
            if command == "LC_ID_DYLIB":
                identity = dylib
            else:
                wanted.append(dylib)
        elif command == "LC_RPATH":
            rpaths.append(text_of(first(fields, "path")))
        elif command == "LC_LOAD_DYLINKER":
            dylinker = text_of(first(fields, "name"))
    mine = dump["linkage"]
    fields = ("kind", "name", "current", "compatibility")
    suite.equal("dylibs", wanted, [{key: d[key] for key in fields} for d in mine["dylibs"]])
    suite.equal("install name", identity, {key: mine["id"][key] for key in fields} if "id" in mine else None)
    suite.equal("rpaths", rpaths, mine["rpaths"])
    suite.equal("dylinker", dylinker, mine.get("dylinker"))


PLATFORMS = {"macos": 1, "ios": 2, "iossimulator": 7, "LC_VERSION_MIN_MACOSX": 1, "LC_VERSION_MIN_IPHONEOS": 2}


def check_build(suite, real, dump):
    uuid, versions, source, main = None, [], None, None
    for fields in real:
        command = first(fields, "cmd")
        if command == "LC_UUID":
            uuid = first(fields, "uuid")
        elif command == "LC_BUILD_VERSION":
            # The tool's version has the key "version", several when there are several tools.
            tools = [value for key, value in fields if key == "version"]
            platform = first(fields, "platform").lower()
            versions.append((PLATFORMS.get(platform) or number(platform), first(fields, "minos"), first(fields, "sdk"), tools))
        elif command.startswith("LC_VERSION_MIN_"):
            versions.append((PLATFORMS[command], first(fields, "version"), first(fields, "sdk"), []))
        elif command == "LC_SOURCE_VERSION":
            source = first(fields, "version")
        elif command == "LC_MAIN":
            main = (number(first(fields, "entryoff")), number(first(fields, "stacksize")))
    mine = dump["build"]
    suite.equal("uuid", uuid, mine.get("uuid"))
    suite.equal("source version", source, mine.get("source"))
    got = [(v["platform"], v["minos"], "n/a" if v["sdk"] == "0.0" else v["sdk"], [t["version"] for t in v["tools"]])
           for v in mine["versions"]]
    suite.equal("build versions", versions, got)
    if main:
        suite.equal("LC_MAIN", main, (dump["entry"]["offset"], dump["entry"]["stack_size"]))
        suite.equal("section of the entry", "__TEXT,__text", dump["entry"]["section"])


def check_symbols(suite, path, dump):
    """llvm-nm in the order of the table: value, type letter and name; llvm-readobj for the raw fields."""
    names, blocks = [], re.findall(r"^  Symbol \{\n(.*?)^  \}", output("llvm-readobj-19", "--symbols", path), re.S | re.M)
    for block in blocks:
        name = re.search(r"Name: (.*) \((\d+)\)", block)
        kind = re.search(r"^    (?:Type|SymbolType|StabType): .*?\((0x[0-9A-F]+)\)", block, re.M)
        names.append((name[1], number(re.search(r"Value: (\S+)", block)[1]), number(kind[1]) if kind else None,
                      number(re.search(r"Flags \[ \((0x[0-9A-F]+)\)", block)[1]), re.search(r"^\s*Extern$", block, re.M) is not None))
    suite.equal("number of symbols", len(names), len(dump["symbols"]))
    for (name, value, kind, flags, external), mine in zip(names, dump["symbols"]):
        suite.equal("symbol", (name, value), (mine["name"], mine["value"]))
        if kind is not None:
            suite.equal(f"type of {name}", kind, mine["type"] if mine["type"] & 0xE0 else mine["type"] & 0x0E)
        if not mine["type"] & 0xE0:   # of debugging symbols LLVM shows a part only
            suite.equal(f"n_desc of {name}", flags, mine["description"])
            suite.equal(f"external bit of {name}", external, mine["type"] & 1 == 1)


def check_exports(suite, path, dump):
    wanted = []
    base = next((s["vmaddr"] for s in dump["segments"] if s["fileoff"] == 0 and s["filesize"]), 0)
    for line in output("llvm-objdump-19", "--macho", "--exports-trie", path).splitlines():
        if match := re.fullmatch(r"(0x[0-9A-F]+)\s+(\S+)((?: \[[^]]*\])*)", line):
            notes = match[3]
            flags = (1 if "per-thread" in notes else 0) | (2 if "absolute" in notes else 0) | (4 if "weak_def" in notes else 0)
            # LLVM adds the image's base to absolute values too, which dyld takes as they are.
            wanted.append((match[2], flags, (number(match[1]) - (base if flags & 2 else 0)) % 2**64))
        elif match := re.fullmatch(r"\[re-export\] (\S+)((?: \[[^]]*\])*) \(.*", line):
            wanted.append((match[1], 8, None))
    mine = dump["exports"]
    suite.true("the whole trie is read", mine["complete"])
    if mine["source"] == "exports_trie" or wanted:
        suite.equal("exports", sorted(wanted, key=str),
                    sorted([(e["name"], e["flags"] & 0xF, None if e["flags"] & 8 else e["address"]) for e in mine["exports"]], key=str))


def ordinal_name(dump, ordinal):
    special = {0: "this-image", -1: "main-executable", -2: "flat-namespace", -3: "weak"}
    if ordinal in special:
        return special[ordinal]
    name = dump["linkage"]["dylibs"][ordinal - 1]["name"].rsplit("/", 1)[-1]
    return re.sub(r"(\.[A-Za-z0-9]+)?\.dylib$", "", name)


def check_binds(suite, path, dump):
    if dump["fixups"] is not None:
        return
    segments = [s["segname"] for s in dump["segments"]]
    for kind, option in (("bind", "--bind"), ("weak", "--weak-bind"), ("lazy", "--lazy-bind")):
        wanted = []
        for line in output("llvm-objdump-19", "--macho", option, path).splitlines():
            words = line.split()
            if len(words) < 4 or not words[2].startswith("0x"):
                continue
            weak = words[-1] == "(weak_import)"
            words = words[:-1] if weak else words
            if kind == "bind":
                segment, _, address, _, addend, dylib, symbol = words
            elif kind == "weak":
                (segment, _, address, _, addend, symbol), dylib = words, "weak"
            else:
                (segment, _, address, dylib, symbol), addend = words, "0"
            wanted.append((segment, number(address), int(addend), dylib, symbol, weak))
        mine = [(segments[b["segment"]], b["address"], b["addend"], ordinal_name(dump, b["ordinal"]), b["symbol"],
                 b["weak_import"] and kind != "lazy")   # of lazy ones LLVM does not show it
                for b in dump["binds"] if b["kind"] == kind]
        suite.equal(option, wanted, mine)
    wanted = []
    for line in output("llvm-objdump-19", "--macho", "--rebase", path).splitlines():
        words = line.split()
        if len(words) == 4 and words[2].startswith("0x"):
            wanted.append((words[0], number(words[2])))
    suite.equal("--rebase", wanted, [(segments[r["segment"]], r["address"]) for r in dump["rebases"]])


def check_fixups(suite, path, dump):
    text = output("llvm-objdump-19", "--macho", "--chained-fixups", path)
    fixups = dump["fixups"]
    if fixups is None:
        suite.true("LLVM sees no fixups either", "fixups_version" not in text, text)
        return
    head = {}
    for key in ("version", "starts_offset", "imports_offset", "symbols_offset", "imports_count", "imports_format", "symbols_format"):
        name = "fixups_version" if key == "version" else key
        head[key] = number(re.search(rf"^\s*{name}\s*=\s*(\d+)", text, re.M)[1])
    suite.equal("chained fixups header", head, {key: fixups[key] for key in head})
    wanted = []
    for block in re.split(r"chained starts in segment (?=\d)", text.split("dyld chained import")[0])[1:]:
        value = lambda name: number(re.search(rf"{name} = (0x[0-9a-fA-F]+|\d+)", block)[1])
        pages = [int(page) for page in re.findall(r"page_start\[\d+\] = (\d+)", block)]
        wanted.append((int(block.split()[0]), value("size"), value("page_size"), value("pointer_format"), value("segment_offset"),
                       value("max_valid_pointer"), pages))
    suite.equal("chained starts", wanted, [(s["segment"], s["size"], s["page_size"], s["pointer_format"], s["segment_offset"],
                                            s["max_valid_pointer"], s["page_starts"]) for s in fixups["starts"]])
    imports = re.findall(r"lib_ordinal = (-?\d+) .*?\n\s*weak_import = (\d).*?\n\s*name_offset = \d+ \((\S+)\)", text)
    wanted = [(int(ordinal), weak == "1", name) for ordinal, weak, name in imports]
    suite.equal("chained imports", wanted, [(i["ordinal"], i["weak"], i["name"]) for i in fixups["imports"]])


def check_undefined(suite, path, dump):
    """Whatever the source of the imports, they are the undefined symbols of the symbol table that something refers to."""
    undefined = {line.split()[-1] for line in output("llvm-nm-19", "-u", path).splitlines() if line.split()}
    mine = {i["name"] for i in dump["imports"]["imports"] if i["ordinal"] != -3}
    # In a flat namespace an image asks for its own symbols too, because another image may take their place.
    own = {e["name"] for e in dump["exports"]["exports"]} if not dump["header"]["flags"] & 0x80 else set()
    suite.true("imports are undefined symbols", mine <= undefined | own, f"{sorted(mine - undefined)} are not undefined in {path}")
    if dump["imports"]["source"] == "symbol_table":
        suite.equal("imports of an object", undefined, mine)


def check_relocations(suite, path, dump):
    wanted = []
    text = output("llvm-readobj-19", "--relocs", "--expand-relocs", path)
    for block in re.findall(r"^    Relocation \{\n(.*?)^    \}", text, re.S | re.M):
        field = lambda name: re.search(rf"{name}: (\S+)", block)[1]
        kind = re.search(r"Type: (\S+) \((\d+)\)", block)
        wanted.append((number(field("Offset")), field("PCRel"), int(field("Length")), kind[1]))
    mine = [(r["address"], "1" if r["pcrel"] else "0", r["length"], r["type"]) for r in dump["relocations"]]
    suite.equal("relocations", sorted(wanted), sorted(mine))


def indirect_of_sections(dump):
    """LLVM goes section by section; each names its first entry in reserved1."""
    word = dump["header"]["bits"] // 8
    for section in (section for segment in dump["segments"] for section in segment["sections"]):
        entry_size = {6: word, 7: word, 0x10: word, 0x14: word, 8: section["reserved2"]}.get(section["flags"] & 0xFF)
        if entry_size:
            start = section["reserved1"]
            yield from dump["indirect_symbols"][start:start + section["size"] // entry_size]


def check_tables(suite, path, dump):
    starts = [number("0x" + line) for line in output("llvm-objdump-19", "--macho", "--function-starts=addrs", path).splitlines()
              if re.fullmatch(r"[0-9a-f]{8,16}", line)]
    suite.equal("function starts", starts, dump["function_starts"])
    rows = re.findall(r"^0x([0-9a-f]+) +(\d+) +(0x[0-9a-f]+|\w+)\s*$", output("llvm-objdump-19", "--macho", "--data-in-code", path), re.M)
    suite.equal("data in code", [(number("0x" + a), int(n)) for a, n, _ in rows],
                [(d["offset"], d["length"]) for d in dump["data_in_code"]])
    text = output("llvm-objdump-19", "--macho", "--indirect-symbols", path)
    rows = re.findall(r"^0x[0-9a-f]+ +(\d+|LOCAL|ABSOLUTE|LOCAL ABSOLUTE)\b", text, re.M)
    names = {"LOCAL": 0x80000000, "ABSOLUTE": 0x40000000, "LOCAL ABSOLUTE": 0xC0000000}
    suite.equal("indirect symbols", [names[row] if row in names else int(row) for row in rows], list(indirect_of_sections(dump)))


CHECKS = {"header": check_header, "commands": check_commands, "symbols": check_symbols, "exports": check_exports, "binds": check_binds,
          "fixups": check_fixups, "undefined": check_undefined, "relocations": check_relocations, "tables": check_tables}

# What the reader must say of each fixture, and nothing else.
# (For a re-exported library lld writes both LC_LOAD_DYLIB and LC_REEXPORT_DYLIB.)
FINDINGS = {"through_": {"MACHO-UUID-MISSING"}, "libreexport_": {"MACHO-DYLIB-DUPLICATE"}, "unsigned_arm64": {"MACHO-SIGNATURE-MISSING"},
            "go_": {"MACHO-UUID-MISSING"}}


def check_findings(suite, name, dump):
    wanted = next((rules for prefix, rules in FINDINGS.items() if name.startswith(prefix)), set())
    suite.equal("findings", wanted, {f["rule"] for f in dump["findings"]}, json.dumps(dump["findings"], indent=1))


def check_fat(suite, path, dump):
    wanted = []
    for block in re.split(r"^architecture ", output("llvm-objdump-19", "--macho", "--universal-headers", path), flags=re.M)[1:]:
        field = lambda name: re.search(rf"{name} (.*)", block)[1]
        wanted.append((block.split()[0], number(field("offset")), number(field("size")), int(re.search(r"align 2\^(\d+)", block)[1])))
    suite.equal("slices", wanted, [(s["arch"], s["offset"], s["size"], s["align"]) for s in dump["slices"]])
    suite.equal("findings", [], dump["findings"])
    for s in dump["slices"]:
        thin = suite.work / f"{path.name}.{s['arch']}"
        output("llvm-lipo-19", path, "-thin", s["arch"], "-output", thin)
        alone = json.loads(output(differential.dump_program("macho_dump"), thin))
        for command in alone["commands"]:
            command["offset"] += s["offset"]   # offsets on disk are those of the fat file
        suite.equal(f"slice {s['arch']} read in place", alone, s["image"])


def main():
    suite = differential.Suite(__doc__)
    fixtures = macho_fixtures.build(suite, suite.work / "fixtures")
    for path in fixtures:
        with suite.case(f"{path.name} is read"):
            suite.need(*TOOLS)
            dump = json.loads(output(differential.dump_program("macho_dump"), path))
            if "slices" in dump:
                check_fat(suite, path, dump)
                continue
            check_findings(suite, path.name, dump)
        if "slices" in dump:
            continue
        for what, check in CHECKS.items():
            if suite.wanted(f"{path.name} {what}"):
                with suite.case(f"{path.name} {what}"):
                    suite.need(*TOOLS)
                    check(suite, path, dump)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
