"""The programs of isa_sweep.py: each uses a feature of the CPU, behind a test of it or not."""

# name of the feature for __builtin_cpu_supports, for -m, an instruction that uses it, and processors that have it and that do not.
FEATURES = {
    "popcnt": ("popcnt %%eax, %%eax", "Nehalem", "qemu64"),
    "sse4.2": ("crc32l %%eax, %%eax", "Nehalem", "qemu64"),
    "ssse3": ("pshufb %%xmm0, %%xmm0", "Nehalem", "qemu64"),
    "avx": ("vaddps %%ymm0, %%ymm0, %%ymm0", "Haswell", "Nehalem"),
    "avx2": ("vpaddd %%ymm0, %%ymm0, %%ymm0", "Haswell", "Nehalem"),
    "bmi2": ("rorx $3, %%rax, %%rax", "Haswell", "Nehalem"),
    "fma": ("vfmadd213ps %%xmm0, %%xmm0, %%xmm0", "Haswell", "Nehalem"),
    "aes": ("aesenc %%xmm0, %%xmm0", "Haswell", "qemu64"),
    "pclmul": ("pclmulqdq $0, %%xmm0, %%xmm0", "Haswell", "qemu64"),
}
BODY = '__asm__ volatile("%s" ::: "rax", "xmm0");'
PROGRAMS = {
    # Straight from the start: nothing can keep it from happening.
    "straight": "int main(void) { USE return 0; }",
    # Behind a branch that every start takes.
    "branch": "int main(int argc, char **argv) { if (argc > 5) return 1; USE return 0; }",
    "function": "__attribute__((noinline)) static void use(void) { USE } int main(int argc, char **argv) { if (argc > 5) return 1; use(); return 0; }",
    "constructor": "__attribute__((constructor)) static void start(void) { USE } int main(void) { return 0; }",
    "builtin": '__attribute__((noinline)) static void use(void) { USE } int main(void) { if (__builtin_cpu_supports("NAME")) use(); return 0; }',
    "ifunc": 'static void fast(void) { USE } static void slow(void) {} static void *pick(void) { __builtin_cpu_init(); return __builtin_cpu_supports("NAME") ? (void *)fast : (void *)slow; }'
             ' void work(void) __attribute__((ifunc("pick"))); int main(void) { work(); return 0; }',
    "pointer": 'static void fast(void) { USE } static void slow(void) {} static void (*work)(void) = slow;'
               ' int main(void) { __builtin_cpu_init(); if (__builtin_cpu_supports("NAME")) work = fast; work(); return 0; }',
    # Asked, and then not heeded.
    "inverted": '__attribute__((noinline)) static void use(void) { USE } int main(void) { if (!__builtin_cpu_supports("NAME")) use(); return 0; }',
    "beside": '#include <stdio.h>\n__attribute__((noinline)) static void use(void) { USE } int main(void) { if (__builtin_cpu_supports("NAME")) puts("yes"); use(); return 0; }',
    "another": '__attribute__((noinline)) static void use(void) { USE } int main(void) { if (__builtin_cpu_supports("sse2")) use(); return 0; }',
    "auxiliary": '#include <stdio.h>\n#include <sys/auxv.h>\n__attribute__((noinline)) static void use(void) { USE }'
                 ' int main(void) { if (getauxval(AT_PAGESZ) == 0) return 1; use(); return 0; }',
    "file": '#include <stdio.h>\n__attribute__((noinline)) static void use(void) { USE } int main(void) { FILE *f = fopen("/dev/null", "r"); if (!f) return 1; use(); return 0; }',
    "default": 'static void fast(void) { USE } static void slow(void) {} static void (*work)(void) = fast;'
               '__attribute__((constructor)) static void choose(void) { __builtin_cpu_init(); if (!__builtin_cpu_supports("sse2")) work = slow; }'
               ' int main(void) { work(); return 0; }',
    "sorted": '#include <stdlib.h>\nstatic int fast(const void *a, const void *b) { USE return 0; } static int slow(const void *a, const void *b) { return 0; }'
              ' int main(void) { int a[4] = {0}; qsort(a, 4, 4, __builtin_cpu_supports("avx512f") ? slow : fast); return 0; }',
}
# What stands between main and the use, and what the test is kept in.
BETWEEN = {
    "helper": '__attribute__((noinline)) static int features(void) { int f = 1; if (__builtin_cpu_supports("NAME")) f |= 4; return f; }'
              '__attribute__((noinline)) static void use(void) { USE } int main(void) { if (features() & 4) use(); return 0; }',
    "cached": '#include <cpuid.h>\nstatic unsigned cache = 1u << 30; __attribute__((noinline)) static unsigned features(void) { if (cache != 1u << 30) return cache;'
              ' unsigned a, b = 0, c, d, f = 1; if (__get_cpuid(1, &a, &b, &c, &d)) f += (c & 1) * 2 + (c >> 28 & 1) * 4; if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) f |= (b >> BIT & 1) << 4;'
              ' return cache = f; } __attribute__((noinline)) static void use(void) { USE } int main(int argc, char **argv) { if (features() & 16) use(); return argc > 5; }',
    "wrapped": '#include <stdio.h>\n__attribute__((noinline)) static void use(void) { USE } __attribute__((noinline)) static void inner(void) { puts("in"); use(); puts("out"); }'
               '__attribute__((noinline)) static void outer(void) { puts("in"); inner(); puts("out"); } int main(void) { if (__builtin_cpu_supports("NAME")) outer(); return 0; }',
    "wrapped beside": '#include <stdio.h>\n__attribute__((noinline)) static void use(void) { USE } __attribute__((noinline)) static void inner(void) { puts("in"); use(); puts("out"); }'
                      '__attribute__((noinline)) static void outer(void) { puts("in"); inner(); puts("out"); } int main(void) { if (__builtin_cpu_supports("NAME")) puts("yes"); outer(); return 0; }',
    "table": '#include <stdio.h>\nstatic void fast(void) { USE } static void slow(void) { puts("slow"); } static void (*const table[])(void) = {slow, fast};'
             '__attribute__((noinline)) static void choose(int i) { puts("in"); table[i](); puts("out"); } int main(int argc, char **argv) { if (__builtin_cpu_supports("NAME")) puts("yes"); choose(argc); return 0; }',
    "tail": '#include <stdio.h>\n__attribute__((noinline)) static void use(void) { USE } __attribute__((noinline)) static void inner(int i) { puts("in"); use(); }'
            '__attribute__((noinline)) static void outer(int i) { inner(i + 1); } int main(int argc, char **argv) { if (__builtin_cpu_supports("NAME")) puts("yes"); outer(argc); return 0; }',
}
BETWEEN |= {
    # What the CPU can do is kept in a word that other code looks at; and a word that others write as well, through a pointer.
    "flag": 'static int wide; __attribute__((constructor)) static void look(void) { __builtin_cpu_init(); if (__builtin_cpu_supports("NAME")) wide = 1; }'
            '__attribute__((noinline)) static void use(void) { USE } int main(int argc, char **argv) { if (wide) use(); return argc > 5; }',
    "forced": 'struct options { int level, wide; }; static struct options options; __attribute__((noipa)) static void parse(struct options *o) { o->wide = 1; }'
              '__attribute__((constructor)) static void look(void) { __builtin_cpu_init(); if (__builtin_cpu_supports("NAME")) options.wide = 1; }'
              '__attribute__((noinline)) static void use(void) { USE } int main(int argc, char **argv) { parse(&options); if (options.wide) use(); return argc > 5; }',
}
LEAF_7_EBX = {"avx2": 5, "bmi2": 8}
UNGUARDED = ("forced", "wrapped beside", "table", "tail", "straight", "branch", "function", "constructor", "inverted", "beside", "another", "auxiliary", "file", "default", "sorted")
CLONES = """
__attribute__((target_clones("default", "avx2"))) int sum(const int *a, int n) { int s = 0; for (int i = 0; i < n; ++i) s += a[i] * 3; return s; }
int main(int argc, char **argv) { int a[64] = {argc}; return sum(a, 64) == 3 ? 0 : 1; }
"""

