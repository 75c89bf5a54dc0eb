#!/usr/bin/env python3
"""What distributions, linkers and machines do beside the usual: loaders of another libc, programs without one, relocations that lazy binding
refuses, file systems without set-user-ID, rights by a second group, folders a profile knows nothing of. Each is run, and `check` must not
promise what does not happen."""
import ctypes
import os
import pathlib
import platform
import shutil
import subprocess

import differential
import elf_patch
import prompt

LIBRARY, PROGRAM, EMPTY = "int x(void) { return 0; }\n", "int x(void);\nint main(void) { return x(); }\n", "int main(void) { return 0; }\n"
LOADER = "/lib64/ld-linux-x86-64.so.2"
NOBODY, GROUP = 65534, 44321
CLONE_NEWNS = 0x00020000


def compile(suite, *words):
    suite.need(words[0])
    subprocess.run([str(word) for word in words], check=True, capture_output=True, timeout=60)


def as_nobody(command, groups=()):
    return ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, *(["--groups", ",".join(map(str, groups))] if groups else ["--clear-groups"]), *command]


def agree(suite, program, environment=None):
    answer = differential.run([suite.abiscope, "check", program, "--json"], env={**os.environ, **(environment or {})}).json()
    prompt.compare(suite, prompt.run(program), answer["results"][0])


def not_promised(suite, program, *options, environment=None):
    outcome = differential.run([suite.abiscope, "check", program, *options, "--json"], env={**os.environ, **(environment or {})})
    one = outcome.json()["results"][0]
    suite.true("it does not say that it runs, and nothing else", one["verdict"] in ("unknown", "conditional", "fails"), outcome.out)
    return one


def relocation_cases(suite, work):
    with suite.case("relocations packed for Android"):
        suite.need("clang-19", "ld.lld-19")
        compile(suite, "clang-19", work / "main.c", "-o", work / "packed", work / "libx.so", "-pie", "-fuse-ld=lld-19", "-Wl,--pack-dyn-relocs=android", "-Wl,-rpath,$ORIGIN")
        not_promised(suite, work / "packed")
    with suite.case("R_NONE in DT_JMPREL"):
        compile(suite, "gcc", work / "main.c", "-o", work / "ignored", "-Wl,--unresolved-symbols=ignore-all", "-Wl,-z,lazy")
        agree(suite, work / "ignored")


def loader_cases(suite, work):
    def other_loader(name, cache, folders):
        """glibc's loader with paths of the same length in place of its own."""
        bytes_ = pathlib.Path(LOADER).read_bytes()
        start = bytes_.index(b"\0/lib/x86_64-linux-gnu/\0")
        end = bytes_.index(b"\0\0", start)
        room = end - start - 1
        text = b"".join(b"/" + folder.encode() + b"/\0" for folder in folders)
        suite.true("the folders fit", len(text) <= room)
        parts = bytes_[start + 1:end].split(b"\0")
        made = bytes_
        for own, folder in zip(parts, folders):
            longer = b"/" * (len(own) - len(folder)) + folder.encode()
            made = made.replace(b"\0" + own + b"\0", b"\0" + longer + b"\0")
        made = made.replace(b"/etc/ld.so.cache", cache)
        place = work / name
        place.write_bytes(made)
        place.chmod(0o755)
        return place

    with suite.case("a loader with a cache and folders of its own"):
        suite.need("gcc")
        loader = other_loader("own-ld.so", b"/opt/ld.so.cache", ["nolib/"])
        compile(suite, "gcc", work / "main.c", work / "libx.so", f"-Wl,-dynamic-linker,{loader}", "-o", work / "own-loader")
        agree(suite, work / "own-loader")
        compile(suite, "gcc", work / "main.c", work / "libx.so", f"-Wl,-dynamic-linker,{loader}", f"-Wl,-rpath,{work}", "-o", work / "own-loader-rpath")
        agree(suite, work / "own-loader-rpath")
    for name, flags in (("a static program", ["-static"]), ("a static-pie", ["-static-pie"])):
        with suite.case(f"{name} as loader"):
            compile(suite, "gcc", *flags, work / "empty.c", "-o", work / "no-loader")
            compile(suite, "gcc", work / "empty.c", f"-Wl,-dynamic-linker,{work / 'no-loader'}", "-o", work / "led-astray")
            not_promised(suite, work / "led-astray")
    with suite.case("libc.so.6 as loader"):
        compile(suite, "gcc", work / "empty.c", "-Wl,-dynamic-linker,/lib/x86_64-linux-gnu/libc.so.6", "-o", work / "by-libc")
        not_promised(suite, work / "by-libc")
    for flags in ([], ["-no-pie"]):
        with suite.case(f"libraries, and no loader {' '.join(flags)}"):
            compile(suite, "gcc", *flags, work / "empty.c", "-Wl,--no-dynamic-linker", "-o", work / "unled")
            suite.true("it crashes", differential.run([work / "unled"]).code == 139)
            not_promised(suite, work / "unled")
    with suite.case("a module that has an entry and no DT_SONAME"):
        module = work / "module.cpython-311-x86_64-linux-gnu.so"
        compile(suite, "gcc", "-shared", "-fPIC", work / "x.c", "-Wl,--no-as-needed,-e,x", "-o", module)
        one = differential.run([suite.abiscope, "check", module, "--json"]).json()["results"][0]
        suite.equal("asked as a library, it loads", ("library", "runs"), (one.get("as"), one["verdict"]))


