#!/usr/bin/env python3
"""Every command's --json against docs/abiscope-1.schema.json, on programs, broken files and targets of this machine.

The validator below covers exactly the keywords that the schema uses, and stops on any other. The schema leaves room for names to come; here
a name that it does not list is a fault, so that none is printed before it is written down.
"""
import json
import pathlib
import re
import sys

import differential

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCHEMA = json.loads((ROOT / "docs" / "abiscope-1.schema.json").read_text(encoding="utf-8"))
KNOWN = {"$schema", "$defs", "$ref", "title", "type", "properties", "required", "items", "minItems", "minimum", "pattern", "const", "anyOf",
         "additionalProperties"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


def faults(schema, value, path="$"):
    unknown = set(schema) - KNOWN
    if unknown:
        raise differential.Failure(f"the validator does not know {unknown}")
    if "$ref" in schema:
        yield from faults(SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], value, path)
    if "anyOf" in schema and all(list(faults(choice, value, path)) for choice in schema["anyOf"]):
        yield f"{path}: fits none of the choices: {value!r}"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r} is not {schema['const']!r}"
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        yield f"{path}: {value!r} is no {kind}"
        return
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                yield f"{path}: {key} is missing"
        for key, inner in value.items():
            rule = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if rule is not None:
                yield from faults(rule, inner, f"{path}.{key}")
            elif "properties" in schema:
                yield f"{path}: the schema does not know the name {key}"
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield f"{path}: only {len(value)} items"
        for number, inner in enumerate(value):
            yield from faults(schema.get("items", {}), inner, f"{path}[{number}]")
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: {value!r} does not match {schema['pattern']}"
    if isinstance(value, int) and "minimum" in schema and value < schema["minimum"]:
        yield f"{path}: {value} is less than {schema['minimum']}"