GO = {"main.go": """package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"fmt"
	"math"
	"math/bits"
	"os"
	"strings"
)

func cpuid(eaxArg, ecxArg uint32) (eax, ebx, ecx, edx uint32)
func extensions() (wide bool)
func add(a *[8]int32)

type features struct {
	pad  [64]byte
	wide bool
}

var have features

func init() {
	if max, _, _, _ := cpuid(0, 0); max >= 7 {
		_, ebx, _, _ := cpuid(7, 0)
		have.wide = ebx&(1<<5) != 0
	}
}

var guarded = chosen()
var told = extensions()

func chosen() bool { return have.wide }

func main() {
	text := []byte(strings.Repeat("hello", 100+len(os.Args)))
	block, _ := aes.NewCipher(text[:16])
	gcm, _ := cipher.NewGCM(block)
	var a [8]int32
	ones := 0
	for i := range a {
		ones += bits.OnesCount64(uint64(a[i]) + uint64(text[i]))
	}
	if GUARD {
		add(&a)
	}
	fmt.Println(sha256.Sum256(text), len(gcm.Seal(nil, text[:12], text, nil)), math.Floor(float64(ones)/3), strings.Index(string(text), "ohe"), a)
}
""", "code_amd64.s": """#include "textflag.h"

TEXT ·cpuid(SB), NOSPLIT, $0-24
	MOVL eaxArg+0(FP), AX
	MOVL ecxArg+4(FP), CX
	CPUID
	MOVL AX, eax+8(FP)
	MOVL BX, ebx+12(FP)
	MOVL CX, ecx+16(FP)
	MOVL DX, edx+20(FP)
	RET

TEXT ·extensions(SB), NOSPLIT, $0-1
	XORQ AX, AX
	CPUID
	CMPQ AX, $7
	JB   none
	MOVQ $7, AX
	MOVQ $0, CX
	CPUID
	BTQ  $5, BX
	SETCS AL
	MOVB AL, wide+0(FP)
	RET

none:
	XORQ AX, AX
	MOVB AL, wide+0(FP)
	RET

TEXT ·add(SB), NOSPLIT, $0-8
	MOVQ a+0(FP), DI
	VPADDD (DI), Y0, Y0
	VMOVDQU Y0, (DI)
	VZEROUPPER
	RET
""", "go.mod": "module example.org/wide\n\ngo 1.19\n"}
GO_GUARDS = {"tested": ("have.wide", True), "kept": ("guarded", True), "told": ("told", True), "inverted": ("!have.wide", False), "untested": ("len(a) == 8", False)}
GO_BUILDS = {"plain": [], "stripped": ["-ldflags=-s -w"], "trimmed": ["-trimpath", "-ldflags=-s -w"], "pie": ["-buildmode=pie", "-ldflags=-s -w"]}
