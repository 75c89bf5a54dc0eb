"""Generates Go programs whose every pointer is known: a chain of functions that keep pointers of all kinds over their calls, and print what those are.

Each function prints `NAME VARIABLE POINTER` for the pointers of which the value can be told without keeping the variable alive."""
import random

HEAD = """package main

import "os"

type node struct {
	next *node
	v    int
}

var sink any

//go:noinline
func mk(i int) *node { return &node{v: i} }

//go:noinline
func text(i int) string { return string(rune(65+i%26)) + "xyz" }

//go:noinline
func list(i int) []*node { return make([]*node, i+1) }

//go:noinline
func box(i int) any { return mk(i) }

//go:noinline
func table(i int) map[int]*node { return map[int]*node{i: nil} }

//go:noinline
func pipe(i int) chan int { return make(chan int, i+1) }

//go:noinline
func same(p *node) *node { return p }

//go:noinline
func use(p *node) int { return p.v }

//go:noinline
func useAll(s string, l []*node, e any, m map[int]*node, c chan int) int {
	sink = e
	return len(s) + len(l) + len(m) + cap(c)
}
"""
# kind: (type, how one is made)
KINDS = {"p": ("*node", "mk({0})"), "s": ("string", "text({0})"), "l": ("[]*node", "list({0})"), "e": ("any", "box({0})"),
         "m": ("map[int]*node", "table({0})"), "c": ("chan int", "pipe({0})")}
USES = {"p": "use({0})", "s": "len({0})", "l": "len({0})", "e": "useAll(\"\", nil, {0}, nil, nil)", "m": "useAll(\"\", nil, nil, {0}, nil)", "c": "cap({0})"}


class Function:
    def __init__(self, number, parameters):
        self.number = number
        self.parameters = parameters   # kinds
        self.lines = []

    @property
    def name(self):
        return f"f{self.number}"


def body(rng, function, following):
    """Lines of a function that calls `following`, or ends the program."""
    out, live = [], []
    for i, kind in enumerate(function.parameters):
        live.append((f"a{i}", kind))
        if kind == "p":
            out.append(f'println("{function.name}", "a{i}", a{i})')
    count = rng.randrange(1, 7)
    for i in range(count):
        kind = rng.choice(list(KINDS))
        name = f"v{i}"
        out.append(f"{name} := {KINDS[kind][1].format(rng.randrange(50))}")
        if kind == "p":
            out.append(f'println("{function.name}", "{name}", {name})')
        live.append((name, kind))
    if rng.random() < 0.5:
        # A variable whose address is taken, and an alias that cannot be made again from the frame.
        out += ["var n node", f"n.next = mk({rng.randrange(50)})", f'println("{function.name}", "n.next", n.next)', "np := same(&n)"]
        live.append(("np", "p"))
    rng.shuffle(live)
    after = live[:rng.randrange(0, len(live) + 1)]
    before = [one for one in live if one not in after]
    if before:
        out.append("r := " + " + ".join(USES[kind].format(name) for name, kind in before))
    else:
        out.append("r := 0")
    if following is None:
        out.append("<-block")
    else:
        given = []
        for kind in following.parameters:
            have = [name for name, of in live if of == kind and name != "np"]
            given.append(rng.choice(have) if have and rng.random() < 0.7 else KINDS[kind][1].format(rng.randrange(50)))
        out.append(f"r += {following.name}({', '.join(given)})   // CALL")
    for name, kind in after:
        out.append("r += " + USES[kind].format(name))
    out.append("return r")
    return out


def generate(seed, chains, depth):
    """The text of the program. `chains` goroutines, each `depth` functions deep, wait for ever; then the program ends by a panic."""
    rng = random.Random(seed)
    parts, starts = [HEAD, "var block = make(chan int)\nvar ready = make(chan int)\n"], []
    number = 0
    for _ in range(chains):
        functions = []
        for _ in range(depth):
            functions.append(Function(number, [rng.choice(list(KINDS)) for _ in range(rng.randrange(0, 6))]))
            number += 1
        for i, function in enumerate(functions):
            following = functions[i + 1] if i + 1 < len(functions) else None
            lines = body(rng, function, following)
            if following is None:
                lines.insert(0, "ready <- 1")
            parameters = ", ".join(f"a{j} {KINDS[kind][0]}" for j, kind in enumerate(function.parameters))
            parts.append(f"//go:noinline\nfunc {function.name}({parameters}) int {{\n" + "".join(f"\t{line}\n" for line in lines) + "}\n")
        first = functions[0]
        starts.append(f"\tgo {first.name}({', '.join(KINDS[kind][1].format(j) for j, kind in enumerate(first.parameters))})\n\t<-ready\n")
    parts.append("func main() {\n" + "".join(starts) + "\tif len(os.Args) > 1 {\n\t\treturn\n\t}\n\tpanic(\"end\")\n}\n")
    return "\n".join(parts)