def damage_cases(suite, work):
    """Tables that are not as any linker writes them. The loader believes them, and what happens then is not in the file."""
    rela, relasz, relacount = 7, 8, 0x6FFFFFF9
    pltrelsz, strtab, symtab, init, pltrel, jmprel, init_array, init_arraysz = 2, 5, 6, 12, 20, 23, 25, 27
    gnu_hash, versym, verneed = 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFE

    def set_to(tag, value):
        def apply(patch):
            offset, had = patch.tag(tag)
            patch.put(offset + 8, 8, value(had))
        return apply

    def symbol(field, size, value):
        """Of the undefined x(), which the program calls."""
        def apply(patch):
            symbols, names = patch.offset_of(patch.tag(symtab)[1]), patch.offset_of(patch.tag(strtab)[1])
            number = next(i for i in range(1, 40) if patch.data[names + patch.number(symbols + 24 * i, 4):].startswith(b"x\0"))
            if field is None:
                patch.put(patch.offset_of(patch.tag(versym)[1]) + 2 * number, 2, value)
            else:
                patch.put(symbols + 24 * number + field, size, value)
        return apply

    def longer_chain(patch):
        """vna_next of the last version of the first file; vn_cnt stays."""
        need = patch.offset_of(patch.tag(verneed)[1])
        at = need + patch.number(need + 8, 4)
        while step := patch.number(at + 12, 4):
            at += step
        patch.put(at + 12, 4, 16)

    def zeros(patch):
        place = patch.offset_of(patch.tag(rela)[1])
        patch.data[place:place + patch.tag(relasz)[1]] = bytes(patch.tag(relasz)[1])
        patch.drop(relacount)

    damages = {
        "DT_PLTREL is gone": lambda patch: patch.drop(pltrel), "DT_JMPREL is gone": lambda patch: patch.drop(jmprel),
        "DT_PLTRELSZ is one too small": set_to(pltrelsz, lambda had: had - 24),
        "DT_INIT_ARRAY leads astray": set_to(init_array, lambda had: had - 0x800), "DT_INIT_ARRAYSZ is too large": set_to(init_arraysz, lambda had: had + 0x800),
        "DT_INIT leads into data": set_to(init, lambda had: 0x10),
        "DT_SYMTAB is moved": set_to(symtab, lambda had: had + 8), "DT_GNU_HASH leads into nothing": set_to(gnu_hash, lambda had: had + 12),
        "the version of a symbol is none": symbol(None, 2, 0x7FF0), "the name of a symbol is none": symbol(0, 4, 0x7FFFFFFF), "DT_VERNEED is gone": lambda patch: patch.drop(verneed),
        "a chain of DT_VERNEED is longer than its count": longer_chain,
        "what is undefined is hidden": symbol(5, 1, 2),
        "the relocations are zeros": zeros, "DT_RELA is 0": set_to(rela, lambda had: 0), "DT_RELACOUNT is huge": set_to(relacount, lambda had: (1 << 64) - 1),
        "a second PT_PHDR": lambda patch: patch.put(patch.segment(0x6474E551), 4, 6), "PT_NOTE leads into nothing": lambda patch: patch.put(patch.segment(4) + 16, 8, (1 << 64) - 0xCC8),
        "PT_NOTE is longer than the file": lambda patch: patch.put(patch.segment(4) + 40, 8, 0x7FFFFFFF),
    }
    for mode in ("lazy", "now"):
        compile(suite, "gcc", work / "main.c", work / "libx.so", f"-Wl,-z,{mode},-rpath,$ORIGIN", "-o", work / f"sound-{mode}")
        with suite.case(f"a sound program, bound {mode}"):
            agree(suite, work / f"sound-{mode}")
        if mode == "now":
            with suite.case("DT_JMPREL is one byte further: no other words than the real ones"):
                place = work / "moved-now"
                shutil.copy(work / "sound-now", place)
                patch = elf_patch.Patch(place)
                set_to(jmprel, lambda had: had + 1)(patch)
                patch.save()
                answer = differential.run([suite.abiscope, "check", place, "--json"]).json()["results"][0]
                real = differential.run([place])
                suite.true("the real words, or none", answer["verdict"] == "unknown" or answer["message"]["text"] == real.err.rstrip("\n"), f"{real.err}{answer}")
        for name, damage in damages.items():
            with suite.case(f"{name}, bound {mode}"):
                place = work / f"damaged-{mode}"
                shutil.copy(work / f"sound-{mode}", place)
                patch = elf_patch.Patch(place)
                damage(patch)
                patch.save()
                real = differential.run([place])
                answer = differential.run([suite.abiscope, "check", place, "--json"]).json()["results"][0]
                suite.true("it is not promised to run", answer["verdict"] != "runs" or real.code == 0, f"really {real.code} {real.err}; {answer}")
                suite.true("what runs is not refused", answer["verdict"] != "fails" or real.code != 0, str(answer))
                suite.true("it does not run", real.code != 0)
                if answer["verdict"] == "fails":
                    suite.equal("exit code", real.code, answer["message"]["exit_code"], f"{real.err}{answer}")


    with suite.case("initialisers of DT_RELR that are zeros"):
        place = work / "packed-start"
        compile(suite, "gcc", work / "main.c", work / "libx.so", "-Wl,-z,pack-relative-relocs,-rpath,$ORIGIN", "-o", place)
        agree(suite, place)
        patch = elf_patch.Patch(place)
        start, size = patch.offset_of(patch.tag(init_array)[1]), patch.tag(init_arraysz)[1]
        patch.data[start:start + size] = bytes(size)
        patch.save()
        suite.true("it does not run", differential.run([place]).code != 0)
        not_promised(suite, place)


    with suite.case("a variable of the program that its libraries do not find, for want of a hash table"):
        place = work / "unhashed"
        (work / "copied.c").write_text("#include <stdio.h>\nint main(void) { return fprintf(stdout, \"%s\", \"\") != 0 || setvbuf(stdout, 0, _IONBF, 0); }\n", encoding="ascii")
        compile(suite, "gcc", "-no-pie", "-fno-pic", work / "copied.c", "-o", place)
        agree(suite, place)
        patch = elf_patch.Patch(place)
        patch.drop(gnu_hash)
        patch.save()
        not_promised(suite, place)


