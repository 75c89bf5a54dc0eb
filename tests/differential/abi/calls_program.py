"""Makes the C program that calls every signature with recognisable arguments, and a naked callee that saves what arrives."""
from calls_types import Declarations, leaves

STACK = 1536      # bytes of the stack that are kept, from the stack pointer at the call
PLACE = 1024      # bytes for one argument
RESULT = 4096
RECEIVER = 20    # its place

COMMON = r"""
typedef unsigned u32; typedef unsigned char u8; typedef unsigned long long u64; typedef __SIZE_TYPE__ usize;
CXX_PROLOGUE
EXTERN_C_BEGIN
HIDDEN extern u8 saved[]; HIDDEN extern u8 fill[]; HIDDEN extern u8 x87_fill[]; HIDDEN extern u32 x87_count; HIDDEN extern u32 pops;
HIDDEN extern usize return_address;
HIDDEN void callee(void);
HIDDEN void inspect(void);
void* memcpy(void*, const void*, usize); void* memset(void*, int, usize);
__attribute__((aligned(64))) u8 saved[SAVED_SIZE]; __attribute__((aligned(64))) u8 fill[SAVED_SIZE];
__attribute__((aligned(16))) u8 x87_fill[32] = {0, 0, 0, 0, 0, 0x51, 0x06, 0x9e, 0xff, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x72, 0x35, 0xc9, 0x00, 0x40};
u32 x87_count; u32 pops; usize return_address;
EXTERN_C_END
static u8 stack[STACK_SIZE];
__attribute__((aligned(64))) static u8 places[24][PLACE_SIZE];
__attribute__((aligned(64))) static u8 result_place[RESULT_SIZE];
__attribute__((aligned(64))) static u8 this_place[PLACE_SIZE];
static u8 memory_fill[RESULT_SIZE];
struct pointer { u32 in_register, at, size, is_result; };
static const struct pointer* pointers; static u32 pointer_count;
static u8 contents[16][PLACE_SIZE]; static u32 content_valid[16];
static u64 state;
static u32 next(void) { state = state * 6364136223846793005ull + 1442695040888963407ull; return (u32)(state >> 33); }
static u8 next_byte(void) { return 0x11 + next() % 0x5d; }
static void set_bytes(void* at, u32 size, u32 x87) { u8* p = (u8*)at; for (u32 i = 0; i < size; ++i) p[i] = next_byte(); if (x87) p[7] |= 0x80; }
static void ones(void* at, u32 size) { u8* p = (u8*)at; for (u32 i = 0; i < size; ++i) p[i] = 0xff; }
/* Not inlined: clang passes the unmasked byte of a _Bool where it knows that only bit 0 counts. */
static __attribute__((noinline)) void set_bool(void* at) { *(u8*)at = next() & 1; }
static void bits(void* at, u32 count) { u8* p = (u8*)at; for (u32 i = 0; i < count; ++i) p[i / 8] |= (u8)(1 << i % 8); }
/* Microsoft's with an odd number of ints behind the address (no class has virtual bases) end in padding. */
#ifdef _MSC_VER
#define MEMBER_POINTER(size) (sizeof(void*) == 8 && (size) > 8 && (size) % 8 == 0 ? (size) - 4 : (size))
#else
#define MEMBER_POINTER(size) (size)
#endif
static u64 next64(void) { u64 low = next(); return (u64)next() << 32 | low; }
EXTERN_C_BEGIN
__attribute__((used)) void* memcpy(void* to, const void* from, usize size) {
    volatile u8* t = (volatile u8*)to; const u8* f = (const u8*)from; while (size--) *t++ = *f++; return to; }
__attribute__((used)) void* memmove(void* to, const void* from, usize size) {
    volatile u8* t = (volatile u8*)to; const u8* f = (const u8*)from;
    if ((usize)t < (usize)f) while (size--) *t++ = *f++; else while (size--) t[size] = f[size]; return to; }
__attribute__((used)) void* memset(void* to, int value, usize size) { volatile u8* t = (volatile u8*)to; while (size--) *t++ = value; return to; }
__attribute__((used)) void inspect(void) {
    usize sp = *(usize*)(saved + SP_AT);
    memcpy(stack, (void*)sp, STACK_SIZE);
    for (u32 i = 0; i < pointer_count; ++i) {
        usize p = 0; memcpy(&p, (pointers[i].in_register ? saved : stack) + pointers[i].at, sizeof p);
        u32 valid = (p >= sp && p + pointers[i].size < sp + 16384)
            || (p >= (usize)places && p + pointers[i].size <= (usize)places + sizeof places)
            || (p >= (usize)result_place && p + pointers[i].size <= (usize)result_place + sizeof result_place);
        content_valid[i] = valid;
        if (!valid) continue;
        if (pointers[i].is_result) { memcpy((void*)p, memory_fill, pointers[i].size); memcpy(fill, &p, sizeof p); }
        else memcpy(contents[i], (void*)p, pointers[i].size);
    }
}
EXTERN_C_END
static u8* out_at;
static void emit(const void* from, u32 size) { memcpy(out_at, &size, 4); memcpy(out_at + 4, from, size); out_at += 4 + size; }
static void prepare(u32 seed) {
    state = seed * 2654435761ull + 12345; for (u32 i = 0; i < SAVED_SIZE; ++i) { saved[i] = 0; fill[i] = next_byte(); }
    for (u32 i = 0; i < RESULT_SIZE; ++i) { memory_fill[i] = next_byte(); result_place[i] = 0xaa; }
    for (u32 i = 0; i < sizeof content_valid / 4; ++i) content_valid[i] = 0;
    for (u32 i = 0; i < sizeof places; ++i) ((u8*)places)[i] = 0;
#if defined(__i386__) || defined(__x86_64__)
    __asm__ volatile("fninit");   /* a caller that did not expect a result in an x87 register left it there */
#endif
}
static void (*volatile callee_pointer)(void);
"""

