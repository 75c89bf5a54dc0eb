#!/usr/bin/env python3
"""Files, lines and inlined calls of C, C++ and Rust: every frame of a crash and a sample of all addresses, against addr2line, llvm-symbolizer and gdb.

An answer is right when both tools give it. Where they disagree it must be one of theirs, and how often that was is printed.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import sys

import core_dump
import differential

SOURCES = pathlib.Path(__file__).resolve().parent / "lines"
SAMPLE = 300
SYMBOLIZER = "llvm-symbolizer-19"

CHOSEN = 10   # ways to build, unless --all: which ones, the seed decides

suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--all", action="store_true", help="every way to build instead of a sample"))
disagreements = collections.Counter()
programs = {}

C_COMPILERS = {"gcc": ("gcc", "g++"), "clang": ("clang-19", "clang++-19")}


def flavours():
    """name, compiler family, flags, what happens after the link"""
    for family in C_COMPILERS:
        for level in ("-O0", "-O2"):
            for version in (2, 3, 4, 5):
                yield f"{family}{level}.dwarf{version}", family, [level, f"-gdwarf-{version}", "-g"], None
        for name, flags, after in (
                ("split4", ["-gdwarf-4", "-gsplit-dwarf"], None), ("split5", ["-gdwarf-5", "-gsplit-dwarf"], None),
                ("dwp4", ["-gdwarf-4", "-gsplit-dwarf"], "package"), ("dwp5", ["-gdwarf-5", "-gsplit-dwarf"], "package"),
                ("gz", ["-gz"], None), ("lto", ["-flto"], None), ("sections", ["-ffunction-sections", "-Wl,--gc-sections"], None),
                ("separate", [], "separate"), ("separate.compressed", [], "separate-compressed"), ("dwz", ["-gdwarf-4"], "dwz"),
                ("types", ["-fdebug-types-section"], None), ("no-ranges-table", [], "no-ranges-table"), ("static", ["-static"], None),
                ("no-pie", ["-no-pie", "-fno-pie"], None), ("only-lines", ["-g1"], None)):
            yield f"{family}-O2.{name}", family, ["-O2", "-g", *flags], after
    yield "rustc-O0", "rustc", ["-g"], None
    yield "rustc-O2", "rustc", ["-g", "-O"], None
    yield "rustc-O2.lto", "rustc", ["-g", "-O", "-C", "lto=fat"], None
    yield "rustc-O1.dwarf5", "rustc", ["-g", "-C", "opt-level=1", "-C", "codegen-units=4"], None


def tool(*command, cwd=None):
    done = differential.run(command, seconds=120, cwd=cwd)
    suite.true(f"{command[0]}", done.code == 0, done.err)


def after_link(after, out):
    """The program's debug information goes elsewhere. The file addr2line and llvm-symbolizer are shown: they do not look where gdb does."""
    whole = out.with_suffix(".whole")
    if after == "package":
        suite.need("llvm-dwp-19")
        packed = differential.run(["llvm-dwp-19", "-e", out, "-o", f"{out}.dwp"], cwd=out.parent)
        if packed.code != 0:
            suite.skip(f"llvm-dwp cannot pack it: {packed.err.strip()[:200]}")
        for one in out.parent.glob("*.dwo"):
            one.unlink()
    elif after in ("separate", "separate-compressed"):
        shutil.copy(out, whole)
        tool("objcopy", "--only-keep-debug", *(["--compress-debug-sections"] if after.endswith("compressed") else []), out, f"{out}.debug")
        tool("objcopy", "--strip-debug", f"--add-gnu-debuglink={out}.debug", out)
        return whole
    elif after == "dwz":
        suite.need("dwz")
        shutil.copy(out, whole)
        shutil.copy(out, f"{out}.other")
        tool("dwz", "-m", f"{out}.common", out, f"{out}.other")
        return whole
    elif after == "no-ranges-table":
        tool("objcopy", "--remove-section=.debug_aranges", out)
    return out