def environment_cases(suite, work):
    for kind in ("-pie", "-no-pie"):
        with suite.case(f"LD_PRELOAD names the program itself, {kind}"):
            compile(suite, "gcc", kind, work / "main.c", work / "libx.so", "-Wl,-rpath,$ORIGIN", "-o", work / "itself")
            for place in ("/proc/self/exe", "/proc/thread-self/exe"):
                real = differential.run([work / "itself"], env={**os.environ, "LD_PRELOAD": place})
                answer = differential.run([suite.abiscope, "check", work / "itself", "--env", f"LD_PRELOAD={place}", "--json"]).json()["results"][0]
                suite.equal("verdict", real.code == 0, answer["verdict"] == "runs", str(answer))
                suite.equal("text", real.err.rstrip("\n"), answer["message"]["text"], str(answer))
    with suite.case("GLIBC_TUNABLES that hide a feature of the processor"):
        folder = work / "hwcaps" / "glibc-hwcaps" / "x86-64-v2"
        folder.mkdir(parents=True)
        shutil.copy(work / "libx.so", folder)
        compile(suite, "gcc", work / "main.c", work / "libx.so", "-o", work / "plain")
        environment = {"LD_LIBRARY_PATH": str(work / "hwcaps"), "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-SSE4_2"}
        not_promised(suite, work / "plain", environment=environment)


