#!/usr/bin/env python3
"""`abiscope go` against what Go itself says of the same programs: functions and lines against `go tool nm` and `go tool addr2line` of the twin that was not stripped,
calls with what was inlined into them against runtime.CallersFrames of the running program, types against its reflect, versions and settings against
`go version -m`. Programs of other machines run under qemu-user; those of other systems are read only.

Each program is read without its build information too: the version must come out of its other parts.
"""
import json
import pathlib
import random
import re
import sys

import differential

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "golang"))
import toolchains   # noqa: E402

CASES = [("1.19", "linux", "amd64", "plain"), ("1.21", "linux", "386", "strip"), ("1.22", "linux", "amd64", "pie"), ("1.23", "linux", "arm", "strip"),
         ("1.24", "linux", "s390x", "strip"), ("1.25", "windows", "amd64", "strip"), ("1.26", "linux", "amd64", "cgo-pie"),
         ("1.27", "darwin", "arm64", "strip"), ("1.27", "linux", "amd64", "strip")]
MORE = [(version, "linux", architecture, mode) for version in toolchains.DEBIAN
        for architecture, mode in (("amd64", "plain"), ("amd64", "strip"), ("amd64", "pie"), ("amd64", "cgo-pie"), ("arm64", "strip"), ("arm64", "pie"), ("386", "strip"),
                                   ("arm", "strip"), ("s390x", "strip"), ("ppc64", "strip"), ("mips", "strip"), ("riscv64", "strip"))]
MORE += [(version, system, architecture, "strip") for version in toolchains.DEBIAN
         for system, architecture in (("windows", "amd64"), ("windows", "386"), ("darwin", "amd64"), ("darwin", "arm64"))]
EMULATORS = {"amd64": None, "386": None, "arm": "qemu-arm", "arm64": "qemu-aarch64", "s390x": "qemu-s390x", "ppc64": "qemu-ppc64", "mips": "qemu-mips",
             "riscv64": "qemu-riscv64"}
NEWEST = max(toolchains.DEBIAN)
# Ends of ranges, not functions; one of the two sides has some of them.
NO_FUNCTIONS = {"runtime.text", "runtime.etext", "go:textfipsstart", "go:textfipsend", "go.textfipsstart", "go.textfipsend"}


def options(parser):
    parser.add_argument("--all", action="store_true", help="every release, architecture and way to link")
    parser.add_argument("--pcs", type=int, default=300, help="addresses whose lines are compared")


class Program:
    def __init__(self, suite, case):
        self.suite = suite
        self.version, self.system, self.architecture, self.mode = case
        self.path = toolchains.build(suite.work / "-".join(case), *case)
        twin = toolchains.TWIN.get(self.mode)
        self.twin = toolchains.build(suite.work / "-".join(case), *case[:3], twin) if twin else self.path
        self.go = self.ask("--functions", "--types")

    def ask(self, *arguments, path=None):
        done = differential.run([self.suite.abiscope, "go", path or self.path, "--json", *arguments], seconds=200)
        document = done.json()
        if not document["results"] or document["results"][0].get("go") is None:
            raise differential.Failure(f"{self.path}: {done.out[:500]} {done.err[:500]}")
        self.findings = [finding["rule"] for finding in document["results"][0]["findings"]]
        return document["results"][0]["go"]

    def tool(self, name, *arguments, stdin=None):
        done = toolchains.go(self.version, "tool", name, *arguments, self.twin, stdin=stdin)
        if done.code != 0:
            raise differential.Failure(f"go tool {name}: {done.err[:500]}")
        return done.out

    def run(self):
        emulator = EMULATORS[self.architecture]
        if emulator:
            self.suite.need(emulator)
        done = differential.run([*([emulator] if emulator else []), self.path], seconds=100)
        if done.code != 0:
            raise differential.Failure(f"{self.path} ended with {done.code}: {done.err[:500]}")
        return done.out.splitlines()


def plain_name(name):
    """nm adds the ABI of an assembly function, writes a dot for the middle dot, and generics have their arguments spelled out in one and not in the other."""
    return re.sub(r"\.abi(0|internal)$", "", re.sub(r"\[.*\]", "[...]", name.replace("\u00b7", ".")))