def program(source, name, family, flags, after):
    key = (source, name)
    if key not in programs:
        folder = suite.work / "bin" / f"{name}-{source.replace('.', '-')}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        out = folder / "program"
        if family == "rustc":
            command = ["rustc", *flags, "-o", out, SOURCES / source]
        else:
            compiler = C_COMPILERS[family][source.endswith(".cc")]
            # Object and link apart, so that every compiler leaves its split units beside the program.
            command = [compiler, "-w", "-Wl,--build-id", *flags, "-o", out, SOURCES / source]
        suite.need(command[0])
        built = differential.run(command, seconds=200, cwd=folder)
        if built.code != 0 and "unknown" in built.err + built.out:
            suite.skip(f"{command[0]} does not know these flags")
        suite.true("compiler", built.code == 0, built.err)
        programs[key] = (out, after_link(after, out))
    return programs[key]


def asked(binary, addresses):
    done = differential.run([differential.dump_program("lines_dump"), binary], stdin="\n".join(map(hex, addresses)).encode())
    suite.true("lines_dump", done.code == 0, done.err)
    answers = [json.loads(line) for line in done.out.splitlines()]
    suite.equal("answers", len(addresses), len(answers))
    return answers


def ours(binary, addresses):
    return [[(frame["function"], path_of(frame["file"]), frame["line"]) for frame in answer] for answer in asked(binary, addresses)]


def path_of(path):
    return os.path.normpath(path) if path and path != "??" else ""


def by_addr2line(binary, addresses):
    done = differential.run(["addr2line", "-i", "-f", "-a", "-e", binary], stdin="\n".join(map(hex, addresses)).encode(), seconds=300)
    answers = []
    lines = iter(done.out.splitlines())
    for line in lines:
        if line.startswith("0x"):
            answers.append([])
            continue
        place = re.sub(r" \(discriminator \d+\)$", "", next(lines))
        file, number = place.rsplit(":", 1)
        answers[-1].append((line, path_of(file), int(number) if number.isdigit() else 0))
    return answers


def by_llvm(binary, addresses):
    done = differential.run([SYMBOLIZER, "--inlines", "--no-demangle", "--output-style=JSON", "-e", binary], stdin="\n".join(map(hex, addresses)).encode(), seconds=300,
                            env=differential.clean_environment(DEBUGINFOD_URLS=""))
    answers = []
    for line in done.out.splitlines():
        frames = json.loads(line).get("Symbol", [])
        answers.append([(frame["FunctionName"], path_of(frame["FileName"]), frame["Line"]) for frame in frames])
    return answers


def plain(name):
    """Without what a compiler adds to a copy of a function, and without its scope: DW_AT_name has none."""
    name = re.sub(r"\.(part|constprop|isra|cold|lto_priv|llvm|localalias)\b.*", "", name or "")
    return re.sub(r"<.*|\(.*", "", name).split("::")[-1]


def same(mine, theirs):
    """Of the outermost function they may show the symbol: all they know where there is no debug information."""
    if mine == [("", "", 0)] and len(theirs) == 1 and theirs[0][2] == 0:
        return True
    if [frame[1:] for frame in mine] != [frame[1:] for frame in theirs]:
        return False
    for number, (one, other) in enumerate(zip(mine, theirs)):
        # clang -g1 has no entry for a function into which nothing was inlined: its name is the symbol's.
        if number + 1 == len(mine) and not one[0] and other[0]:
            continue
        # Two symbols of one constructor or destructor.
        if re.sub(r"([CD])[12](?=E)", r"\1x", one[0]) == re.sub(r"([CD])[12](?=E)", r"\1x", other[0]):
            continue
        # GCC gives no linkage name to a template's instance with local types: the tools show the symbol instead.
        if number + 1 == len(mine) and other[0].startswith("_Z") and one[0] and not one[0].startswith("_Z"):
            continue
        if one[0] == other[0] or plain(one[0]) == plain(other[0]) or other[0] in ("??", "") or plain(one[0]) and plain(one[0]) in other[0]:
            continue
        return False
    return True