def script_cases(suite, work):
    """`env` looks for the command; the words of both are the real ones in the locale of the prompt."""
    for name, line, code in (("absent", "nosuch", 127), ("with a return", "sh\r", 127), ("with an option", "sh -e", 127), ("not executable", "barred", 126), ("there", "sh", 0),
                             ("split", "-S sh -e", 0), ("split and absent", "-S nosuch -x", 127), ("a path", "/bin/sh", 0), ("a path to nothing", "/nonexistent/x", 127),
                             ("a path to a folder", "/tmp", 126), ("an option", "-- sh", 125), ("a variable split", "-S A=1 sh", 0)):
        with suite.case(f"#!/usr/bin/env {name}"):
            folder = work / "on-path"
            folder.mkdir(exist_ok=True)
            (folder / "barred").write_text("exit 0\n", encoding="ascii")
            script = work / f"by-env-{name.replace(' ', '-')}"
            script.write_bytes(f"#!/usr/bin/env {line}\n:\n".encode())
            script.chmod(0o755)
            for locale in ("C", "C.UTF-8"):
                environment = {"PATH": f"/usr/bin:/bin:{folder}", "LC_ALL": locale}
                real = differential.run(["bash", "-c", f"{script}; exit $?"], env=environment)
                answer = differential.run([suite.abiscope, "check", script, "--json"], env=environment).json()["results"][0]
                suite.equal("exit code as it was meant", code, real.code)
                if name in ("an option", "a variable split"):
                    suite.equal("verdict", "unknown", answer["verdict"], str(answer))
                    continue
                suite.equal("verdict", "runs" if code == 0 else "fails", answer["verdict"], str(answer))
                suite.equal("text", real.err.rstrip("\n"), answer["message"]["text"], str(answer))
                if code:
                    suite.equal("exit code", real.code, answer["message"]["exit_code"])


def argument_cases(suite, work):
    """Behind the interpreter's name stands one argument, to which a return belongs. Usage that bash prints behind its message is left out."""
    for shell in ("/bin/bash", "/bin/dash"):
        for argument in ("-e", "-eu", "-", "--", "-e\r", "-u\r", "\r", "-\r", "-e -u", "-u\t-e", "+x -e", "-eo pipefail", "-euo pipefail", "-c echo", "-- -e", "--\r", "--posix\r", "/nonexistent/script"):
            with suite.case(f"#!{shell} {argument!r}"):
                suite.need(shell)
                script = work / "by-argument"
                script.write_bytes(f"#!{shell} {argument}\n:\n".encode())
                script.chmod(0o755)
                real = differential.run([script])
                answer = differential.run([suite.abiscope, "check", script, "--json"]).json()["results"][0]
                suite.equal("verdict", "runs" if real.code == 0 else "fails", answer["verdict"], f"{real.err}{answer}")
                suite.equal("text", real.err.split("\nUsage:")[0].rstrip("\n"), answer["message"]["text"], f"{real.err!r}{answer}")
                if real.code:
                    suite.equal("exit code", real.code, answer["message"]["exit_code"], str(answer))


