#!/usr/bin/env python3
"""`abiscope layout --fix` on generated C and Go files. The patch is applied with patch(1) and git apply; then the compiler says whether the sizes are
those that were promised, every member is there with its comments, what else stands in the file is untouched, and a second --fix has nothing to do.
Programs whose meaning relies on the order of members mean the same afterwards."""
import json
import random
import re
import sys

import differential

C_TYPES = ["char", "short", "int", "long", "long long", "double", "float", "void *", "uint8_t", "uint32_t", "uint64_t", "_Bool", "long double", "struct inner"]
GO_TYPES = ["bool", "int8", "int16", "int32", "int64", "int", "string", "[]byte", "float32", "float64", "*int", "any", "map[string]int", "uint8", "Inner", "func(a int, b string) bool"]


class Text:
    """A generated file. `comments[name]`: what must stand beside that member afterwards."""

    def __init__(self, dice, go):
        self.dice, self.go, self.lines, self.comments, self.structs, self.kept = dice, go, [], {}, [], {}

    def chance(self, probability):
        return self.dice.random() < probability

    def member(self, struct, place, indent):
        name = f"m{struct}_{place}"
        declarator = f"{name}[{self.dice.randint(1, 5)}]" if self.chance(0.15) and not self.go else name
        type_ = self.dice.choice(GO_TYPES if self.go else C_TYPES)
        if struct and self.chance(0.1):
            type_ = f"S{self.dice.randrange(struct)}" if self.go else f"struct S{self.dice.randrange(struct)}"
        others = [f"{name}b"] if self.chance(0.12) and type_ != "void *" else []
        if self.go:
            text = f"{', '.join([name, *others])} {type_}" + (f' `json:"{name},omitempty"`' if self.chance(0.3) else "") + (";" if self.chance(0.03) else "")
        else:
            text = f"{type_}{'' if type_.endswith('*') else ' '}{', '.join([declarator, *others])}" + (" __attribute__((unused))" if self.chance(0.06) and not others else "") + ";"
            if self.chance(0.06) and not others:
                text = f"struct {{ int {name}_x; char {name}_y; }}\n{indent}    {declarator};"
            elif self.chance(0.06) and not others:
                text = f"union {{\n{indent}    int {name}_x;  /* in {name} */\n{indent}    char {name}_y;\n{indent}}};"
                name = f"{name}_x"
        lines, comments = [], []
        if self.chance(0.15) and place:
            lines.append("")
        for number in range(self.dice.choice([0, 0, 0, 1, 1, 2])):
            comment = f"above{number} {name}"
            lines.append(f"{indent}// {comment}" if self.go or self.chance(0.5) else f"{indent}/* {comment} */")
            comments.append(comment)
        head = f"{indent}{text}"
        if self.chance(0.3):
            comment = f"behind {name}"
            shape = self.dice.random()
            if shape < 0.5:
                lines += [f"{head}  // {comment}"]
                if self.chance(0.3):
                    column = len(lines[-1].split("\n")[-1]) - len(f"// {comment}")
                    lines.append(" " * column + f"// below {name}")
                    comments.append(f"below {name}")
            elif shape < 0.8:
                lines.append(f"{head} /* {comment} */")
            else:
                lines.append(f"{head} /* {comment}\n{indent}   over {name} */")
                comments.append(f"over {name}")
            comments.append(comment)
        else:
            lines.append(head)
        self.comments[name] = comments
        return lines

    def struct(self, number):
        name = f"S{number}"
        indent = "\t" if self.go else self.dice.choice(["    ", "\t", "  "])
        self.structs.append(name)
        opening = f"type {name} struct {{" if self.go else f"struct {name} {{"
        closing = "}" if self.go else self.dice.choice(["};", f"}} v{number};", f"}} *p{number}, a{number}[3];"])
        if self.chance(0.08):
            types = [self.dice.choice(["int8", "int64", "string"] if self.go else ["char", "long", "short"]) for _ in range(4)]
            bodies = [f"o{number}_{i} {t}" if self.go else f"{t} o{number}_{i};" for i, t in enumerate(types)]
            self.lines += [f"{opening} {('; ' if self.go else ' ').join(bodies)} {closing}", ""]
            return
        self.lines += [f"// before {name}", opening]
        for place in range(self.dice.randint(2, 9)):
            self.lines += self.member(number, place, indent)
        if self.chance(0.1) and not self.go:
            self.lines += ["#ifdef NEVER", "    int never;", "#endif"]
            self.kept[name] = "preprocessor directive"
        self.lines += [*([f"{indent}// at the end of {name}"] if self.chance(0.15) else []), closing, ""]
        if self.chance(0.15):
            # Neither names members: nothing relies on their order.
            self.lines += [f"var x{number} = []{name}{{}}" if self.go else f"static struct {name} x{number} = {{ 0 }};"]
        if self.go and self.chance(0.15):
            self.lines += [f"func f{number}(x {name}) {name} {{", "\treturn x", "}"]

    def text(self):
        return "\n".join(self.lines) + "\n"


