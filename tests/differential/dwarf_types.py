#!/usr/bin/env python3
"""The types src/dwarf reads, against llvm-dwarfdump's reading of the same file, for every compiler, version and container at hand.

Both sides give, for every record outside functions: qualified name, size, bases, and each member's name, bit offset, width, size and the name of
its type. The records pahole gets wrong are compared with what the compiler itself says (offsetof, sizeof).
"""
import json
import os
import pathlib
import random
import re
import shutil
import sys

import differential
from dwarfdump import Dump, Layouts

HERE = pathlib.Path(__file__).resolve().parent / "dwarf"
DUMP = differential.dump_program("dwarf_dump")
DWARFDUMP = next((name for name in ("llvm-dwarfdump-19", "llvm-dwarfdump") if shutil.which(name)), "llvm-dwarfdump-19")


def ours(suite, file, *arguments):
    done = differential.run([DUMP, *(arguments or ("json",)), file], seconds=120)
    suite.equal("exit code of the reader", 0, done.code, done.err)
    suite.equal("what the reader complains of", "", done.err)
    return [json.loads(line) for line in done.out.splitlines()]


def our_member(field):
    plain = field["type"] if field.get("named") else "void" if field["type"] == "void" else None
    return (field["name"], field["bit_offset"], field.get("bits"), field["size"], plain)


def our_layout(record):
    bases = tuple((base["type"], base["virtual"], None if base["virtual"] else base["bit_offset"]) for base in record.get("bases", []))
    variants = tuple((variant["value"], tuple(our_member(field) for field in variant["fields"])) for variant in record.get("variants", []))
    return (record["union"], record["size"], bases, tuple(our_member(field) for field in record["fields"]), variants)


def theirs(suite, *files):
    text = ""
    for file in files:
        done = differential.run([DWARFDUMP, "--debug-info", "--debug-types", file], seconds=300)
        suite.equal("exit code of llvm-dwarfdump", 0, done.code, done.err[:500])
        text += done.out
    return Layouts(Dump(text)).records


def compare(suite, file, *dumped, options=()):
    """All records of `file` on both sides; `dumped` are the files llvm-dwarfdump reads in its place, `options` our own."""
    mine = {}
    for record in ours(suite, file, "json", *options):
        if "fields" not in record:
            continue   # a kind of Go's own
        mine.setdefault(record["name"], set()).add(our_layout(record))
    wanted = {}
    for name, layout in theirs(suite, *(dumped or (file,))):
        wanted.setdefault(name, set()).add(layout)
    suite.true("llvm-dwarfdump names records", wanted)
    missing = sorted(set(wanted) - set(mine))
    extra = sorted(set(mine) - set(wanted))
    suite.true("the same names", not missing and not extra, f"missing {missing[:8]}, too many {extra[:8]}")
    for name, layouts in wanted.items():
        for layout in layouts - mine[name]:
            suite.equal(name, layout, sorted(mine[name], key=repr)[0] if len(mine[name]) == 1 else sorted(mine[name], key=repr))
    suite.true("no layout too many", all(mine[name] <= wanted[name] for name in wanted), str([name for name in wanted if not mine[name] <= wanted[name]][:5]))
    return mine