def other_interpreter_cases(suite, work):
    """What the rest of the #! line is to programs that are no shells. env without a command never ends, and is stopped."""
    busybox = work / "applets"
    busybox.mkdir(exist_ok=True)
    for applet in ("sh", "awk", "sed"):
        (busybox / applet).symlink_to("/bin/busybox")
    programs = (
        ("/bin/bash", ":\n", ("-posix", "-norc", "--norc", "-z", "-O", "-ec", "nosuch")),
        ("/bin/dash", ":\n", ("-z", "-ec", "-h", "nosuch")),
        ("/usr/bin/python3.11", "pass\n", ("-u", "-u -s", "-u\r", "-Es", "-Es\r", "-X dev", "--x\r", "-Xutf8", "-c -u", "-c", "-mnosuch", "-z", "nosuch", "/nonexistent/script")),
        ("/usr/bin/perl", "1;\n", ("-w", "-w -T", "-CSDA -w", "-l012n", "-I. -w", "-w\r", "-w -", "-Mstrict", "-wMstrict", "-Mnosuch", "-x", "-S", "-w -f", "-Sfoo", "-e", "-C", "--nosuch", "nosuch", "/nonexistent/script")),
        ("/usr/bin/sed", "p\n", ("-nf", "-n -f", "-f\r", "-nf\r", "-E -f", "-f x", "--posix -f", "-E -n -f", "-E", "-fn", "p", "--file", None)),
        (busybox / "sed", "p\n", ("-nf", "-n -f", "-f\r", "-E", "--posix -f")),
        ("/usr/bin/jq", "1\n", ("-nf", "-fn", "-n -f", "-f\r", "-n", ".", None)),
        ("/usr/bin/make", "all:;@:\n", ("-f", "-sf", "-s -f", "-f\r", "-f x", "--silent -f")),
        ("/usr/bin/mawk", "BEGIN {}\n", ("-f", "-f\r", "-f x", "-F: -f", "-v x=1 -f", "-We", "-n", None)),
        ("/usr/bin/gawk", "BEGIN {}\n", ("-f", "-nf", "-n -f", "-F: -f")),
        (busybox / "awk", "BEGIN {}\n", ("-f", "-f\r", "-F: -f")),
        (busybox / "sh", ":\n", ("-e", "-eu", "-e -u", "-e\r", "-l -e", "-z", "-ec", "--login", "nosuch", "/nonexistent/script")),
        ("/bin/busybox", ":\n", (None, "sh", "sh -e", "sh\r")),
        ("/bin/zsh", ":\n", ("-e", "-e -u", "-eu\r", "-f  -e", "-euo pipefail", "-o", "+x -e", "-z", "-ec", "nosuch", "/nonexistent/script")),
        ("/usr/bin/ksh93", ":\n", ("-e", "-e -u", "-e\r", "-euo pipefail", "-o", "-opipefail", "-z", "-ec", "nosuch", "/nonexistent/script")),
        ("/usr/bin/mksh", ":\n", ("-e", "-e -u", "-e\r", "-euo pipefail", "-o", "-opipefail", "-z", "-ec", "nosuch", "/nonexistent/script")),
        ("/usr/bin/tcsh", ":\n", ("-f", "-ef", "-f\r", "-e -u", "-eu", "-l", "-", "-c", "nosuch", "/nonexistent/script")),
        ("/usr/bin/fish", ":\n", ("-P", "-e", "-l -e", "--login", "-P -u", "-c", "--nosuch", "nosuch", "/nonexistent/script")),
        ("/usr/bin/node", "\n", ("--no-warnings", "--no-warnings --use-strict", "--use-strict\r", "-r fs")),
        ("/usr/bin/ruby3.1", "\n", ("-w", "-w -s")),
        ("/usr/bin/lua5.4", "\n", ("-W", "-W -E", "-E\r")),
        ("/usr/bin/env", ":\n", (None, "-i", "-", "--", "A=1", "A=1 sh")),
    )
    scripts = []
    for program, text, arguments in programs:
        for argument in arguments:
            script = work / f"by-program-{len(scripts)}"
            script.write_bytes(f"#!{program}{'' if argument is None else ' ' + argument}\n{text}".encode())
            script.chmod(0o755)
            scripts.append((program, argument, script))
    answers = differential.run([suite.abiscope, "check", *(script for _, _, script in scripts), "--json"], env=differential.clean_environment()).json()["results"]
    for (program, argument, script), answer in zip(scripts, answers):
        with suite.case(f"#!{program} {argument!r}"):
            suite.need(program)
            real = differential.run([script], env=differential.clean_environment(), seconds=0.3 if program == "/usr/bin/env" or argument in ("-c", "-ec") else 20)
            verdict = answer["verdict"]
            suite.true("what ends well is not refused, and nothing else promised", verdict == "unknown" or (verdict == "runs") == (real.code == 0), f"{real.code} {real.err!r} {answer}")
            if verdict != "fails" or answer["message"]["exit_code"] is None:
                continue
            suite.equal("exit code", real.code, answer["message"]["exit_code"], str(answer))
            said = answer["message"]["text"]
            cut = any("prints more" in one for one in answer["assumptions"])
            suite.equal("text", real.err[:len(said)] if cut else real.err.rstrip("\n"), said, f"{real.err!r}{answer}")