def generate(dice, go, structs):
    made = Text(dice, go)
    made.lines = ["package main", "", "type Inner struct {", "\tx int16", "\ty int64", "}", ""] if go else ["#include <stdint.h>", "struct inner { short x; long y; };", ""]
    for number in range(structs):
        made.struct(number)
    return made


def sizes(suite, folder, made, source):
    """What the compiler says of every struct."""
    if made.go:
        text = source.read_text() + "\nfunc main() {\n" + "\n".join(f"\tprintln({name!r}, unsafe.Sizeof({name}{{}}))".replace("'", '"') for name in made.structs) + "\n}\n"
        program = folder / "sizes.go"
        program.write_text(text.replace("package main\n", 'package main\n\nimport "unsafe"\n', 1))
        done = differential.run(["go", "run", program], seconds=200)
        suite.equal("go accepts the file", 0, done.code, done.err[:1500])
        return dict((line.split()[0], int(line.split()[1])) for line in done.err.splitlines())
    program = folder / "sizes.c"
    program.write_text(f'#include <stdio.h>\n#include "{source.name}"\nint main(void) {{\n' +
                       "\n".join(f'    printf("{name} %zu\\n", sizeof(struct {name}));' for name in made.structs) + "\n}\n")
    done = differential.run(["gcc", "-w", "-I", source.parent, program, "-o", folder / "sizes"], seconds=200)
    suite.equal("gcc accepts the file", 0, done.code, done.err[:1500])
    done = differential.run([folder / "sizes"])
    return dict((line.split()[0], int(line.split()[1])) for line in done.out.splitlines())


def bodies(text, go):
    """The lines of each struct, and what is left of the file."""
    pattern = r"^(type (S\d+) struct \{|struct (S\d+) \{)(.*?)(^\}|\}[^}\n]*$)"
    found = {}
    rest = re.sub(pattern, lambda m: found.setdefault(m[2] or m[3], m[4]) and m[1], text, flags=re.S | re.M)
    return found, rest


def check(suite, number, go, folder):
    folder.mkdir(parents=True, exist_ok=True)
    made = generate(random.Random(f"{suite.options.seed} {number} {go}"), go, suite.options.structs)
    source = folder / ("file.go" if go else "file.c")
    source.write_text(made.text())
    before_text = made.text()
    before = sizes(suite, folder, made, source)
    abi = ["--abi", "go-amd64"] if go else ["--abi", "sysv-amd64"]
    command = [suite.options.abiscope, "layout", *abi, "--fix"]
    done = differential.run([*command, source.name], cwd=folder)
    answer = json.loads(differential.run([*command, "--json", source.name], cwd=folder).out)["results"][0]
    suite.equal("the patch of the text and of the JSON", True, done.out.endswith(answer["patch"]))
    (folder / "fix.patch").write_text(done.out)
    for tool in (["patch", "-p0", "--fuzz=0", "--dry-run", "-i", "fix.patch"], ["git", "apply", "-p0", "--check", "fix.patch"], ["patch", "-p0", "--fuzz=0", "-i", "fix.patch"]):
        if answer["patch"]:
            applied = differential.run(tool, cwd=folder)
            suite.equal(f"{tool[0]} takes it", 0, applied.code, applied.out + applied.err)
    after = sizes(suite, folder, made, source)
    promised = {change["type"].split()[1]: change["new_size"] for change in answer["changed"]}
    for name in made.structs:
        if name in promised:
            suite.equal(f"{name}: its size", promised[name], after[name])
        else:   # what it holds may have become smaller
            suite.true(f"{name}: its size, {before[name]} before and {after[name]} now", after[name] <= before[name])
    for kept in answer["kept"]:
        name = kept["type"].split()[1]
        suite.true(f"{name} stays for a reason that is there: {kept['because']}",
                   (name in made.kept and made.kept[name] in kept["because"]) or "would part" in kept["because"] or "share a line" in kept["because"] or "take" in kept["because"], before_text)
    text = source.read_text()
    suite.equal("no line is lost or made", sorted(filter(None, before_text.split("\n"))) if not any(len(b.split("\n")) == 1 for b in bodies(before_text, go)[0].values()) else None,
                sorted(filter(None, text.split("\n"))) if not any(len(b.split("\n")) == 1 for b in bodies(before_text, go)[0].values()) else None)
    for name, comments in made.comments.items():
        # A member's block: from its first comment above to the last one behind, in the order in which they were written.
        block = [line for line in text.split("\n") if re.search(rf"\b{name}\b", line)]
        original = [line for line in before_text.split("\n") if re.search(rf"\b{name}\b", line)]
        suite.equal(f"{name} and its comments, {comments}", original, block)
        places = [i for i, line in enumerate(text.split("\n")) if re.search(rf"\b{name}\b", line)]
        old = [i for i, line in enumerate(before_text.split("\n")) if re.search(rf"\b{name}\b", line)]
        suite.equal(f"{name}: nothing came between", [i - old[0] for i in old], [i - places[0] for i in places], text)
    again = differential.run([*command, source.name], cwd=folder)
    suite.equal("a second time", "", again.out)
    return len(promised), len(answer["kept"])