# (name, compiler, options of C, options of C++): what is added to the DWARF version.
COMPILERS = [
    ("gcc", "gcc", "g++", []),
    ("clang", "clang-19", "clang++-19", []),
    ("clang-standalone", "clang-19", "clang++-19", ["-fstandalone-debug"]),
    ("mingw", "x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-g++", []),
    ("gcc-m32", "gcc", "g++", ["-m32"]),
    ("clang-m32", "clang-19", "clang++-19", ["--target=i386-linux-gnu", "-ffreestanding"]),
    ("aarch64", "aarch64-linux-gnu-gcc", "aarch64-linux-gnu-g++", []),
    ("riscv64", "riscv64-linux-gnu-gcc", "riscv64-linux-gnu-g++", []),
    ("riscv64-clang", "clang-19", "clang++-19", ["--target=riscv64-linux-gnu", "-ffreestanding"]),
    ("aarch64-be", "clang-19", "clang++-19", ["--target=aarch64_be-linux-gnu", "-ffreestanding"]),
    ("macho-arm64", "clang-19", "clang++-19", ["--target=arm64-apple-macos13", "-ffreestanding"]),
    ("macho-x86", "clang-19", "clang++-19", ["--target=x86_64-apple-macos13", "-ffreestanding"]),
    ("coff", "clang-19", "clang++-19", ["--target=x86_64-w64-mingw32", "-ffreestanding"]),
]
FORMS = [
    ("dwarf2", ["-gdwarf-2"]), ("dwarf3", ["-gdwarf-3"]), ("dwarf4", ["-gdwarf-4"]), ("dwarf5", ["-gdwarf-5"]),
    ("strict5", ["-gdwarf-5", "-gstrict-dwarf"]), ("types4", ["-gdwarf-4", "-fdebug-types-section"]), ("types5", ["-gdwarf-5", "-fdebug-types-section"]),
    ("zlib", ["-gdwarf-5", "-gz=zlib"]), ("zstd", ["-gdwarf-5", "-gz=zstd"]), ("wide4", ["-gdwarf-4", "-gdwarf64"]), ("wide5", ["-gdwarf-5", "-gdwarf64"]),
]
LANGUAGES = [("c", "types.c", []), ("cxx", "types.cc", ["-std=c++20", "-fno-exceptions", "-fno-rtti"])]


def compile_case(suite, compiler, c, cxx, options, form, language, source, more):
    program = c if language == "c" else cxx
    suite.need(program, DWARFDUMP)
    file = suite.work / f"{compiler}-{form[0]}-{language}.o"
    done = differential.run([program, *options, *form[1], *more, "-w", "-c", "-o", file, HERE / source], seconds=120)
    if done.code != 0:
        suite.skip(f"{program} {' '.join([*options, *form[1]])} does not compile this: {done.err.strip().splitlines()[0][:120] if done.err else ''}")
    return file


def compilers(suite):
    for compiler, c, cxx, options in COMPILERS:
        native = compiler in ("gcc", "clang")
        for form in FORMS:
            # Elsewhere the forms that differ by container or byte order are enough.
            if not native and form[0] not in ("dwarf2", "dwarf4", "dwarf5", "types5"):
                continue
            # llvm-dwarfdump reads the first of the many .debug_info sections such a COFF object has.
            if compiler == "mingw" and form[0] == "types5":
                continue
            for language, source, more in LANGUAGES:
                name = f"{compiler}/{form[0]}/{language}"
                if not suite.wanted(name):
                    continue
                with suite.case(name):
                    compare(suite, compile_case(suite, compiler, c, cxx, options, form, language, source, more))