def rights_cases(suite, work):
    if os.geteuid() != 0:
        for name in ("a second group", "a file system without set-user-ID"):
            suite.missing(name, "needs root")
        return
    with suite.case("a second group may execute it"):
        suite.need("setpriv")
        place = work / "of-group"
        compile(suite, "gcc", work / "empty.c", "-o", place)
        os.chown(place, 0, GROUP)
        place.chmod(0o750)
        for groups in ((), (GROUP,)):
            real = differential.run(as_nobody(["sh", "-c", 'exec "$0"', place], groups)).code   # setpriv itself still has root's capabilities
            results = differential.run(as_nobody([suite.abiscope, "check", place, "--json"], groups)).json()["results"]   # none: it cannot be read
            suite.equal(f"whether it runs, groups {groups}", real == 0, any(one["verdict"] == "runs" for one in results), str(results))
    # AT_SECURE: $ORIGIN counts no more, unless the file permits nothing or root starts it.
    for text in ("cap_net_raw=ep", "cap_net_raw=p", "cap_net_raw=i"):
        with suite.case(f"capabilities of the file: {text}"):
            suite.need("setpriv", "setcap")
            able = work / ("able" + text[-2:].strip("="))
            compile(suite, "gcc", work / "main.c", work / "libx.so", "-Wl,-rpath,$ORIGIN", "-o", able)
            if differential.run(["setcap", text, able]).code != 0:
                suite.skip("the file system keeps no capabilities")
            for user, command in ((None, [able]), (NOBODY, as_nobody(["sh", "-c", 'exec "$0"', able]))):
                real = differential.run(command)
                answer = differential.run([suite.abiscope, "check", able, *([] if user is None else ["--user", f"{user}:{user}"]), "--json"]).json()["results"][0]
                suite.equal(f"whether it runs for {user or 'root'}", real.code == 0, answer["verdict"] == "runs", f"{real.err} {answer}")
    with suite.case("set-user-ID on a file system that is mounted nosuid"):
        suite.need("setpriv")
        barred = work / "nosuid"
        barred.mkdir()
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
            suite.skip("no mount namespace can be made")
        for command in (["mount", "--make-rprivate", "/"], ["mount", "-t", "tmpfs", "-o", "nosuid,mode=755", "none", barred]):
            if differential.run(command).code != 0:
                suite.skip("tmpfs cannot be mounted")
        shutil.copy(work / "libx.so", barred)
        compile(suite, "gcc", work / "main.c", barred / "libx.so", "-Wl,-rpath,$ORIGIN", "-o", barred / "raised")
        (barred / "raised").chmod(0o4755)
        real = differential.run(as_nobody([barred / "raised"]))
        suite.equal("it runs", 0, real.code, real.err)
        answer = differential.run([suite.abiscope, "check", barred / "raised", "--user", "nobody", "--json"]).json()["results"][0]
        suite.equal("the verdict", "runs", answer["verdict"], str(answer))