def functions_of(binary):
    """Places of functions that debug information may know: those of the linker's own start files are left to it."""
    done = differential.run(["nm", "-S", "--defined-only", binary])
    found = []
    for line in done.out.splitlines():
        words = line.split()
        if len(words) == 4 and words[2] in "tTwW" and int(words[1], 16) > 0:
            found.append((int(words[0], 16), int(words[1], 16), words[3]))
    return found


def compare(name, binary, shown, addresses):
    mine = ours(binary, addresses)
    gnu = by_addr2line(shown, addresses)
    llvm = by_llvm(shown, addresses)
    suite.equal("answers of addr2line", len(addresses), len(gnu))
    suite.equal("answers of llvm-symbolizer", len(addresses), len(llvm))
    wrong = []
    known = 0
    for address, own, one, other in zip(addresses, mine, gnu, llvm):
        known += bool(own[-1][1])
        as_gnu, as_llvm = same(own, one), same(own, other)
        if as_gnu and as_llvm:
            continue
        if as_gnu or as_llvm:
            disagreements[f"{name}: like {'addr2line' if as_gnu else 'llvm-symbolizer'} only"] += 1
            continue
        wrong.append(f"{hex(address)}\n  abiscope  {own}\n  addr2line {one}\n  llvm      {other}")
    suite.true(f"{len(wrong)} of {len(addresses)} answers are neither tool's", not wrong, "\n".join(wrong[:6]))
    return known


def frames_of(answer, binary):
    """(address in the file, what abiscope printed) for each frame of the program."""
    module = next(module for module in answer["modules"] if module["path"] == str(binary))
    done = differential.run(["readelf", "-lW", binary])
    first = next(int(line.split()[2], 16) & ~0xfff for line in done.out.splitlines() if line.split()[:1] == ["LOAD"])
    out = []
    for number, frame in enumerate(answer["frames"]):
        if frame.get("module") != str(binary):
            continue
        exact = number == 0 or any("signal" in other for other in answer["frames"][number - 1:number])
        address = int(frame["pc"], 16) - (0 if exact else 1) - int(module["start"], 16) + first
        printed = [(call.get("function", ""), path_of(call.get("file", "")), call.get("line", 0)) for call in frame.get("inlined", [])]
        printed.append((frame.get("function", ""), path_of(frame.get("file", "")), frame.get("line", 0)))
        out.append((address, printed))
    return out


GDB_FRAMES = """
import gdb, json, os
out = []
frame = gdb.newest_frame()
while frame is not None and len(out) < 400:
    place = frame.find_sal()
    out.append([frame.name() or "", os.path.normpath(place.symtab.fullname()) if place.symtab else "", place.line])
    frame = frame.older()
print("FRAMES " + json.dumps(out))
"""


