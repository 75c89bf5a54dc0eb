#!/usr/bin/env python3
"""`abiscope call --function NAME PROGRAM` of Go programs of every release there is: generated functions, whose declarations read as source
(which abi_calls.py holds against the compiler) say where the arguments travel. Of a program the answer is the same, or that it cannot be told."""
import json
import pathlib
import random
import sys

import differential

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "golang"))
import toolchains   # noqa: E402

NEWEST = list(toolchains.DEBIAN)[-1]
# Releases that record what is named _ and one that does not, architectures with and without registers.
USUAL = [(NEWEST, "amd64"), (NEWEST, "arm64"), ("1.24", "386"), ("1.19", "amd64")]
ALL = [(version, architecture) for version in toolchains.DEBIAN for architecture in ("amd64", "arm64", "386", "riscv64", "ppc64le")]
RECORDS_BLANKS = 22
TYPES = ["bool", "int8", "uint8", "int16", "uint32", "int64", "int", "uintptr", "float32", "float64", "complex64", "complex128", "string", "error", "any",
         "[]byte", "[]string", "*Pair", "map[string]int", "chan int", "func(int) error", "Pair", "Narrow", "Deep", "Number", "struct{}", "[0]int", "[1]string", "[3]uint16",
         "struct { a uint8; b float32 }", "Empty"]
HEAD = """package main

import "os"

type Pair struct { A int; B string }
type Narrow struct { a, b uint8; c float32 }
type Deep struct { p Pair; n Narrow; one [1]uint16; z struct{} }
type Number int32
type Empty struct{}
type Generic[T any] struct { x T }

var keep []any

//go:noinline
func (g *Generic[T]) Put(_ int, x T, n int8) T { keep = append(keep, n); g.x = x; return g.x }

//go:noinline
func Choose[T any, U any](first bool, a T, b U) (T, U) { keep = append(keep, first); return a, b }

func WantPutString(g *int, dict uintptr, _ int, x string, n int8) string { return x }
func WantPutFloat(g *int, dict uintptr, _ int, x float64, n int8) float64 { return x }
func WantChooseInt(dict uintptr, first bool, a int, b string) (int, string) { return a, b }
func WantChooseFloat(dict uintptr, first bool, a float64, b []int) (float64, []int) { return a, b }

//go:noinline
func Closure(n int) func(uint8, string) int { return func(b uint8, s string) int { keep = append(keep, s); n += int(b); return n } }
"""

# Functions with a dictionary, and the same with what travels written out.
DICTIONARIES = {"main.(*Generic[go.shape.string]).Put": "WantPutString", "main.(*Generic[go.shape.float64]).Put": "WantPutFloat",
                "main.Choose[go.shape.int,go.shape.string]": "WantChooseInt", "main.Choose[go.shape.float64,go.shape.[]int]": "WantChooseFloat"}


def options(parser):
    parser.add_argument("--functions", type=int, default=120, help="functions for each program")
    parser.add_argument("--all", action="store_true", help="every release on every architecture")


def program(seed, count):
    """Text of the program, and (name in the program, name in the source, has an unrecorded parameter) of its functions."""
    pick = random.Random(seed)
    lines, calls, names = [HEAD], [], []
    for number in range(count):
        blanks = pick.random() < 0.3
        parameters, used = [], []
        for index in range(pick.randrange(0, 8)):
            blank = blanks and pick.random() < 0.4
            parameters.append(("_" if blank else f"p{index}", pick.choice(TYPES)))
            if not blank and pick.random() < 0.8:
                used.append(f"p{index}")
        results = [pick.choice(TYPES) for _ in range(pick.randrange(0, 4))]
        method = pick.choice(["", "", "*Pair", "Deep", "Number", "Empty"])
        named = pick.random() < 0.3
        result_text = ", ".join(f"r{i} {type_}" if named else type_ for i, type_ in enumerate(results))
        body = "".join(f"keep = append(keep, {name}); " for name in used)
        if named:
            body += "return"
        else:
            body += "".join(f"var r{i} {type_}; " for i, type_ in enumerate(results)) + "return " + ", ".join(f"r{i}" for i in range(len(results)))
        receiver = f"(self {method}) " if method else ""
        text = ", ".join(f"{name} {type_}" for name, type_ in parameters)
        lines.append(f"//go:noinline\nfunc {receiver}F{number}({text}) ({result_text}) {{ {body} }}\n")
        declared = "".join(f"var a{i} {type_}; " for i, (_, type_) in enumerate(parameters))
        arguments = ", ".join(f"a{i}" for i in range(len(parameters)))
        on = f"var self {method.lstrip('*')}; {'(&self)' if method.startswith('*') else 'self'}." if method else ""
        # Through a variable, so that nothing is known of the arguments.
        calls.append(f"\t{{ {declared}{on.split(';')[0] + '; ' if method else ''}f := {on.split('; ')[1] if method else ''}F{number}; if len(os.Args) > {number} {{ f({arguments}) }} }}")
        inside = f"main.({method}).F{number}" if method.startswith("*") else f"main.{method}.F{number}" if method else f"main.F{number}"
        names.append((inside, f"{method.lstrip('*')}.F{number}" if method else f"F{number}", any(name == "_" for name, _ in parameters)))
    calls.append('\t(&Generic[string]{}).Put(1, "a", 2); (&Generic[float64]{}).Put(1, 2, 3); Choose(true, 1, "b"); Choose(len(os.Args) > 1, 1.5, []int{}); keep = append(keep, Closure(1)(2, "c"))')
    # A result that is a variable of the function as a whole is recorded twice.
    lines.append("//go:noinline\nfunc Twice(p0 string) Deep { keep = append(keep, p0); var r0 Deep; return r0 }\n")
    calls.append('\tkeep = append(keep, Twice("a"))')
    names.append(("main.Twice", "Twice", False))
    return "\n".join([*lines, "func main() {", *calls, "\tprintln(len(keep))", "}"]) + "\n", names