def profile_cases(suite, work):
    with suite.case("a folder that a profile says nothing of"):
        library = pathlib.Path("/lib/x86_64-linux-gnu/libz.so.1")
        if not library.exists():
            suite.skip("no libz.so.1")
        (work / "z.c").write_text("const char *zlibVersion(void);\nint main(void) { return zlibVersion() == 0; }\n", encoding="ascii")
        compile(suite, "gcc", work / "z.c", library, "-Wl,-rpath,/opt/app/lib", "-o", work / "by-runpath")
        root = work / "root"
        (root / "opt" / "app").mkdir(parents=True)   # there, and not looked into
        for source in (pathlib.Path(LOADER), library, pathlib.Path("/lib/x86_64-linux-gnu/libc.so.6")):
            place = root / str(source).lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.realpath(source), place)
        profile = work / "root.prof"
        captured = differential.run([suite.abiscope, "target", "capture", "--sysroot", root, "--file", profile])
        suite.equal("exit code of the capture", 0, captured.code, captured.err)
        one = not_promised(suite, work / "by-runpath", "--at", "/opt/app/bin/by-runpath", "--target", profile)
        suite.true("it names the folder", any("/opt/app/lib" in assumption for assumption in one["assumptions"]), str(one))


def inspect_cases(suite, work):
    def hardening(program):
        answer, _ = suite.ask("inspect", program)
        return answer["results"][0]["hardening"]

    with suite.case("DT_RELR needs glibc 2.36"):
        compile(suite, "gcc", work / "empty.c", "-Wl,-z,pack-relative-relocs", "-o", work / "packed")
        answer, _ = suite.ask("inspect", work / "packed")
        suite.true("2.36 is named", "glibc 2.36" in str(answer["results"][0]), str(answer["results"][0])[:2000])
    with suite.case("guards of the C library in a static program"):
        compile(suite, "gcc", "-static", "-fno-stack-protector", work / "empty.c", "-o", work / "static")
        states = hardening(work / "static")
        suite.true("no canary is promised", states["canary"]["state"] != "yes", str(states))


def main():
    suite = differential.Suite(__doc__)
    reason = "" if platform.machine() == "x86_64" else "these programs are for x86-64"
    if reason or not suite.abiscope:
        with suite.case("everything"):
            suite.skip(reason or "no program to test")
        return suite.finish()
    work = suite.work
    os.chmod(work, 0o755)
    for name, text in (("x.c", LIBRARY), ("main.c", PROGRAM), ("empty.c", EMPTY)):
        (work / name).write_text(text, encoding="ascii")
    subprocess.run(["gcc", "-shared", "-fPIC", "-Wl,-soname,libx.so", work / "x.c", "-o", work / "libx.so"], check=True, timeout=60)
    for cases in (relocation_cases, loader_cases, damage_cases, environment_cases, profile_cases, inspect_cases, script_cases, argument_cases, other_interpreter_cases, rights_cases):
        cases(suite, work)
    return suite.finish()


if __name__ == "__main__":
    raise SystemExit(main())