def against_gdb(binary, core, frames):
    """gdb shows the last row that starts a statement (find_pc_sect_line), the others the row an instruction is from: of such rows the line is not compared."""
    script = suite.work / "frames.py"
    script.write_text(GDB_FRAMES, encoding="ascii")
    done = differential.run(["gdb", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", f"source {script}", binary, core], seconds=120,
                            env=differential.clean_environment())
    found = re.search(r"^FRAMES (.*)$", done.out, re.MULTILINE)
    suite.true("gdb gives no frames", found is not None, done.out + done.err)
    theirs = [tuple(frame[1:]) for frame in json.loads(found[1]) if "/lines." in frame[1]]
    mine = []
    between = set()
    for (_, printed), direct in zip(frames, asked(binary, [address for address, _ in frames])):
        if not direct[0]["statement"]:
            between.add(len(mine))
        mine += [place[1:] for place in printed if "/lines." in place[1]]
    # Recursion is folded here.
    mine, theirs = ([place for i, place in enumerate(places) if i == 0 or place != places[i - 1]] for places in (mine, theirs))
    if len(theirs) == len(mine):
        theirs = [mine[i] if i in between else place for i, place in enumerate(theirs)]
    suite.equal("lines of gdb's backtrace", theirs, mine)


def chosen_flavours():
    # llvm-dwp 19 does not end on the split units of gcc in DWARF 5.
    every = [one for one in flavours() if one[0] != "gcc-O2.dwp5"]
    return every if suite.options.all or suite.options.only else suite.random.sample(every, CHOSEN)


def whole_matrix():
    for name, family, flags, after in chosen_flavours():
        for source, crashes in ((("lines.rs", ("null",)),) if family == "rustc" else (("lines.c", ("null", "abort")), ("lines.cc", ("null", "throw")))):
            label = f"sample.{name}.{source.replace('.', '-')}"
            if suite.wanted(label):
                with suite.case(label):
                    suite.need("addr2line")
                    suite.need(SYMBOLIZER)
                    binary, shown = program(source, name, family, flags, after)
                    places = functions_of(shown)
                    own = [place for place in places if "lines" in place[2] or "shapes" in place[2] or place[2] in ("main", "walk", "loops", "unlikely")]
                    addresses = [start + suite.random.randrange(size) for start, size, _ in (suite.random.choice(places) for _ in range(SAMPLE // 2))]
                    addresses += [start + suite.random.randrange(size) for start, size, _ in (suite.random.choice(own or places) for _ in range(SAMPLE // 2))]
                    known = compare(name, binary, shown, addresses)
                    suite.true(f"{known} of {SAMPLE} addresses have a file", known >= SAMPLE // 3)
            for crash in crashes:
                label = f"crash.{name}.{source.replace('.', '-')}.{crash}"
                if not suite.wanted(label):
                    continue
                with suite.case(label):
                    suite.need("addr2line")
                    suite.need(SYMBOLIZER)
                    binary, shown = program(source, name, family, flags, after)
                    core = core_dump.dump(suite, [binary, crash], suite.work / "cores" / label)
                    answer = suite.ask("core", core)[0]["results"][0]
                    frames = frames_of(answer, binary)
                    suite.true("frames of the program", len(frames) >= 2, json.dumps(answer["frames"]))
                    addresses = [address for address, _ in frames]
                    compare(name, binary, shown, addresses)
                    for (address, printed), direct in zip(frames, ours(binary, addresses)):
                        suite.equal(f"lines of {hex(address)}", [frame[1:] for frame in direct], [frame[1:] for frame in printed])
                    if shutil.which("gdb") and after not in ("package",):
                        against_gdb(binary, core, frames)
                shutil.rmtree(suite.work / "cores" / label, ignore_errors=True)


def without_debug_information():
    label = "none.stripped"
    if suite.wanted(label):
        with suite.case(label):
            binary, _ = program("lines.c", "stripped", "gcc", ["-O2", "-s"], None)
            core = core_dump.dump(suite, [binary, "null"], suite.work / "cores" / label)
            answer = suite.ask("core", core)[0]["results"][0]
            own = [frame for frame in answer["frames"] if frame.get("module") == str(binary)]
            suite.true("a line without debug information", own and not any("line" in frame for frame in own), json.dumps(own))
    label = "none.other-build"
    if suite.wanted(label):
        with suite.case(label):
            # A separate debug file of another build has lines, and they are not this program's.
            binary, _ = program("lines.c", "other-build", "gcc", ["-O2", "-g"], "separate")
            core = core_dump.dump(suite, [binary, "null"], suite.work / "cores" / label)
            other, _ = program("lines.c", "other-build-2", "gcc", ["-O1", "-g"], "separate")
            shutil.copy(f"{other}.debug", f"{binary}.debug")
            answer = suite.ask("core", core)[0]["results"][0]
            own = [frame for frame in answer["frames"] if frame.get("module") == str(binary)]
            suite.true("lines of another build", own and not any("line" in frame for frame in own), json.dumps(own))


whole_matrix()
without_debug_information()
for words, count in sorted(disagreements.items()):
    print(f"the tools disagree, {words}: {count}")
sys.exit(suite.finish())