def compare_functions(suite, program):
    ours = {int(one["entry"], 16): one for one in program.go["functions"] if one["name"] not in NO_FUNCTIONS}
    theirs = {}
    for line in program.tool("nm").splitlines():
        match = re.match(r"\s*([0-9a-f]+) [Tt] (.*)$", line)
        if match and match[2] not in NO_FUNCTIONS:
            names = theirs.setdefault(int(match[1], 16), set())
            names |= {plain_name(match[2]), plain_name(match[2]).removeprefix("_" if program.system == "darwin" else "")}
    wrong = [f"{entry:#x} {one['name']}: nm {theirs.get(entry)}" for entry, one in ours.items()
             if plain_name(one["name"]) not in theirs.get(entry, ()) and one["name"] not in ("go:buildid", "go.buildid")]
    low, high = min(ours), max(ours)
    lost = [f"{entry:#x} {names}" for entry, names in theirs.items() if low <= entry <= high and entry not in ours and any("." in name for name in names)]
    print(f"  {len(ours)} functions, {len(wrong)} that nm does not have, {len(lost)} that only nm has", flush=True)
    suite.true("too few functions", len(ours) > 1000)
    suite.equal("functions nm does not have", [], wrong[:5])
    if not program.mode.startswith("cgo"):
        suite.equal("functions only nm has", [], lost[:5])


