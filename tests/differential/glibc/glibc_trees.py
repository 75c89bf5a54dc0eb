"""Random trees of libraries: folders, search lists, names, versions, symbols and faults drawn from a seed."""
import random


def tree(seed, number):
    def made(b):
        draw = random.Random(f"{seed}.{number}")
        folders = [f"/d{i}" for i in range(draw.randint(1, 4))] + draw.sample(["/usr/lib", "/lib/x86_64-linux-gnu", "/opt/lib/x86_64-linux-gnu"], draw.randint(0, 2))
        names = [f"lib{i}.so" for i in range(draw.randint(2, 9))]
        versioned = {name: draw.random() < 0.3 for name in names}
        symbols = {name: [f"s{i}_{j}" for j in range(draw.randint(0, 2))] for i, name in enumerate(names)}

        def chance(probability):
            return draw.random() < probability

        def search_list():
            entries = [draw.choice([folder, folder, f"$ORIGIN{folder}", f"$ORIGIN/..{folder}", f"{folder}/", "/opt/$LIB", folder.lstrip("/")])
                       for folder in draw.sample(folders, draw.randint(1, len(folders)))]
            if chance(0.1):
                entries.insert(draw.randint(0, len(entries)), "")
            return ":".join(entries)

        def tags():
            kind = draw.choice(["rpath", "runpath", "rpath", None])
            return {kind: search_list()} if kind else {}

        def code(own, used):
            lines = [f"{'__attribute__((weak)) ' if chance(0.2) else ''}int {symbol}(void) {{ return 1; }}" for symbol in own]
            for symbol in used:
                weak = " __attribute__((weak))" if chance(0.3) else ""
                form = draw.choice(["int use_{0}(void) {{ return {0}(); }}", "int (*use_{0})(void) = {0};"])
                lines.append(f"int {symbol}(void){weak};\n" + form.format(symbol))
            return "\n".join(lines)

        def script(name, own):
            if not versioned[name]:
                return ""
            kept = [symbol for symbol in own if chance(0.9)]
            version = draw.choice(["V1", "V1", "V1", "V2"])
            return f"{version} {{ {' '.join(symbol + ';' for symbol in kept)} }};"

        def stub(name):
            own = symbols[name]
            text = "\n".join(f"int {symbol}(void) {{ return 1; }}" for symbol in own)
            return (name, text, f"V1 {{ {' '.join(symbol + ';' for symbol in own)} }};") if versioned[name] and own else (name, text)

        def wanted(most):
            chosen = [stub(name) for name in draw.sample(names, draw.randint(0, min(most, len(names))))]
            if chance(0.1):
                chosen.append(draw.choice(["libgone.so", "ld-linux-x86-64.so.2", f"{draw.choice(folders)}/{draw.choice(names)}"]))
            return chosen

        for name in names:
            for folder in draw.sample(folders, min(draw.choice([1, 1, 1, 2, 0]), len(folders))):
                if chance(0.15):
                    folder += draw.choice(["/glibc-hwcaps/x86-64-v2", "/glibc-hwcaps/x86-64-v3", "/tls", "/haswell", "/x86_64"])
                needed = wanted(3)
                available = [symbol for entry in needed if isinstance(entry, tuple) for symbol in symbols[entry[0]]]
                used = [symbol for symbol in available if chance(0.5)]
                own = [symbol for symbol in symbols[name] if chance(0.93)]
                used = [symbol for symbol in used if symbol not in own]
                flags = [f"--hash-style={draw.choice(['gnu', 'sysv', 'both'])}", "-z", draw.choice(["now", "lazy", "now"])]
                if chance(0.1):
                    flags.append("-Bsymbolic")
                if chance(0.05):
                    flags += ["-z", "nodefaultlib"]
                soname = draw.choice([None, None, None, None, draw.choice(names)])
                path = b.lib(f"{folder}/{name}", code(own, used), needed=needed, soname=soname, flags=flags, script=script(name, own), **tags())
                fate = draw.random()
                if fate < 0.015:
                    path.write_text("a text\n")
                elif fate < 0.03:
                    path.unlink()
                    path.symlink_to("../nowhere")
                elif fate < 0.05:
                    data = bytearray(path.read_bytes())
                    data[draw.choice([4, 18, 18, 7])] ^= 1
                    path.write_bytes(data)
        needed = [stub(name) for name in draw.sample(names, draw.randint(1, min(5, len(names))))]
        used = [symbol for entry in needed for symbol in symbols[entry[0]] if chance(0.5)]
        lines = code([], used)
        b.prog(lines, needed=needed, flags=["-z", draw.choice(["now", "lazy"])], pie=True, **tags())
        if chance(0.4):
            b.environment["LD_LIBRARY_PATH"] = draw.choice([":", ";"]).join(draw.sample(folders, draw.randint(1, len(folders))))
        if chance(0.25):
            b.environment["LD_PRELOAD"] = draw.choice([" ", ":"]).join(draw.sample(names + [f"{folders[0]}/{names[0]}"], 2))
        if chance(0.3):
            b.environment["LD_BIND_NOW"] = "1"
        if chance(0.4):
            b.ldconfig("".join(folder + "\n" for folder in draw.sample(folders, draw.randint(1, len(folders)))))
        b.expect(None)
        b.random = True
    return made
