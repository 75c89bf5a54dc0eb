#!/usr/bin/env python3
"""`abiscope layout` and `abiscope call` with flags for the compiler behind `--`, against the compiler given the same flags: what a flag moves
is moved in the answer, or the answer says that it does not follow the flag. Never the layout without it."""
import re
import sys

import differential

sys.path.insert(0, str(differential.pathlib.Path(__file__).resolve().parent / "abi"))

import targets   # noqa: E402

# A struct S, and a member whose place and size tell.
LAYOUTS = {
    "enumeration": ("enum E { a = -1, b = 200 }; struct S { char c; enum E f; char d; };", "f"),
    "int": ("struct S { char c; int f; };", "f"),
    "double": ("struct S { char c; double f; char d; };", "f"),
    "long long": ("struct S { char c; long long f; };", "f"),
    "long double": ("struct S { char c; long double f; };", "f"),
    "wide": ("struct S { char c; __WCHAR_TYPE__ f; };", "f"),
    "bit-fields": ("struct S { char c; int x : 3; char y : 2; char f; };", "f"),
    "sizeof": ("struct S { char c[sizeof(void *)]; short f; };", "f"),
    "anonymous": ("struct T { int x; }; struct S { char c; struct T; char f; };", "f"),
}
LAYOUT_FLAGS = ["-fshort-enums", "-fno-short-enums", "-fpack-struct", "-fpack-struct=2", "-malign-double", "-mlong-double-64", "-mlong-double-80", "-mlong-double-128",
                "-m96bit-long-double", "-m128bit-long-double", "-fshort-wchar", "-mms-bitfields", "-mno-ms-bitfields", "-m32", "-m64", "-mx32", "-fms-extensions",
                "-mno-red-zone", "-mregparm=2", "-march=native", "-O2", "-funsigned-char", "-DX=1"]
VECTOR_FLAGS = ["", "-mavx", "-mavx2", "-mfma", "-mf16c", "-mavx512f", "-mavx512vl", "-march=haswell", "-march=x86-64-v2", "-march=x86-64-v3", "-march=x86-64-v4",
                "-march=znver3", "-march=skylake-avx512", "-mavx -mno-avx", "-march=haswell -mno-avx", "-mavx512f -mno-avx512f", "-march=haswell -march=x86-64"]
WITH_SSE2 = ["-msse2", "-march=pentium4", "-march=haswell", "-march=k8", "-march=pentium-m"]
SSE_FLAGS = ["", "-msse", "-mno-sse", "-march=pentium3", "-march=pentium4 -mno-sse2", "-msse2 -mno-sse", *WITH_SSE2]
CALL_FLAGS = ["-mregparm=3", "-mregparm=0", "-mrtd", "-mno-sse", "-mno-sse2", "-freg-struct-return", "-fpcc-struct-return", "-mfloat-abi=soft", "-mfloat-abi=softfp",
              "-mfloat-abi=hard", "-mabi=ms", "-mabi=sysv", "-mno-red-zone", "-O2", "-fPIC"]
CALLS = {   # a function that stores what it was given, and what it is given
    "int": "int x; void f(int a, int b, int c) { x = c; }",
    "double": "double x; void f(double a) { x = a; }",
    "struct": "struct P { int a, b; }; struct P x; struct P f(void) { return x; }",
}


def ask(suite, *arguments):
    return differential.run([suite.options.abiscope, *arguments])


def relevant(flag, kind):
    """Of the whole grid, what a flag could move."""
    if flag.startswith(("-m32", "-m64", "-mx32")):
        return kind == "sizeof"
    if "long-double" in flag:
        return kind == "long double"
    if "enums" in flag:
        return kind == "enumeration"
    if flag in ("-fpack-struct", "-fpack-struct=2", "-malign-double"):
        return kind in ("double", "long long", "long double", "bit-fields")
    if "wchar" in flag:
        return kind == "wide"
    if "bitfields" in flag:
        return kind == "bit-fields"
    return kind == ("anonymous" if flag == "-fms-extensions" else "double")