def compare_lines(suite, program):
    functions = [one for one in program.go["functions"] if one["name"] not in NO_FUNCTIONS]
    chosen = random.Random(suite.options.seed).sample(functions, min(suite.options.pcs, len(functions)))
    pcs = sorted(int(one["entry"], 16) + suite.random.randrange(max(1, one["size"])) // 4 * 4 for one in chosen)
    asked = "".join(f"{pc:#x}\n" for pc in pcs).encode()
    answer = toolchains.go(program.version, "tool", "addr2line", program.twin, stdin=asked).out.splitlines()
    ours = []
    for start in range(0, len(pcs), 200):
        ours += program.ask(*(word for pc in pcs[start:start + 200] for word in ("--at", f"{pc:#x}")))["at"]
    wrong = []
    for index, (pc, place) in enumerate(zip(pcs, ours)):
        function, line = answer[2 * index:2 * index + 2]
        frame = place["frames"][0]
        have = f"{frame['file']}:{frame['line'] or -1}"   # of the padding behind a function nobody says a line
        if function != "?" and (plain_name(function), line) != (plain_name(place["frames"][-1]["function"]), have):
            wrong.append(f"{pc:#x}: addr2line {function} {line}, ours {place['frames'][-1]['function']} {have}")
    print(f"  {len(pcs) - len(wrong)} of {len(pcs)} lines agree", flush=True)
    suite.equal("lines", [], wrong[:5])


def compare_calls(suite, program, printed):
    entries = {plain_name(one["name"]): int(one["entry"], 16) for one in program.go["functions"]}
    frames = [line.split(" ", 5)[1:] for line in printed if line.startswith("frame ")]
    slide = next(int(entry, 16) - entries[name] for _, entry, _, name, _ in frames if name == "main.main")
    pcs = sorted({int(pc, 16) - slide for pc, *_ in frames})
    at = {int(place["address"], 16): place for place in program.ask(*(word for pc in pcs for word in ("--at", f"{pc:#x}")))["at"]}
    wrong, inlined = [], 0
    for pc, _, line, name, file in frames:
        place = at[int(pc, 16) - slide]
        have = [(plain_name(frame["function"]), frame["line"], frame["file"]) for frame in place.get("frames", [])]
        inlined += len(have) > 1
        if (plain_name(name), int(line), file) not in have:
            wrong.append(f"{pc}: real {name} {file}:{line}, ours {have}")
    print(f"  {len(frames) - len(wrong)} of {len(frames)} frames agree, {inlined} with inlined calls", flush=True)
    suite.true("no inlined call was met", inlined > 3)
    suite.equal("frames", [], wrong[:5])


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def described(one):
    """A type of ours in the program's own words."""
    package = one.get("package", "") if "name" in one else ""
    out = f"type {quoted(one['text'])} {quoted(one.get('name', ''))} {quoted(package)} kind {one['kind']} size {one['size']} align {one['align']} fieldalign {one['field_align']}"
    kind = one["kind"]
    if kind in ("ptr", "slice", "array", "chan"):
        out += f" elem {quoted(one['element'])}"
    if kind == "array":
        out += f" len {one['length']}"
    if kind == "chan":
        out += f" dir { {'receive': 1, 'send': 2, 'both': 3}[one['direction']]}"
    if kind == "map":
        out += f" key {quoted(one['key'])} elem {quoted(one['element'])}"
    for field in one.get("fields", []):
        out += (f" field {quoted(field['name'])} {quoted(field.get('package', ''))} {quoted(field['type'])} {field['offset']} "
                f"{str(field.get('embedded', False)).lower()} {quoted(field.get('tag', ''))}")
    if kind == "func":
        out += "".join(f" in {quoted(text)}" for text in one["in"]) + "".join(f" out {quoted(text)}" for text in one["out"])
        out += f" variadic {str(one['variadic']).lower()}"
    for method in one.get("methods", []):
        if kind == "interface":
            out += f" method {quoted(method['name'])} {quoted(method.get('package', ''))} {quoted(method['type'])}"
        elif method["name"][0].isupper():
            out += f" method {quoted(method['name'])}"
    return out


def compare_types(suite, program, printed):
    real = [line for line in printed if line.startswith("type ")]
    ours = {described(one) for one in program.go["types"]}
    wrong = [line for line in real if line not in ours]
    print(f"  {len(real) - len(wrong)} of {len(real)} types agree, {len(program.go['types'])} read", flush=True)
    suite.true("too few types", len(real) > 80)
    near = {line.split(" kind ")[0]: line for line in ours}
    suite.equal("types", [], [f"real {line}\nours {near.get(line.split(' kind ')[0])}" for line in wrong[:3]])
    suite.equal("findings", [], [rule for rule in program.findings if rule != "GO-BUILD-INFO-MISSING"])


def compare_build(suite, program):
    lines = toolchains.go(NEWEST, "version", "-m", program.path).out.splitlines()
    suite.equal("version", lines[0].rsplit(": ", 1)[1], program.go["version"])
    settings = dict(line.split("\t")[2].split("=", 1) for line in lines if line.startswith("\tbuild\t"))
    suite.equal("settings", settings.get("GOARCH"), program.go["settings"].get("GOARCH"))
    suite.equal("number of settings", len(settings), len(program.go["settings"]))
    suite.true("the release is not in its shape", in_range(program.version, program.go["module_data"][0]["laid_out_as"]))


def in_range(version, text):
    first, _, last = text.partition(" to ")
    return int(first[2:]) <= int(version[2:]) <= int((last or first)[2:])


def compare_without_build_info(suite, program):
    """Twice: without the blob, then without any text that is a version too."""
    data = program.path.read_bytes()
    spoiled = program.path.with_suffix(".spoiled")
    spoiled.write_bytes(data.replace(b"\xff Go buildinf:", bytes(14)))
    go = program.ask(path=spoiled)
    suite.equal("version out of the data", (program.go["version"], "runtime.buildVersion"), (go["version"], go["version_source"]["source"]))
    suite.true("GO-BUILD-INFO-MISSING is not reported", "GO-BUILD-INFO-MISSING" in program.findings)
    spoiled.write_bytes(data.replace(b"\xff Go buildinf:", bytes(14)).replace(b"go1.", b"xx1."))
    go = program.ask(path=spoiled)
    suite.equal("source", "shape of its tables", go["version_source"]["source"])
    span = f"{go['version_source']['first']} to {go['version_source']['last']}"
    print(f"  without any version: Go {span}", flush=True)
    suite.true(f"the release is not in {span}", in_range(program.version, span))


def main():
    suite = differential.Suite(__doc__, options)
    for case in [*CASES, *(case for case in MORE if suite.options.all and case not in CASES)]:
        name = "-".join(case)
        if not suite.wanted(name):
            continue
        program = None
        with suite.case(f"{name} reads"):
            print(name, flush=True)
            program = Program(suite, case)
        if program is None:
            continue
        for what, compare in (("functions", compare_functions), ("lines", compare_lines), ("build", compare_build), ("without build info", compare_without_build_info)):
            with suite.case(f"{name} {what}"):
                compare(suite, program)
        if program.system != "linux":
            continue
        with suite.case(f"{name} runs"):
            printed = program.run()
            compare_calls(suite, program, printed)
            compare_types(suite, program, printed)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