suite = differential.Suite(__doc__)
corpus = sorted(path for path in (ROOT / "tests" / "fuzz" / "corpus").glob("*/*") if path.is_file())
FIXTURES = ROOT / "tests" / "fixtures"
fixtures = sorted(path for path in FIXTURES.glob("*/*") if path.is_file())
(suite.work / "root").mkdir()
broken = suite.work / "broken"
broken.write_bytes(b"\x7fELF\x02\x01\x01" + b"\xff" * 40)
(suite.work / "report.json").write_text(differential.run([suite.abiscope, "core", "--json", FIXTURES / "core/null_field.core"]).out, encoding="utf-8")
CASES = {
    "inspect a program": ["inspect", "/bin/ls"],
    "inspect with a sweep": ["inspect", "--sweep", "/bin/ls"],
    "inspect everything in the corpus": ["inspect", *corpus],
    "inspect a broken file, a folder and nothing": ["inspect", broken, suite.work, suite.work / "absent"],
    "check on this machine": ["check", "/bin/ls", "/bin/sh"],
    "check on old and other systems": ["check", "/bin/ls", "--target", "debian:10/amd64", "--target", "alpine:3.20/amd64", "--target", "windows:10/amd64", "--target", "macos:14/arm64"],
    "check everything in the corpus": ["check", *corpus, "--target", "debian:12/amd64"],
    "resolve with symbols": ["resolve", "--symbols", "--trace", "/bin/ls"],
    "target show": ["target", "show", "host"],
    "target list": ["target", "list"],
    "target show what is not there": ["target", "show", "beos:5"],
    "target list nothing": ["target", "list", "beos:*"],
    "target capture": ["target", "capture", "--file", suite.work / "profile", "--sysroot", suite.work / "root", "--target", "debian:12/amd64"],
    "check with a profile": ["check", FIXTURES / "elf/c-program", "--target", suite.work / "profile"],
    "diff": ["diff", ROOT / "tests/golden/diff/sources/old.abi", ROOT / "tests/golden/diff/sources/new.abi"],
    "diff of a program without types": ["diff", "/bin/ls", "/bin/ls"],
    "diff that saves": ["diff", "--save", suite.work / "saved.abi", "/bin/ls"],
    "diff of what is no program": ["diff", broken, suite.work / "absent"],
    "layout": ["layout", "-e", "struct S { char a; long b : 40; union { int c; char d[9]; }; };", "--abi", "all"],
    "layout that is not accepted everywhere": ["layout", "-e", "struct S { __int128 a; };", "--abi", "all"],
    "layout of nothing": ["layout", "-e", "int a;"],
    "layout of Go": ["layout", "--lang", "go", "-e", "type T struct { a int8; b []string; c [9999]any; d struct{} }", "--abi", "all"],
    "call": ["call", "struct P f(int a, double b, struct P c, ...)", "-e", "struct P { double x; long y[2]; };", "--varargs", "struct P, float", "--abi", "all"],
    "call of Go": ["call", "--lang", "go", "func f(a int, s string, x any, y [3]T) (int, error)", "-e", "type T struct { a int8; b float32 }", "--abi", "all"],
    "call of an unknown type": ["call", "void f(struct S s)"],
    "core": ["core", FIXTURES / "core/null_field.core"],
    "core of a signal that was sent": ["core", FIXTURES / "core/killed.core"],
    "core without an answer": ["core", FIXTURES / "core/no_siginfo.core"],
    "core of every thread, redacted": ["core", "--threads", "--redact", FIXTURES / "core/null_field.core"],
    "core where": ["core", "--where", "0x18", "--where", "401000", "--where", "0x4141414141414141", FIXTURES / "core/null_field.core"],
    "core where is no address": ["core", "--where", "here", FIXTURES / "core/null_field.core"],
    "core verify": ["core", "--verify", suite.work / "report.json", FIXTURES / "core/null_field.core"],
    "core verify of another dump": ["core", "--verify", suite.work / "report.json", FIXTURES / "core/misaligned.core"],
    "core verify of what is no report": ["core", "--verify", broken, FIXTURES / "core/null_field.core"],
    "core goroutines of C": ["core", "--goroutines", FIXTURES / "core/null_field.core"],
    "core without notes": ["core", FIXTURES / "core/no_notes.core"],
    "core of what is none": ["core", broken],
    "core of a line": ["core", "--kernel-line", "app[1]: segfault at 18 ip 401136 sp 7ffe3f1c5a30 error 4 in app[1136,401000+1000]\nCode: 90 <8b> 40 18 c3"],
    "core of lines without an answer": ["core", "--kernel-line", "app[1]: segfault at 0 ip 401136 sp 7ffe3f1c5a30 error 5\ntraps: b[2] trap divide error ip:1 sp:2 error:0"],
    "core of no line": ["core", "--kernel-line", "hello"],
    "core of nothing": ["core"],
    "run": ["run", "--output", "/dev/stdout", "true"],
    "run what crashes": ["run", "--output", "/dev/stdout", "sh", "-c", "kill -SEGV $$"],
    "run what is killed": ["run", "--output", "/dev/stdout", "sh", "-c", "kill -TERM $$"],
    "run what cannot be started": ["run", "--output", "/dev/stdout", FIXTURES / "pe/console.exe"],
    "run what is not there": ["run", "--output", "/dev/stdout", "no-such-command"],
    "run nothing": ["run", "--output", "/dev/stdout"],
    "go": ["go", FIXTURES / "elf/go-tables", "--functions", "--function", "main.*", "--types", "--packages", "--strings", "--at", "0x401014", "--at", "1"],
    "go of all that is strange": ["go", *(FIXTURES / "elf").glob("go-*"), "--types"],
    "go of what is none": ["go", "/bin/ls", FIXTURES / "pe/console.exe"],
    "go of what is no program": ["go", broken, FIXTURES / "other/script"],
    "abi list": ["abi", "list"],
    "explain": ["explain", "ELF-VERSION-MISSING"],
    "explain nothing": ["explain", "NO-SUCH-RULE"],
    "explain all": ["explain", "--list"],
    "inspect the fixtures": ["inspect", "--sweep", *fixtures],
    "check the fixtures": ["check", *fixtures, "--target", "debian:10/amd64", "--target", "alpine:3.20/amd64"],
    "resolve the fixtures": ["resolve", "--symbols", "--trace", *fixtures, "--target", "debian:12/amd64"],
    "check on a target that is not there": ["check", "/bin/ls", "--target", "beos:5"],
    "no file": ["check"],
    "no such option": ["inspect", "--swep", "/bin/ls"],
    "no such command": ["chekc"],
    "no such choice": ["inspect", "--color", "sometimes", "/bin/ls"],
}
# Wrong usage of the command line itself has no result, and so nothing to print one line of.
NO_LINES = {"run nothing", "no file", "no such option", "no such command", "no such choice"}

def with_flag(arguments, flag):
    """Behind the words of `run` it would be one of the program's."""
    return [arguments[0], flag, *arguments[1:]] if arguments[0] == "run" else [*arguments, flag]


for name, arguments in CASES.items():
    if not suite.wanted(name):
        continue
    with suite.case(name):
        done = differential.run([suite.abiscope, *with_flag(arguments, "--json")])
        document = done.json()
        problems = list(faults(SCHEMA, document))
        if problems:
            raise differential.Failure("\n".join(problems[:10]))
        suite.true("neither a result nor an error", document["results"] or document["errors"])
        suite.true("errors in the document, and an exit code of success", not document["errors"] or done.code in (2, 4))
    with suite.case(f"{name}, one object a line"):
        done = differential.run([suite.abiscope, *with_flag(arguments, "--jsonl")])
        lines = done.out.splitlines()
        if name in NO_LINES:
            suite.equal("lines", [], lines)
        for line in lines:
            problems = list(faults(SCHEMA["$defs"]["result"], json.loads(line)))
            if problems:
                raise differential.Failure("\n".join(problems[:10]))
sys.exit(suite.finish())