def sampled(suite):
    return suite.random.randrange(4) == 0


def compile_(suite, target, flags, text, name):
    source = suite.work / f"{name}.c"
    source.write_text(text)
    program = target.program("c")
    arguments = [program, *(["-target", target.triple] if not target.gcc else []), *target.flags, *flags, "-w", "-O1", "-fno-pie", "-S", "-o", "-", str(source)]
    outcome = differential.run(arguments)
    return outcome.out if outcome.code == 0 else None


def number(assembly, name):
    found = re.search(rf"^_?{name}:[^\n]*\n\s+\.(\w+)\s+(\d+)", assembly, re.MULTILINE)
    if not found:
        raise differential.Failure(f"no {name} in {assembly[:400]}")
    return 0 if found[1] in ("zero", "space") else int(found[2])


def check_layout(suite, target, flag, kind):
    text, member = LAYOUTS[kind]
    name = re.sub(r"\W", "_", f"{target.profile} {flag} {kind}")
    constants = f"int size = sizeof(struct S); int align = __alignof__(struct S); int place = __builtin_offsetof(struct S, {member}) + 1;"
    assembly = compile_(suite, target, [flag], text + "\n" + constants, name)
    if assembly is None:
        return "not accepted"
    want = (number(assembly, "size"), number(assembly, "align"), number(assembly, "place") - 1)
    outcome = ask(suite, "layout", "-e", text, "--type", "S", "--abi", target.profile, "--json", "--", flag)
    if outcome.code == 2 or "unsupported" in outcome.out + outcome.err:
        suite.true("it says which flag", flag.split("=")[0] in outcome.out + outcome.err, outcome.out + outcome.err)
        return "refused"
    layout = outcome.json()["results"][0]["types"][0]["layouts"][0]
    got = (layout["size"], layout["align"], next(field["bit_offset"] // 8 for field in layout["fields"] if field["name"] == member))
    suite.equal(f"size, alignment and place of {member}: {text}", want, got)
    return "agrees"


def check_vectors(suite, target, flags, size):
    text = f"typedef float V __attribute__((vector_size({size}))); V x; void f(V a) {{ x = a; }}"
    assembly = compile_(suite, target, flags, text, re.sub(r"\W", "_", f"{target.profile} {' '.join(flags)} {size}"))
    suite.true("the compiler takes it", assembly is not None)
    register = {32: "ymm0", 64: "zmm0"}[size]
    body = assembly[assembly.index("\nf:"):]
    in_memory = re.search(r"\b\d*\(%[er][sb]p\)", body[:body.index("ret")]) is not None
    asked = ask(suite, "call", "void f(V a)", "-e", text.split("; ")[0] + ";", "--abi", target.profile, "--json", "--", *flags)
    piece = asked.json()["results"][0]["conventions"][0]["arguments"][0]["locations"][0]
    if in_memory:
        suite.equal("where it lies", "stack", piece["kind"], asked.out)
    elif f"%{register}" in body:
        suite.equal("its register", register, piece.get("register"), asked.out)
    else:   # two halves
        suite.equal("a vector register", "vector_register", piece["kind"], asked.out)


def check_vectors_without_sse(suite, target, flags):
    """On 32-bit x86 a vector has a register where the instructions are there: where k is behind it tells."""
    text = "typedef int V __attribute__((vector_size(16))); int f(int i, V z, int k) { return k; }"
    assembly = compile_(suite, target, [*flags, "-fomit-frame-pointer", "-fno-asynchronous-unwind-tables"], text, re.sub(r"\W", "_", f"{target.profile} {' '.join(flags)} k"))
    suite.true("the compiler takes it", assembly is not None)
    real = int(re.search(r"\n_?f:.*?movl\s+(\d+)\(%esp\), %eax", assembly, re.DOTALL)[1]) - 4
    asked = ask(suite, "call", "int f(int i, V z, int k)", "-e", text.split("; ")[0] + ";", "--abi", target.profile, "--json", "--", *flags)
    answer = asked.json()["results"][0]["conventions"][0]
    if "error" in answer:
        suite.true("it names SSE2", "SSE2" in answer["error"]["message"], asked.out)
        suite.true("refused only without SSE2", " ".join(flags) not in WITH_SSE2, assembly)
    else:
        suite.equal("where k is", real, next(one for one in answer["arguments"] if one.get("name") == "k")["locations"][0]["stack_offset"], asked.out)


def check_call(suite, target, flag, kind):
    plain = compile_(suite, target, [], CALLS[kind], re.sub(r"\W", "_", f"{target.profile} plain {kind}"))
    changed = compile_(suite, target, [flag], CALLS[kind], re.sub(r"\W", "_", f"{target.profile} {flag} {kind}"))
    if changed is None:
        return "not accepted"
    prototype = re.search(r"(?:void|struct P) f\([^)]*\)", CALLS[kind])[0]
    types = ["-e", "struct P { int a, b; };"] if kind == "struct" else []
    outcome = ask(suite, "call", prototype, *types, "--abi", target.profile, "--", flag)
    body = [re.search(r"^_?f(?:@\d+)?:.*?(?=^\s+\.(?:size|cfi_endproc|seh_endproc|def|globl)|\Z)", text, re.MULTILINE | re.DOTALL)[0] for text in (plain, changed)]
    if outcome.code == 0:
        same = [re.sub(r"\.L\w+|#.*|@.*", "", text) for text in body]
        suite.true(f"the compiler's code is the same with {flag}, as the answer is", same[0] == same[1] or flag in ("-O2", "-fPIC"), outcome.out + "\n".join(body))
        return "agrees"
    suite.true("no answer", outcome.code in (2, 3) or "unsupported" in outcome.err, f"{outcome.code} {outcome.out}{outcome.err}")
    suite.true("it says which flag", flag.split("=")[0] in outcome.out + outcome.err, outcome.out + outcome.err)
    return "refused"


def options(parser):
    parser.add_argument("--all", action="store_true", help="every flag with every type, instead of a sample")


def main():
    suite = differential.Suite(__doc__, options)
    counts = {}
    plain = [target for target in targets.TARGETS if "c" in target.languages and not target.microsoft and "apple" not in target.profile]
    for target in plain:
        for flag in LAYOUT_FLAGS:
            for kind in LAYOUTS:
                name = f"layout {target.profile} {flag} {kind}"
                if not suite.wanted(name) or not (suite.options.all or (relevant(flag, kind) and sampled(suite))):
                    continue
                with suite.case(name):
                    suite.need(target.program("c"))
                    outcome = check_layout(suite, target, flag, kind)
                    counts[outcome] = counts.get(outcome, 0) + 1
        for flag in CALL_FLAGS:
            for kind in CALLS:
                name = f"call {target.profile} {flag} {kind}"
                if not suite.wanted(name) or not (suite.options.all or sampled(suite)):
                    continue
                with suite.case(name):
                    suite.need(target.program("c"))
                    outcome = check_call(suite, target, flag, kind)
                    counts[outcome] = counts.get(outcome, 0) + 1
        if target.profile.startswith(("sysv-i386", "win32-mingw/clang")):   # MinGW's GCC aligns its frames: no telling where k was
            for flags in SSE_FLAGS:
                name = f"vectors {target.profile} {flags or 'plain'}"
                if suite.wanted(name):
                    with suite.case(name):
                        suite.need(target.program("c"))
                        check_vectors_without_sse(suite, target, flags.split())
        if target.profile.startswith("sysv-amd64"):
            for flags in VECTOR_FLAGS:
                for size in (32, 64):
                    name = f"vectors {target.profile} {flags or 'plain'} {size}"
                    if suite.wanted(name) and (suite.options.all or sampled(suite)):
                        with suite.case(name):
                            suite.need(target.program("c"))
                            check_vectors(suite, target, flags.split(), size)
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
