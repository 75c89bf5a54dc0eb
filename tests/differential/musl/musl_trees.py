"""Random trees of libraries: folders, search lists, names, symbols and faults drawn from a seed."""
import os
import random


def tree(seed, number):
    def made(b):
        draw = random.Random(f"{seed}.{number}")
        folders = [f"d{i}" for i in range(draw.randint(1, 4))]
        names = [f"lib{i}.so" for i in range(draw.randint(2, 8))]
        symbols = {name: [f"s{i}_{j}" for j in range(draw.randint(0, 2))] for i, name in enumerate(names)}

        def search_list():
            entries = [draw.choice([f"{b.folder}/{folder}", f"$ORIGIN/{folder}", f"$ORIGIN/../{folder}", f"{b.folder}/none", folder])
                       for folder in draw.sample(folders, draw.randint(1, len(folders)))]
            if draw.random() < 0.08:
                entries.append("$LIB")
            return ":".join(entries)

        def tags():
            kind = draw.choice(["rpath", "runpath", None, None])
            return {kind: search_list()} if kind else {}

        def code(own, used):
            lines = [f"int {symbol}(void){{return 1;}}" for symbol in own]
            for index, symbol in enumerate(used):
                weak = " __attribute__((weak))" if draw.random() < 0.25 else ""
                lines.append(f"int {symbol}(void){weak};\nint use_{index}_{draw.randrange(10**9)}(void){{return {symbol}();}}")
            return "\n".join(lines)

        def wanted(most):
            chosen = draw.sample(names, draw.randint(0, min(most, len(names))))
            if draw.random() < 0.15:
                chosen.append(draw.choice(["libgone.so", "libm.so.6", "libdl.so.2", f"{b.folder}/{draw.choice(folders)}/{draw.choice(names)}"]))
            return chosen

        for name in names:
            for folder in draw.sample(folders, draw.choice([0, 1, 1, 1, 2]) % (len(folders) + 1)):
                used = [symbol for other in draw.sample(names, min(2, len(names))) for symbol in symbols[other] if draw.random() < 0.4]
                own = [symbol for symbol in symbols[name] if draw.random() < 0.95]
                used = [symbol for symbol in used if symbol not in own]
                path = b.lib(f"{folder}/{name}", code(own, used), needed=wanted(3), flags=[f"-Wl,--hash-style={draw.choice(['gnu', 'sysv', 'both'])}"], **tags())
                fate = draw.random()
                if fate < 0.02:
                    path.write_text("a text\n")
                elif fate < 0.04:
                    path.unlink()
                    path.mkdir()
                elif fate < 0.06:
                    path.unlink()
                    os.symlink("../nowhere", path)
        needed = draw.sample(names, draw.randint(1, len(names)))
        used = [symbol for name in needed for symbol in symbols[name] if draw.random() < 0.5]
        stub = ("libstub.so", "\n".join(f"int {symbol}(void){{return 0;}}" for symbol in used))
        b.lib(f"{draw.choice(folders)}/libstub.so")
        b.prog(code(symbols[names[0]][:1] if draw.random() < 0.2 and not used else [], used), needed=[*needed, stub], flags=draw.choice([[], ["-no-pie"], ["-Wl,-z,now"]]), **tags())
        if draw.random() < 0.5:
            b.environment["LD_LIBRARY_PATH"] = draw.choice([":", "\n"]).join(f"{b.folder}/{folder}" for folder in draw.sample(folders, draw.randint(1, len(folders))))
        if draw.random() < 0.2:
            b.environment["LD_PRELOAD"] = " ".join(draw.sample(names + [f"{b.folder}/{folders[0]}/{names[0]}"], 2))
        if draw.random() < 0.5:
            b.path_file("\n".join(f"{b.folder}/{folder}" for folder in draw.sample(folders, draw.randint(0, len(folders)))) + draw.choice(["", "\n"]))
        b.expect(None)
    return made