def linked(suite):
    """Programs, and what tools make of them: split units, packages, dwz, separate files."""
    for compiler, version in (("g++", 4), ("g++", 5), ("clang++-19", 4), ("clang++-19", 5)):
        folder = suite.work / f"split-{compiler}-{version}"
        flags = [f"-gdwarf-{version}", "-std=c++20", "-w", "-gsplit-dwarf"]
        for kind in ("dwo", "dwp", "types-dwo"):
            name = f"split/{compiler}/{version}/{kind}"
            if not suite.wanted(name):
                continue
            with suite.case(name):
                suite.need(compiler, DWARFDUMP)
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                extra = ["-fdebug-types-section"] if kind == "types-dwo" else []
                done = differential.run([compiler, *flags, *extra, "-o", "program", HERE / "types.cc"], cwd=folder, seconds=120)
                suite.equal("the compiler's exit code", 0, done.code, done.err)
                dwos = sorted(folder.glob("*.dwo"))
                suite.equal("split files", 1, len(dwos))
                wanted = dwos[0]
                if kind == "dwp":
                    tool = "llvm-dwp-19" if shutil.which("llvm-dwp-19") else "dwp"
                    suite.need(tool)
                    done = differential.run([tool, dwos[0], "-o", folder / "program.dwp"])
                    suite.equal(f"exit code of {tool}", 0, done.code, done.err)
                    wanted = folder / "program.dwp"
                    dwos[0].rename(folder / "hidden")
                compare(suite, folder / "program", wanted)
    for name, how in (("dwz", "one"), ("dwz-multifile", "multi"), ("debuglink", "link"), ("debuglink-folder", "folder"), ("build-id", "id"), ("lto", "lto")):
        if not suite.wanted(f"linked/{name}"):
            continue
        with suite.case(f"linked/{name}"):
            suite.need("g++", DWARFDUMP)
            folder = suite.work / name
            folder.mkdir()
            linked_case(suite, folder, how)


def linked_case(suite, folder, how):
    flags = ["-std=c++20", "-w", "-gdwarf-5" if how != "multi" else "-gdwarf-4", "-Wl,--build-id"]
    if how == "lto":
        flags.append("-flto")
    # The same types from C and from C++, so that there is something to share.
    done = differential.run(["gcc", *[flag for flag in flags if flag[:4] != "-std"], "-Dmain=other_main", "-Dadd=other_add", "-c", "-o", folder / "c.o", HERE / "types.c"], seconds=200)
    suite.equal("exit code of gcc", 0, done.code, done.err)
    program = folder / "program"
    done = differential.run(["g++", *flags, "-o", program, HERE / "types.cc", folder / "c.o"], seconds=200)
    suite.equal("exit code of g++", 0, done.code, done.err)
    plain = folder / "plain"
    shutil.copy(program, plain)
    if how in ("one", "multi"):
        suite.need("dwz")
        if how == "one":
            done = differential.run(["dwz", program])
        else:
            other = folder / "program2"
            shutil.copy(program, other)
            done = differential.run(["dwz", "-m", folder / "shared.debug", program, other])
        suite.equal("exit code of dwz", 0, done.code, done.err)
    elif how in ("link", "folder", "id"):
        suite.need("objcopy", "strip", "readelf")
        debug = folder / "program.debug"
        differential.run(["objcopy", "--only-keep-debug", program, debug])
        differential.run(["strip", "-g", program])
        if how == "id":
            build_id = re.search(r"Build ID: ([0-9a-f]+)", differential.run(["readelf", "-n", program]).out)[1]
            place = folder / "debug" / ".build-id" / build_id[:2] / f"{build_id[2:]}.debug"
        else:
            differential.run(["objcopy", f"--add-gnu-debuglink={debug}", program])
            place = folder / ".debug" / "program.debug" if how == "link" else pathlib.Path(f"{folder / 'debug'}{folder.resolve()}/program.debug")
        place.parent.mkdir(parents=True)
        debug.rename(place)
        program = program.resolve()
    compare(suite, program, plain, options=("--debug-folder", folder / "debug"))


def windows_program(suite):
    """A linked PE program, whose sections have long names."""
    for name, compiler, source, more in (("windows/cxx", "x86_64-w64-mingw32-g++", "types.cc", ["-std=c++20"]), ("windows/c", "i686-w64-mingw32-gcc", "types.c", [])):
        if not suite.wanted(name):
            continue
        with suite.case(name):
            suite.need(compiler, DWARFDUMP)
            program = suite.work / f"{name.replace('/', '-')}.exe"
            done = differential.run([compiler, *more, "-g", "-w", "-o", program, HERE / source], seconds=200)
            suite.equal(f"exit code of {compiler}", 0, done.code, done.err)
            compare(suite, program)


