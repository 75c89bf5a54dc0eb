"""Random structs of Go, as Go source and as text for tests/support/type_text.h, and a program that prints what the gc toolchain made of them."""

# Go type -> our text
PLAIN = {"bool": "bool", "int8": "int8", "uint8": "int8", "int16": "int16", "int32": "int32", "uint32": "int32", "int64": "int64", "uint64": "int64",
         "int": "word", "uint": "word", "uintptr": "uintptr", "float32": "float", "float64": "double", "complex64": "complex(float)",
         "complex128": "complex(double)", "string": "string", "[]int": "slice", "[]string": "slice", "map[int]string": "map", "chan int": "chan",
         "func()": "func", "interface{}": "interface", "error": "interface", "*int": "ptr", "unsafe.Pointer": "ptr", "struct{}": "Empty",
         "[0]int64": "array(0,int64)", "[0]func()": "array(0,func)"}
# Since Go 1.19.
ATOMIC = {"atomic.Int64": "AtomicInt64", "atomic.Uint64": "AtomicInt64", "atomic.Int32": "AtomicInt32"}
HEAD = ["struct Empty go", "end", "struct sync/atomic.align64 go", "end", "struct AtomicInt64 go", "  field a Empty", "  field b sync/atomic.align64", "  field v int64",
        "end", "struct AtomicInt32 go", "  field a Empty", "  field v int32", "end"]

PROGRAM = """package main

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

var _ = atomic.AddInt32
var out []byte
var sink unsafe.Pointer

func number(label string, n uintptr) {
	if label != "" || len(out) == 0 || out[len(out)-1] != '=' {
		out = append(out, ' ')
	}
	var digits [20]byte
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + n%10)
		n /= 10
		if n == 0 {
			break
		}
	}
	out = append(append(out, label...), digits[i:]...)
}

// The start of a type descriptor, the same in all releases: size, ptrdata, hash, flags, align, fieldAlign, kind, equal, gcdata.
type descriptor struct {
	size, ptrdata uintptr
	hash uint32
	tflag, align, fieldAlign, kind uint8
	equal unsafe.Pointer
	gcdata *byte
}

func show(name string, value interface{}, object unsafe.Pointer, size, align uintptr, offsets ...uintptr) {
	d := (*descriptor)((*[2]unsafe.Pointer)(unsafe.Pointer(&value))[0])
	if d.size != size || uintptr(d.align) != align {
		panic("the descriptor says something else than the compiler")
	}
	out = append(out, name...)
	number("", size)
	number("", align)
	for i, offset := range offsets {
		out = append(out, " F"...)
		digits := "0123456789"
		out = append(out, digits[i], '=')
		number("", offset*8)
	}
	number("pointers=", d.ptrdata)
	mask := MASK
	out = append(out, " mask="...)
	for i := uintptr(0); i < d.ptrdata/unsafe.Sizeof(uintptr(0)); i++ {
		bits := *(*byte)(unsafe.Pointer(uintptr(unsafe.Pointer(mask)) + i/8))
		out = append(out, '0'+bits>>(i%8)&1)
	}
	var slot, start, objects, bytes uintptr
	if size != 0 {
		slot, start, objects, bytes = runtime.SpanFigures(object)
	}
	if d.ptrdata == 0 && size < 16 {
		start = 0 // among others in a slot
	}
	number("slot=", slot)
	number("header=", start)
	number("objects=", objects)
	number("span=", bytes)
	out = append(out, '\\n')
}

"""
OLD_MASK = """d.gcdata
	if d.kind&(1<<6) != 0 {
		panic("a type this large has a GC program")
	}"""


def generate(random, count, minor):
    """(Go program, our text, names), for Go 1.`minor`."""
    plain = {**PLAIN, **(ATOMIC if minor >= 19 else {})}
    types, body, text, names, sizes = [], [], list(HEAD), [], {}
    for number in range(count):
        name = f"S{number}"
        fields, lines, total = [], [], 0
        for _ in range(random.choice([0, 1, 1, 2, 3, 3, 4, 5, 6])):
            kind, ours = random.choice(list(plain.items()))
            most = 24
            if names and random.randrange(100) < 20:
                kind = ours = random.choice(names[-30:])
                most = sizes[kind]
            if random.randrange(100) < 15 and "array" not in ours:
                elements = random.choice([0, 1, 2, 3, 5, 5, 40, 200])
                if most * elements < 40000:
                    kind, ours, most = f"[{elements}]{kind}", f"array({elements},{ours})", most * elements
            if total + most > 60000:
                break
            fields.append(kind)
            lines.append(ours)
            total += most + 8
        if random.randrange(100) < 15:   # size classes
            elements = int(2 ** (random.random() * 15.2))
            fields.insert(random.randrange(len(fields) + 1), f"[{elements}]byte")
            lines.insert(fields.index(f"[{elements}]byte"), f"array({elements},int8)")
            total += elements + 8
        sizes[name] = total
        types.append(f"type {name} struct {{ {'; '.join(f'F{i} {kind}' for i, kind in enumerate(fields))} }}")
        offsets = "".join(f", unsafe.Offsetof(v{number}.F{i})" for i in range(len(fields)))
        body.append(f"\tv{number} := new({name})\n\tsink = unsafe.Pointer(v{number})\n"
                    f"\tshow(\"{name}\", *v{number}, sink, unsafe.Sizeof(*v{number}), unsafe.Alignof(*v{number}){offsets})")
        text += [f"struct {name} go", *(f"  field F{i} {ours}" for i, ours in enumerate(lines)), "end"]
        names.append(name)
    mask = "runtime.PointerMask(unsafe.Pointer(d))" if minor >= 24 else OLD_MASK
    functions, calls = [], []
    for start in range(0, count, 50):
        functions.append(f"func part{start}() {{\n" + "\n".join(body[start:start + 50]) + "\n}\n")
        calls.append(f"\tpart{start}()")
    program = PROGRAM.replace("MASK", mask) + "\n".join(types) + "\n\n" + "\n".join(functions) + "\nfunc main() {\n" + "\n".join(calls) + "\n\tprint(string(out))\n}\n"
    return program, "\n".join(text) + "\n", names