def answers(suite, *arguments):
    """By name: (where each argument and result travels, bytes of stack, of the spill area), or why that cannot be told."""
    found = {}
    outcome = differential.run([suite.abiscope, "call", *arguments, "--json"], seconds=100)
    for result in json.loads(outcome.out)["results"]:
        convention = result["conventions"][0]
        if "error" in convention:
            found[result["name"]] = convention["error"]["message"]
            continue
        results = convention.get("results") or [one for one in [convention.get("result")] if one]
        places = [[[(place.get("register"), place.get("stack_offset"), place["byte_offset"], place["size"]) for place in one["locations"]] for one in list_]
                  for list_ in (convention["arguments"], results)]
        found[result["name"]] = (places, convention["stack_arguments"], convention["spill_space"])
    return found


def check(suite, version, architecture, seed, count):
    work = suite.work / f"{version}-{architecture}"
    work.mkdir(parents=True, exist_ok=True)
    text, names = program(seed, count)
    source = work / "main.go"
    source.write_text(text, encoding="utf-8")
    (work / "go.mod").write_text("module example.com/calls\n\ngo 1.18\n", encoding="utf-8")
    done = toolchains.go(version, "build", "-o", work / "program", ".", architecture=architecture, cwd=work)
    if done.code != 0:
        raise differential.Failure(f"go build: {done.err[:2000]}")
    profile = f"go-{architecture}/go{version}"
    ours = answers(suite, "--function", "main.*", "--abi", profile, work / "program")
    wanted = answers(suite, "--from", source, "--function", "*", "--abi", profile)
    told = refused = 0
    for inside, outside, blanks in names:
        ours_is = ours.get(inside)
        if ours_is is None:
            raise differential.Failure(f"{inside} is not among the functions of the program: {sorted(ours)[:20]}")
        if isinstance(ours_is, str):
            refused += 1
            # A release that records everything leaves nothing in doubt.
            suite.true(f"{inside} is refused for a reason", int(version.split(".")[1]) < RECORDS_BLANKS, ours_is)
            continue
        told += 1
        suite.equal(f"where the arguments of {inside} travel", wanted[outside], ours_is, "blank parameters" if blanks else "")
    generic = [name for name in ours if "go.shape" in name and isinstance(ours[name], tuple)]
    if int(version.split(".")[1]) >= RECORDS_BLANKS:
        suite.true("functions with dictionaries are told", len(generic) >= 4, str(sorted(ours)))
        for inside, outside in DICTIONARIES.items():
            suite.equal(f"where the arguments of {inside} travel", wanted[outside], ours.get(inside), str(sorted(generic)))
    print(f"  {version} {architecture}: {told} told, {refused} cannot be told, {len(generic)} with a dictionary")


def main():
    suite = differential.Suite(__doc__, options)
    for version, architecture in ALL if suite.options.all else USUAL:
        name = f"go {version} {architecture}"
        if suite.wanted(name):
            with suite.case(name):
                check(suite, version, architecture, suite.options.seed, suite.options.functions)
    sys.exit(suite.finish())


if __name__ == "__main__":
    main()