def by_name(suite):
    """Every record that is there can be asked for by its name, and is the same then."""
    for name, compiler, source in (("by-name/c", "gcc", "types.c"), ("by-name/cxx", "clang++-19", "types.cc"), ("by-name/types", "g++", "types.cc")):
        if not suite.wanted(name):
            continue
        with suite.case(name):
            suite.need(compiler)
            file = suite.work / f"{name.replace('/', '-')}.o"
            more = ["-std=c++20"] if source == "types.cc" else []
            more += ["-fdebug-types-section"] if name == "by-name/types" else []
            suite.equal("exit code of the compiler", 0, differential.run([compiler, *more, "-g", "-w", "-c", "-o", file, HERE / source]).code)
            everything = ours(suite, file)
            for record in everything:
                found = ours(suite, file, "find", record["name"])
                suite.true(f"{record['name']} by its name", record in found, f"{record} is not in {found}")
            suite.equal("all of them by one glob", sorted(map(json.dumps, everything)), sorted(json.dumps(one) for one in ours(suite, file, "json", "*")))


PLAIN = "-ldflags=-compressdwarf=false"


def other_languages(suite):
    for name, command in (("rust", ["rustc", "-g", "--edition", "2021", "-o", suite.work / "rust", HERE / "types.rs"]),
                          ("go", ["go", "build", "-o", suite.work / "go-program", HERE / "types.go"]),
                          ("go-windows", ["go", "build", PLAIN, "-o", suite.work / "go.exe", HERE / "types.go"]),
                          ("go-macos", ["go", "build", PLAIN, "-o", suite.work / "go-macos", HERE / "types.go"])):
        if not suite.wanted(name):
            continue
        with suite.case(name):
            suite.need(command[0], DWARFDUMP)
            environment = dict(os.environ)
            environment.update({"go-windows": {"GOOS": "windows", "GOARCH": "amd64"}, "go-macos": {"GOOS": "darwin", "GOARCH": "arm64"}}.get(name, {}))
            done = differential.run(command, env=environment, seconds=600)
            suite.equal("the compiler's exit code", 0, done.code, done.err)
            file = command[command.index("-o") + 1]
            compare(suite, file)
            if PLAIN not in command:
                continue
            # llvm-dwarfdump does not unpack the .zdebug sections of these containers.
            packed = suite.work / f"{name}-packed"
            done = differential.run([packed if part == file else part for part in command if part != PLAIN], env=environment, seconds=600)
            suite.equal("the compiler's exit code", 0, done.code, done.err)
            suite.equal("the packed program's types", ours(suite, file), ours(suite, packed))


SCALARS = ["char", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned", "long", "unsigned long", "long long", "float", "double",
           "long double", "_Bool", "void *", "int (*)(void)"]


def generated_source(dice, count):
    """Random C structs; each refers to earlier ones."""
    lines = []
    for number in range(count):
        fields = []
        for place in range(dice.randint(1, 9)):
            kind = dice.random()
            name = f"f{place}"
            if kind < 0.25:
                base = dice.choice(["unsigned char", "short", "int", "unsigned", "long long", "_Bool"])
                limit = {"unsigned char": 8, "short": 16, "long long": 64, "_Bool": 1}.get(base, 32)
                width = dice.randint(0, limit)
                fields.append(f"{base} {name if width else ''} : {width};")
            elif kind < 0.4 and number:
                fields.append(f"struct g{dice.randrange(number)} {name}{dice.choice(['', '[2]', '[3]'])};")
            elif kind < 0.5:
                inner = " ".join(f"{dice.choice(SCALARS[:13])} {name}_{at};" for at in range(dice.randint(1, 3)))
                fields.append(f"{dice.choice(['struct', 'union'])} {{ {inner} }}{dice.choice(['', ' ' + name])};")
            else:
                base = dice.choice(SCALARS)
                fields.append(f"int (*{name})(void);" if "(*)" in base else f"{base} {name}{dice.choice(['', '', '', '[7]', '[2][3]'])};")
        attribute = dice.choice(["", "", "", "__attribute__((packed))", "__attribute__((aligned(16)))"])
        lines.append(f"struct {attribute} g{number} {{ {' '.join(fields)} }}; struct g{number} *v{number};")
    return "\n".join(lines) + "\n"