X87_HELP = "#define X87 X87_LONG_DOUBLE\n"


class Program:
    """`predicted` is what the engine says of each signature; it decides only which pointers are followed and what a callee pops."""

    def __init__(self, machine, signatures, predicted, language="c", attribute="", format_="elf", x87=False, entry_attribute=""):
        self.machine = machine
        self.declarations = Declarations()
        self.functions = []
        self.helpers = {}
        self.labels = []
        self.x87 = x87
        self.cxx = cxx = language == "cxx"
        self.prefix = prefix = "_" if format_ == "macho" or (format_ == "pe" and machine.word == 4) else ""
        hidden = '__attribute__((visibility("hidden")))' if format_ != "pe" else ""
        cases = []
        for number, (signature, call) in enumerate(zip(signatures, predicted)):
            self._signature(number, signature, call, attribute)
            cases.append(f"case {number}: return signature_{number}(out);")
        assembly = machine.assembly(prefix, format_).strip()
        # Every member function has a label of its own: a compiler may take two declarations of one symbol for the same function.
        label = f"{prefix}callee:\n"
        names = "\n".join(f".globl {name}\n{name}:" for name in self.labels)
        assembly = assembly.replace(label, f"{names}\n{label}", 1) if names else assembly
        lines = "\n".join(f'"{line}\\n"' for line in assembly.splitlines())
        section = '".text\\n"'
        begin, end = ('extern "C" {', "}") if cxx else ("", "")
        self.text = "\n".join([
            f"#define SAVED_SIZE {machine.size}", f"#define SP_AT {machine.registers.get('rsp', machine.registers.get('esp', machine.registers.get('sp')))}",
            f"#define STACK_SIZE {STACK}", f"#define PLACE_SIZE {PLACE}", f"#define RESULT_SIZE {RESULT}", f"#define HIDDEN {hidden}",
            f"#define EXTERN_C_BEGIN {begin}", "#define CXX_PROLOGUE " + ("inline void* operator new(usize, void* p) noexcept { return p; }" if cxx else ""),
            "#define _Bool bool" if cxx else "", f"#define EXTERN_C_END {end}",
            COMMON, *self.declarations.text, *self.helper_texts(), *self.functions,
            f"EXTERN_C_BEGIN\nint _fltused;\n{'__declspec(dllexport)' if format_ == 'pe' else ''} {entry_attribute} u32 run_one(u32 index, u8* out) {{ callee_pointer = callee; switch (index) {{",
            *cases, "} return 0; }\nEXTERN_C_END", f"__asm__({section}\n{lines});", ""])

    def helper_texts(self):
        return [text for text, _ in self.helpers.values()]

    def helper(self, type_):
        """Names the functions that fill an object of a type and make the mask of its bytes that mean something."""
        key = type_.c()
        if key not in self.helpers:
            number = len(self.helpers)
            fill, mask = [], []
            self.declarations.use(type_)
            for path, leaf, bit_field in leaves(type_):
                place = f"(*p){path}"
                element = leaf.target if leaf.kind == "complex" else leaf
                x87 = int(self.x87 and element.kind == "scalar" and element.name == "long double")
                if leaf.kind == "bit_int":
                    whole = f"unsigned _BitInt({leaf.count})"
                    parts = [f"({whole})(({whole})next64() << {shift})" for shift in range(0, leaf.count, 64)]
                    fill.append(f"{place} = ({leaf.c()})({' | '.join(parts)});")
                    mask.append(f"bits(&{place}, {leaf.count});")
                    continue
                if bit_field:
                    fill.append(f"{place} = ({leaf.c()})next64();")
                    mask.append(f"{place} = {'1' if leaf.name == 'bool' else f'({leaf.c()})-1'};")
                    continue
                parts = 2 if leaf.kind == "complex" else 1
                size = "10" if x87 else f"MEMBER_POINTER(sizeof {place})" if leaf.kind == "member_pointer" else f"sizeof {place} / {parts}"
                for i in range(parts):
                    at = f"(u8*)&{place} + {i} * (sizeof {place} / {parts})"
                    fill.append(f"set_bytes({at}, {size}, {x87});")
                    if leaf.kind == "scalar" and leaf.name == "bool":
                        fill.append(f"set_bool(&{place});")
                    mask.append(f"ones({at}, {size});")
            text = (f"typedef {key} H{number}; static void fill_{number}(H{number}* p) {{ {' '.join(fill)} }}\n"
                    f"static void mask_{number}(H{number}* p) {{ {' '.join(mask)} }}")
            self.helpers[key] = (text, number)
        return self.helpers[key][1]

    def _pointer_rows(self, call):
        """What inspect() follows: (row, index of the argument or "result")."""
        rows = []
        for index, argument in enumerate(call["arguments"]):
            followed = argument["passed"] in ("pointer", "reference") or argument["name"] in ("(result)", "this")
            if not followed or not argument["locations"]:
                continue
            first = argument["locations"][0]
            in_register = first["kind"] != "stack"
            at = self.machine.registers.get(first["register"], 0) if in_register else first["stack"]
            if at + 8 > STACK:
                continue
            rows.append((int(in_register), at, index, argument["name"] == "(result)"))
        return rows

    def method(self, receiver, result, types):
        """Gives the class a member function that is the callee."""
        self.labels.append(f"{self.prefix}method{len(self.labels)}")
        receiver.members = f'{result} method({", ".join(types)}) __asm__("{self.labels[-1]}");'
        self.declarations.use(receiver)

    def _signature(self, number, signature, call, attribute):
        body = [f"prepare({number + 1});"]
        arguments, types, emits = [], [], []
        for i, (declared, arrives) in enumerate(zip(signature.parameters, signature.arrives)):
            self.declarations.use(declared)
            helper = self.helper(declared)
            body.append(f"fill_{helper}((H{helper}*)places[{i}]);")
            place = f"*({declared.c()}*)places[{i}]"
            arguments.append(f"static_cast<{declared.c()}&&>({place})" if self.cxx and declared.kind == "record" else place)
            if signature.named is None or i < signature.named:
                types.append(declared.c())
            if arrives is declared:
                emits.append(f"emit(places[{i}], sizeof({declared.c()}));")
            else:
                emits.append(f"{{ {arrives.c()} arrived = *({declared.c()}*)places[{i}]; emit(&arrived, sizeof arrived); }}")
            mask = self.helper(arrives)
            emits.append(f"{{ memset(this_place, 0, PLACE_SIZE); mask_{mask}((H{mask}*)this_place); emit(this_place, sizeof({arrives.c()})); }}")
        if signature.named is not None:
            types.append("...")
        result = "void" if signature.result is None else signature.result.c()
        if signature.result is not None:
            self.declarations.use(signature.result)
        rows = self._pointer_rows(call) if "error" not in call else []
        sizes = []
        for in_register, at, index, is_result in rows:
            if call["arguments"][index]["name"] == "this":
                sizes.append(f"{{{in_register}, {at}, sizeof({signature.receiver.name}), 0}}")
            elif is_result:
                sizes.append(f"{{{in_register}, {at}, sizeof({result}), 1}}")
            else:
                hidden = len(call["arguments"]) - len(signature.parameters)
                sizes.append(f"{{{in_register}, {at}, sizeof({signature.arrives[index - hidden].c()}), 0}}")
        table = f"static const struct pointer pointers_{number}[] = {{{', '.join(sizes) or '{0, 0, 0, 0}'}}};"
        x87 = sum(1 for r in call.get("results", []) for place in r["locations"] if place["kind"] == "x87")
        body.append(f"pointers = pointers_{number}; pointer_count = {len(rows)}; x87_count = {x87}; pops = {call.get('pops', 0)};")
        types_text = ", ".join(types) if types else ("void" if signature.prototyped else "")
        if not signature.prototyped:
            types_text = ""
        convention = f"__attribute__(({signature.convention or attribute}))" if signature.convention or attribute else ""
        if signature.receiver is not None:
            self.method(signature.receiver, result, types)
            body.append(f"fill_{self.helper(signature.receiver)}(({signature.receiver.name}*)places[{RECEIVER}]);")
            expression = f"(({signature.receiver.name}*)places[{RECEIVER}])->method({', '.join(arguments)})"
        else:
            expression = f"(({result} ({convention} *)({types_text}))callee_pointer)({', '.join(arguments)})"
        store = f"new ((void*)result_place) {result}({expression});" if self.cxx and signature.result and signature.result.kind == "record" else f"*({result}*)result_place = {expression};"
        body.append(f"{expression};" if result == "void" else store)
        body.append("out_at = out; emit(saved, SAVED_SIZE); emit(stack, STACK_SIZE); emit(fill, SAVED_SIZE); emit(memory_fill, RESULT_SIZE);")
        body.append("emit(content_valid, sizeof content_valid); for (u32 i = 0; i < pointer_count; ++i) emit(contents[i], pointers[i].size > PLACE_SIZE ? PLACE_SIZE : pointers[i].size);")
        if signature.receiver is not None:
            body.append(f"emit(places[{RECEIVER}], sizeof({signature.receiver.name}));")
        body += emits
        if signature.result is not None:
            helper = self.helper(signature.result)
            body.append(f"emit(result_place, sizeof({result})); memset(this_place, 0, PLACE_SIZE); mask_{helper}((H{helper}*)this_place); emit(this_place, sizeof({result}));")
        body.append("return out_at - out;")
        self.functions.append(f"{table}\nstatic __attribute__((noinline)) u32 signature_{number}(u8* out) {{\n    " + "\n    ".join(body) + "\n}")