# Programs that print what their structs hold: the same before and after. What relies on the order stays, `s0` and `T0` alone may change.
PROGRAMS = {
    "initialisers.c": """#include <stddef.h>
#include <stdio.h>
struct s0 { char a; long b; char c; };
struct s1 { char a; long b; char c; } all[2] = { 1, 2, 3, 4, 5, 6 };
struct s2 { char a; long b; char c; };
struct { struct s2 in; int n; } within = { 1, 2, 3, 4 };
struct s3 { char a; long b; char c; };
struct { int n; struct s3 in[2]; } deep = { .n = 1, { 1, 2, 3, 4 } };
struct s4 { char a; long b; char c; };
struct { struct s4 in; } behind = { .in.a = 1, 2 };
struct base { int kind; };
struct s5 { struct base base; long *p; char c; } derived = { .base.kind = 7 };
struct s6 { char a; long b; char c; };
_Static_assert(offsetof(struct s6, b) == 8, "on the wire");
struct s7 { char a; long b; char c; };
typedef char right_size[sizeof(struct s7) == 24 ? 1 : -1];
int main(void) {
    struct s0 zero = { .a = 1, .b = 2 };
    printf("%d %ld %d ", zero.a, zero.b, all[1].a);
    printf("%ld %d %ld ", within.in.b, within.n, deep.in[0].b);
    printf("%ld %d\\n", behind.in.b, ((struct base *)&derived)->kind);
}
""",
    "names.go": """package main

type T0 struct { a uint8; b int64; c uint8 }
type T1 struct { a1 uint8; b int64; c uint8 }
type A1 = T1
type T2 struct { a2 uint8; b int64; c uint8 }
type I2 T2
type T3 struct { a3 uint8; b int64; c uint8 }
type A3 = T3
type T4 struct { a4 uint8; b int64; c uint8 }
type U4 struct { a4 uint8; b int64; c uint8 }
type T5 struct { a5 uint8; b int64; c uint8 }
type A6 = struct { a6 uint8; b int64; c uint8 }
type T7 struct { a7 uint8; b int64; c uint8 }
type U7 struct { a7 uint8; b int64; c uint8 }

func main() {
	zero, one, two, three := T0{a: 1, b: 2}, A1{1, 2, 3}, I2{1, 2, 3}, map[string]*A3{"x": {1, 2, 3}}
	var five T5 = struct { a5 uint8; b int64; c uint8 }{a5: 1, b: 2}
	four := U4(T4{1, 2, 3})
	seven := U7(T7{b: 1})
	println(zero.b, one.b, two.b, three["x"].b, four.b, five.b, A6{b: 6}.b, seven.b)
}
"""}
MAY_CHANGE = {"struct s0", "type T0 struct", "type T7 struct", "type U7 struct"}


def check_program(suite, name, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(PROGRAMS[name])
    go = name.endswith(".go")

    def output():
        build = ["go", "build", "-o", "program", name] if go else ["gcc", "-w", "-o", "program", name]
        done = differential.run(build, cwd=folder, seconds=200)
        suite.equal(f"{name} is accepted", 0, done.code, done.err[:1500])
        done = differential.run([folder / "program"])
        return done.out + done.err

    before = output()
    answer = json.loads(differential.run([suite.options.abiscope, "layout", "--abi", "go-amd64" if go else "sysv-amd64", "--fix", "--json", name], cwd=folder).out)["results"][0]
    suite.equal(f"{name}: what changes", {title for title in MAY_CHANGE if title.startswith("type") == go}, {change["type"] for change in answer["changed"]}, str(answer["kept"]))
    (folder / "fix.patch").write_text(answer["patch"])
    applied = differential.run(["patch", "-p0", "-i", "fix.patch"], cwd=folder)
    suite.equal("patch takes it", 0, applied.code, applied.out + applied.err)
    suite.equal(f"{name}: what it prints", before, output(), answer["patch"])


def options(parser):
    parser.add_argument("--files", type=int, default=6, help="for each language")
    parser.add_argument("--structs", type=int, default=30, help="in a file")


suite = differential.Suite(__doc__, options)
for language in ("C", "Go"):
    if suite.wanted(language):
        with suite.case(language):
            suite.need("patch", "git", *(["go"] if language == "Go" else ["gcc"]))
            counts = [check(suite, number, language == "Go", suite.work / f"{language}{number}") for number in range(suite.options.files)]
            print(f"{language}: {sum(c[0] for c in counts)} structs reordered, {sum(c[1] for c in counts)} left for a reason", flush=True)
for program in PROGRAMS:
    if suite.wanted(program):
        with suite.case(program):
            suite.need("patch", "go" if program.endswith(".go") else "gcc")
            check_program(suite, program, suite.work / program.replace(".", "_"))
sys.exit(suite.finish())