def generated(suite):
    for compiler, flags in (("gcc", ["-gdwarf-5"]), ("gcc", ["-gdwarf-3"]), ("clang-19", ["-gdwarf-5"]), ("clang-19", ["-gdwarf-2"])):
        name = f"generated/{compiler}/{flags[0][1:]}"
        if not suite.wanted(name):
            continue
        with suite.case(name):
            suite.need(compiler, DWARFDUMP)
            source = suite.work / f"generated-{compiler}{flags[0]}.c"
            source.write_text(generated_source(random.Random(f"{suite.options.seed} {name}"), 400))
            file = source.with_suffix(".o")
            done = differential.run([compiler, *flags, "-w", "-c", "-o", file, source], seconds=120)
            suite.equal("the compiler's exit code", 0, done.code, done.err)
            compare(suite, file)


def known_wrong_elsewhere(suite):
    """What pahole 1.31 prints wrongly, against what is true by the compiler's own offsets."""
    name = "compiler-truth"
    if suite.wanted(name):
        with suite.case(name):
            suite.need("g++")
            file = suite.work / "truth.o"
            suite.equal("exit code of g++", 0, differential.run(["g++", "-g", "-std=c++20", "-w", "-c", "-o", file, HERE / "types.cc"]).code)
            records = {record["name"]: record for record in ours(suite, file)}
            two = records["TwoEmpty"]
            suite.equal("no_unique_address of empty members", [True, True, None], [field.get("no_unique_address") for field in two["fields"]])
            overlap = records["Overlap"]
            suite.equal("a member in the tail of another", (0, 40, True), (overlap["fields"][0]["bit_offset"], overlap["fields"][2]["bit_offset"], overlap["fields"][0].get("no_unique_address")))
            suite.equal("a member in the tail of the base", 40, records["Reuses"]["fields"][0]["bit_offset"])
            suite.equal("a virtual base has no fixed place", [{"type": "VirtualBase", "virtual": True, "bit_offset": None}], records["Left"]["bases"])
            suite.equal("virtual functions", ["~", "run(int) const", "pure()"], records["Virtual"]["virtual_functions"])
            suite.equal("special members", ["defaulted", "deleted", "user", "defaulted", "implicit", "user"], records["Special"]["special"])
            suite.equal("a class template", 32, records["Array<double, 3>"]["size"])
    if suite.wanted("functions"):
        with suite.case("functions"):
            suite.need("gcc")
            file = suite.work / "functions.o"
            suite.equal("exit code of gcc", 0, differential.run(["gcc", "-g", "-w", "-c", "-o", file, HERE / "types.c"]).code)
            found = ours(suite, file, "functions", "add")
            suite.equal("functions of that name", 1, len(found))
            suite.equal("parameters", [["p", "plain"], ["q", "point"], ["text", "const char *"]], found[0]["parameters"])
            suite.equal("result, variadic", ("int", True), (found[0]["result"], found[0]["variadic"]))
            suite.equal("int f()", False, ours(suite, file, "functions", "unprototyped")[0]["prototyped"])
            suite.equal("a typedef by name", 8, ours(suite, file, "find", "point")[0]["size"])
            suite.equal("an enumeration by glob", {"color": (0, 70000)}, {one["name"]: (one["least"], one["greatest"]) for one in ours(suite, file, "find", "colo*")})


suite = differential.Suite(__doc__)
compilers(suite)
linked(suite)
windows_program(suite)
by_name(suite)
other_languages(suite)
generated(suite)
known_wrong_elsewhere(suite)
sys.exit(suite.finish())
