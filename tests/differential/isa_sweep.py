#!/usr/bin/env python3
"""The instruction-set sweep against assemblers, disassemblers and processors.

- sweep.*: functions compiled for many -march, and generated instructions: what abiscope says they need is what GNU as (x86) and LLVM
  (AArch64) say, no more and no less.
- run.*: programs that use a feature, guarded and not, on processors that lack it (qemu): abiscope never says "runs" of what dies, nor
  "fails" of what runs, and raises no alarm about a guarded use.
- machine.*: Debian's own programs, on this machine's processor and on the baseline they are built for.
"""
import json
import os
import pathlib
import random
import re
import shutil
import sys

import differential
import isa_oracle
import isa_programs

SOURCE = """
#include <stdint.h>
#include <stddef.h>
#define N __attribute__((noinline))
N void saxpy(float *a, const float *b, float k, int n) { for (int i = 0; i < n; ++i) a[i] += k * b[i]; }
N void daxpy(double *a, const double *b, double k, int n) { for (int i = 0; i < n; ++i) a[i] = a[i] * k + b[i]; }
N void add8(uint8_t *a, const uint8_t *b, int n) { for (int i = 0; i < n; ++i) a[i] = a[i] > b[i] ? a[i] - b[i] : 0; }
N void mul32(int *a, const int *b, int n) { for (int i = 0; i < n; ++i) a[i] *= b[i]; }
N void shift(unsigned *a, const unsigned *b, int n) { for (int i = 0; i < n; ++i) a[i] <<= b[i] & 31; }
N long sum64(const int *a, int n) { long s = 0; for (int i = 0; i < n; ++i) s += a[i]; return s; }
N int bits(const uint64_t *a, int n) { int c = 0; for (int i = 0; i < n; ++i) c += __builtin_popcountll(a[i]); return c; }
N int zeros(uint64_t a) { return a ? __builtin_clzll(a) : 64; }
N int trailing(uint64_t a) { return a ? __builtin_ctzll(a) : 64; }
N uint64_t swap(const uint64_t *a) { return __builtin_bswap64(*a); }
N uint64_t rotate(uint64_t a) { return a << 13 | a >> 51; }
N uint64_t andn(uint64_t a, uint64_t b) { return ~a & b; }
N uint64_t wide(uint64_t a, uint64_t b, uint64_t *h) { unsigned __int128 p = (unsigned __int128)a * b; *h = p >> 64; return p; }
N uint64_t shifted(uint64_t a, int b) { return a << b; }
N int exchange(_Atomic int *a, int b) { return __atomic_exchange_n((int *)a, b, 5); }
N int fetch(int *a, int b) { return __atomic_fetch_add(a, b, 5); }
N float round_it(float a) { return __builtin_truncf(a); }
N double fma_it(double a, double b, double c) { return __builtin_fma(a, b, c); }
"""
X86_FLAGS = ["-march=x86-64", "-march=x86-64-v2", "-march=x86-64-v3", "-march=x86-64-v4", "-mavx", "-mavx2", "-mbmi", "-mbmi2", "-mfma", "-mpopcnt", "-mlzcnt",
             "-mmovbe", "-mf16c", "-msse4.1", "-msse4.2", "-mssse3", "-march=haswell", "-march=znver3", "-march=icelake-server", "-march=sapphirerapids", "-march=bdver4"]
ARM_FLAGS = ["armv8-a", "armv8-a+lse", "armv8-a+crc", "armv8-a+crypto", "armv8.1-a", "armv8.2-a+fp16", "armv8.2-a+sve", "armv8.3-a", "armv8.4-a", "armv8.5-a",
             "armv8.6-a+bf16+i8mm", "armv9-a"]
# A function body for each feature that compilers do not pick by themselves.
INTRINSICS = ["#include <immintrin.h>\n" + row + "\n" for row in """
__m128i aes(__m128i a, __m128i b) { return _mm_aesenc_si128(a, b); }
__m128i sha(__m128i a, __m128i b) { return _mm_sha1msg1_epu32(a, b); }
__m128i clmul(__m128i a, __m128i b) { return _mm_clmulepi64_si128(a, b, 1); }
unsigned adx(unsigned char c, unsigned long long a, unsigned long long b, unsigned long long *o) { return _addcarryx_u64(c, a, b, o); }
int rdrand(unsigned *a) { return _rdrand32_step(a); }
int rdseed(unsigned *a) { return _rdseed32_step(a); }
__m128 half(__m128i a) { return _mm_cvtph_ps(a); }
""".strip().splitlines()]
EVERYTHING = "+".join(["generic64", *sorted({part for part in isa_oracle.GAS.values() if part})])
INTRINSIC_FLAGS = ["-maes", "-msha", "-mpclmul", "-madx", "-mrdrnd", "-mrdseed", "-mf16c"]


def disassembled(path, *options):
    """The instructions of a file, without addresses that mean another place when they stand alone."""
    listing = differential.run(["llvm-objdump-19", "-d", "--no-show-raw-insn", "--no-leading-addr", *options, path]).out
    rows = (re.sub(r"\s+", " ", row.split("#")[0].split("//")[0]).strip() for row in listing.splitlines() if row.startswith((" ", "\t")))
    return sorted({re.sub(r" <[^>]*>", "", re.sub(r"^(rdrand|rdseed)[wlq] ", r"\1 ", row)) for row in rows if row and "<unknown>" not in row})


def needed_by(path):
    """What the sweep found in a file, but for what is harmless."""
    return {use["feature"] for use in isa_oracle.dump(path)["uses"] if use["count"] + use["doubtful"] != 0}


def check_x86_file(suite, path):
    """All of what the sweep names is enough for GNU as, and nothing of it can be left out."""
    said = needed_by(path)
    lines = [line for line in disassembled(path) if not re.match(r"(j|call|loop|xbegin)", line)]
    refused = isa_oracle.refused_lines("".join(line + "\n" for line in lines), EVERYTHING, "Error|Warning")   # LLVM's spelling is not always GNU's
    lines = [line for number, line in enumerate(lines, 1) if number not in refused]
    oracle = isa_oracle.Assembler(lines)
    wrong = [lines[i] for i in range(len(lines)) if not oracle.accepts(i, said) and not lines[i].startswith(isa_oracle.HARMLESS)]
    suite.true(f"abiscope names {sorted(said)}, and GNU as wants more", not wrong, "\n".join(wrong[:10]))
    for use in isa_oracle.dump(path)["uses"]:
        if use["count"] == 0 or use["feature"] == "LAHF-SAHF":
            continue
        # Some instruction of the file is refused by everything else that is used, without what implies this feature.
        others = {name for name in said if name != use["feature"] and not isa_oracle.Assembler(lines_of(use)).accepts(0, [name])}
        suite.true(f"abiscope names {use['feature']} for `{use['text']}`, which GNU as accepts with {sorted(others) or 'nothing'}",
                   any(not oracle.accepts(i, others) for i in range(len(lines))))


def lines_of(use):
    return [".intel_syntax noprefix; " + use["text"]]


def compiled(suite):
    for compiler in ("gcc", "clang-19"):
        for flag, text in [(flag, SOURCE) for flag in X86_FLAGS] + list(zip(INTRINSIC_FLAGS, INTRINSICS)):
            name = f"sweep.{compiler}{flag}" + ("" if text == SOURCE else ".intrinsic")
            if not suite.wanted(name):
                continue
            with suite.case(name):
                suite.need(compiler, "as", "llvm-objdump-19")
                folder = suite.work / name
                folder.mkdir()
                (folder / "code.c").write_text(text, encoding="utf-8")
                build = differential.run([compiler, "-O3", flag, "-shared", "-nostdlib", "-fPIC", "-o", folder / "code.so", folder / "code.c"])
                if build.code != 0:
                    suite.skip(f"{compiler} does not build for {flag}")
                check_x86_file(suite, folder / "code.so")


def compiled_arm(suite):
    for march in ARM_FLAGS:
        name = f"sweep.aarch64.{march}"
        if not suite.wanted(name):
            continue
        with suite.case(name):
            suite.need("clang-19", "llvm-mc-19", "llvm-objdump-19")
            folder = suite.work / name
            folder.mkdir()
            (folder / "code.c").write_text(SOURCE.replace("#include <stddef.h>", ""), encoding="utf-8")
            build = differential.run(["clang-19", "--target=aarch64-linux-gnu", "-ffreestanding", "-O3", "-march=" + march, "-mno-outline-atomics", "-shared", "-nostdlib",
                                      "-fuse-ld=lld-19", "-fPIC", "-o", folder / "code.so", folder / "code.c"])
            suite.true("clang builds it", build.code == 0, build.err[:500])
            wanted = set()
            for needs in isa_oracle.aarch64_needs([line for line in disassembled(folder / "code.so", "--mattr=+all") if not re.match(r"(b|bl|cb|tb|adr)", line)]):
                wanted |= arm_names(needs or [])[0]
            suite.equal("features", sorted(wanted), sorted(needed_by(folder / "code.so")))


def arm_names(needs):
    """abiscope's names for what LLVM wants: the one it names (the first of "a or b"), all that would be right, and whether all are known."""
    wanted, right, known, choice = set(), set(), True, False
    for need in needs:
        if need == "or":
            choice = True
            continue
        mapped = "FEAT_SVE" if need.startswith("sve") else "FEAT_SME" if need.startswith("sme") else isa_oracle.LLVM.get(need)
        if mapped is None:
            known = False
            continue
        names = [mapped] if isinstance(mapped, str) else list(mapped)
        right |= set(names)
        if not choice:
            wanted.add(names[0])
        choice = False
    return wanted, right, known


def random_x86(rng):
    """Bytes that are often an instruction of some extension."""
    tail = bytes(rng.randrange(256) for _ in range(12))
    opcode, modrm = rng.randrange(256), rng.choice([rng.randrange(192, 256), rng.randrange(256)])
    shape = rng.randrange(6)
    if shape == 0:
        return rng.choice([b"", b"\x66", b"\xf2", b"\xf3"]) + rng.choice([b"", b"\x48"]) + b"\x0f" + bytes([opcode, modrm]) + tail
    if shape == 1:
        return rng.choice([b"", b"\x66", b"\xf2", b"\xf3"]) + rng.choice([b"", b"\x48"]) + b"\x0f" + rng.choice([b"\x38", b"\x3a"]) + bytes([opcode, modrm]) + tail
    if shape == 2:
        return b"\xc5" + bytes([rng.randrange(256), opcode, modrm]) + tail
    if shape == 3:
        return b"\xc4" + bytes([rng.randrange(8) << 5 | rng.choice([1, 2, 3]), rng.randrange(256), opcode, modrm]) + tail
    if shape == 4:
        return b"\x62" + bytes([0xf0 & rng.randrange(256) | rng.choice([1, 2, 3, 5, 6]), rng.randrange(256) | 4, rng.randrange(256), opcode, modrm]) + tail
    return bytes([opcode, modrm]) + tail


# Whose own need is hidden by what they are: control flow leads away, privileged ones make their neighbourhood doubtful.
AWAY = re.compile(r"(j|call|lcall|ljmp|loop|ret|lret|iret|sys|ud|int|hlt|in[bwls]?\b|out|cli|sti|lgdt|lidt|sgdt|sidt|mov \S*%[cdt]r|xbegin|xabort|data16|lock|rep|"
                  r"clts|invd|wbinvd|wrmsr|rdmsr|rdpmc|vm|swapgs|enter|leave|verr|verw|lar|lsl|str|sldt|lldt|ltr|smsw|lmsw|movabs|cs |ds |es |fs |gs |ss |addr32|"
                  r"xrelease|xacquire|bnd)")

APX = re.compile(r"%riz|%eiz|%r(1[6-9]|2\d|3[01])\b|\{evex\}|\{nf\}")   # not in the language of this GNU as


def generated_x86(suite):
    name = "sweep.generated.x86"
    if not suite.wanted(name):
        return
    with suite.case(name):
        suite.need("as", "ld", "llvm-mc-19")
        rng = random.Random(suite.options.seed)
        chunks = [random_x86(rng) for _ in range(6000)]
        # Whatever a chunk is, fifteen NOPs later the next instruction starts afresh.
        found = isa_oracle.disassemble("x86_64", chunks, b"\x90" * 15 + b"\x0f\x0b", "ud2")
        lines = sorted({text for text in found if text and text != "nop" and not AWAY.match(text) and not APX.search(text)})
        refused = isa_oracle.refused_lines("".join(line + "\n" for line in lines), EVERYTHING, "Error|Warning")
        lines = [line for number, line in enumerate(lines, 1) if number not in refused]
        suite.true(f"only {len(lines)} instructions came of it", len(lines) > 500)
        said = isa_oracle.features_by_function(suite.work / name, lines, ["as", "--64", "-o", "code.o", "code.s"], ["ld", "-shared", "-o", "code.so", "code.o"])
        oracle = isa_oracle.Assembler(lines)
        wrong = [problem for problem in (oracle.judge(i, sorted(said[i])) for i in range(len(lines))) if problem]
        suite.true(f"{len(wrong)} of {len(lines)} instructions differ", not wrong, "\n".join(wrong[:40]))


def generated_arm(suite):
    name = "sweep.generated.aarch64"
    if not suite.wanted(name):
        return
    with suite.case(name):
        suite.need("llvm-mc-19", "ld.lld-19")
        rng = random.Random(suite.options.seed)
        words = [rng.getrandbits(32) for _ in range(8000)]
        found = isa_oracle.disassemble("aarch64", [word.to_bytes(4, "little") for word in words], b"\x00\x00\x00\x00", "udf #0", "+all")
        pairs = [(word, text) for word, text in zip(words, found) if text and len(found) == len(words)]
        suite.true(f"only {len(pairs)} instructions came of it", len(pairs) > 500)
        needs = isa_oracle.aarch64_needs([text for _, text in pairs])
        said = isa_oracle.features_by_function(suite.work / name, [f".inst 0x{word:08x}" for word, _ in pairs],
                                               ["llvm-mc-19", "--triple=aarch64", "--filetype=obj", "-o", "code.o", "code.s"], ["ld.lld-19", "-shared", "-o", "code.so", "code.o"])
        wrong, compared = [], 0
        for (word, text), needed, had in zip(pairs, needs, said):
            if needed is None:
                continue
            wanted, right, known = arm_names(needed)
            if not known:
                continue
            compared += 1
            if bool(had) != bool(wanted) or not had <= right:
                wrong.append(f"{word:08x} {text}: LLVM {needed or 'nothing'}, abiscope {sorted(had) or 'nothing'}")
        suite.true(f"{len(wrong)} of {compared} instructions differ", not wrong, "\n".join(wrong[:40]))
        suite.true(f"only {compared} were compared", compared > 500)


def judge_run(suite, program, cpu, guarded):
    """Lets qemu run it and compares."""
    real = differential.run(["qemu-x86_64", "-cpu", cpu, program], env=differential.clean_environment())
    died = real.signal == 4 or real.code == 132
    suite.true(f"qemu's outcome is neither: {real.code} {real.err[:300]}", died or real.code == 0)
    document, _ = suite.ask("check", program, "--cpu", cpu, "--isa", "sweep")
    answer = document["results"][0]
    words = f"real exit code {real.code}, abiscope {answer['verdict']} at {answer.get('stage')}: {[finding['title'] for finding in answer['findings']]}"
    if died:
        suite.true("dies, but abiscope does not say so", answer["verdict"] in ("fails", "conditional") and answer["stage"] == "isa", words)
        if answer["verdict"] == "fails":
            suite.equal("exit code", 132, answer["message"]["exit_code"])
            suite.equal("signal", "SIGILL", answer["message"]["signal"])
    else:
        suite.true("runs, but abiscope says that it fails", answer["verdict"] != "fails", words)
        if guarded:
            suite.equal("verdict of a guarded use", "runs", answer["verdict"], words)
    return died, answer


def programs(suite):
    for feature, (instruction, having, lacking) in isa_programs.FEATURES.items():
        for kind, text in (isa_programs.PROGRAMS | (isa_programs.BETWEEN if feature in isa_programs.LEAF_7_EBX else {})).items():
            # A static program holds the C library's own checks and dispatched functions beside its code.
            for linked in ("dynamic", "static") if feature in ("popcnt", "avx2") else ("dynamic",):
                name = f"run.{feature}.{kind.replace(' ', '_')}.{linked}"
                if not suite.wanted(name):
                    continue
                with suite.case(name):
                    suite.need("gcc", "qemu-x86_64")
                    folder = suite.work / name
                    folder.mkdir()
                    (folder / "p.c").write_text(text.replace("USE", isa_programs.BODY % instruction).replace("NAME", feature).replace("BIT", str(isa_programs.LEAF_7_EBX.get(feature))), encoding="utf-8")
                    build = differential.run(["gcc", "-O1" if kind in isa_programs.PROGRAMS else "-O2", *(["-static"] if linked == "static" else []), "-o", folder / "p", folder / "p.c"])
                    suite.true("gcc builds it", build.code == 0, build.err[:500])
                    died, answer = judge_run(suite, folder / "p", lacking, kind not in isa_programs.UNGUARDED)
                    suite.equal("dies without the feature", kind in isa_programs.UNGUARDED, died)
                    if kind == "straight" and linked == "dynamic":
                        suite.equal("verdict of what every start executes", "fails", answer["verdict"])
                    if linked == "dynamic":
                        judge_run(suite, folder / "p", having, True)
    for compiler in ("gcc", "clang-19"):
        name = f"run.clones.{compiler}"
        if not suite.wanted(name):
            continue
        with suite.case(name):
            suite.need(compiler, "qemu-x86_64")
            folder = suite.work / name
            folder.mkdir()
            (folder / "p.c").write_text(isa_programs.CLONES, encoding="utf-8")
            build = differential.run([compiler, "-O3", "-o", folder / "p", folder / "p.c"])
            suite.true("builds", build.code == 0, build.err[:500])
            for cpu in ("qemu64", "Nehalem", "Haswell"):
                judge_run(suite, folder / "p", cpu, True)


HELLO = """
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
int main(int argc, char **argv) { char text[64]; strcpy(text, argv[0] ? "there" : "nobody"); printf("%zu %s\\n", strlen(text), getenv("HOME") ? "" : "homeless"); return 0; }
"""


def baseline(suite):
    """What is built for every processor runs on every one, whatever its C library chooses between."""
    for name, command in (("static", ["gcc", "-static"]), ("static-pie", ["gcc", "-static-pie"]), ("gold", ["gcc", "-static", "-fuse-ld=gold"]),
                          ("stripped", ["gcc", "-static", "-s"]), ("c++", ["g++", "-static", "-x", "c++"]), ("aarch64", ["aarch64-linux-gnu-gcc", "-static"])):
        if not suite.wanted(f"run.baseline.{name}"):
            continue
        with suite.case(f"run.baseline.{name}"):
            suite.need(command[0])
            folder = suite.work / f"run.baseline.{name}"
            folder.mkdir()
            (folder / "p.c").write_text(HELLO, encoding="utf-8")
            build = differential.run([*command, "-O2", "-o", folder / "p", folder / "p.c"])
            if build.code != 0:
                suite.skip(f"does not build: {build.err[:200]}")
            if name == "aarch64":
                answer = suite.ask("check", folder / "p", "--target", "debian:12/arm64", "--cpu", "armv8.0-a", "--isa", "sweep")[0]["results"][0]
                suite.equal("verdict", "runs", answer["verdict"], str(answer["findings"])[:2000])
                continue
            suite.need("qemu-x86_64")
            for cpu in ("qemu64", "Nehalem", "Nehalem,-popcnt", "Haswell"):
                died, _ = judge_run(suite, folder / "p", cpu, True)
                suite.true("dies", not died)


def go_programs(suite):
    """Go's own code asks the CPU in its own way, and tests where the code does not show it; what others write in assembly does not."""
    for kind, (guard, harmless) in isa_programs.GO_GUARDS.items():
        for way, flags in isa_programs.GO_BUILDS.items():
            name = f"go.{kind}.{way}"
            if not suite.wanted(name) or (kind in ("inverted", "untested") and way in ("plain", "trimmed")):
                continue
            with suite.case(name):
                suite.need("go", "qemu-x86_64")
                folder = suite.work / name
                folder.mkdir()
                for file, text in isa_programs.GO.items():
                    (folder / file).write_text(text.replace("GUARD", guard), encoding="utf-8")
                build = differential.run(["go", "build", *flags, "-o", "p", "."], cwd=folder, seconds=300, env=differential.clean_environment(
                    GOFLAGS="", GOTOOLCHAIN="local", GO111MODULE="on", GOAMD64="v1", CGO_ENABLED="0"))
                suite.true("go builds it", build.code == 0, build.err[:500])
                for cpu in ("qemu64", "Nehalem", "Haswell"):
                    real = differential.run(["qemu-x86_64", "-cpu", cpu, folder / "p"], env=differential.clean_environment())
                    died = "SIGILL: illegal instruction" in real.err
                    suite.true(f"qemu's outcome is neither: {real.code} {real.err[:300]}", died or real.code == 0)
                    suite.equal("dies without the feature", not harmless and cpu != "Haswell", died)
                    answer = suite.ask("check", folder / "p", "--cpu", cpu, "--isa", "sweep")[0]["results"][0]
                    suite.equal(f"verdict on {cpu}", "conditional" if died else "runs", answer["verdict"], str([one["title"] for one in answer["findings"]]))
                    if died:
                        words = json.dumps(answer["findings"])
                        suite.true("the function is not named", "main.add" in words and "before main.add" in words, words[:1000])


def carried(suite):
    """A library that comes with the program."""
    for name, flags in (("new", ["-march=x86-64-v3"]), ("old", [])):
        if not suite.wanted(f"run.library.{name}"):
            continue
        with suite.case(f"run.library.{name}"):
            suite.need("gcc", "qemu-x86_64")
            folder = suite.work / f"run.library.{name}"
            folder.mkdir()
            (folder / "l.c").write_text("int sum(const int *a, int n) { int s = 0; for (int i = 0; i < n; ++i) s += a[i] * 3; return s; }", encoding="utf-8")
            (folder / "p.c").write_text("int sum(const int *, int); int a[1000]; int main(void) { return sum(a, 1000); }", encoding="utf-8")
            build = differential.run(["gcc", "-O3", "-shared", "-fPIC", *flags, "-o", folder / "libl.so", folder / "l.c"])
            suite.true("gcc builds it", build.code == 0, build.err[:500])
            build = differential.run(["gcc", "-o", folder / "p", folder / "p.c", f"-L{folder}", "-ll", "-Wl,-rpath,$ORIGIN"])
            suite.true("gcc builds it", build.code == 0, build.err[:500])
            died, _ = judge_run(suite, folder / "p", "Nehalem", name == "old")
            suite.equal("dies", name == "new", died)
    if suite.wanted("run.library.of the system"):
        with suite.case("run.library.of the system"):
            suite.need("gcc", "qemu-x86_64")
            # Debian's coreutils name this folder themselves; the C library there chooses by the CPU.
            folder = suite.work / "run.library.system"
            folder.mkdir()
            (folder / "p.c").write_text("int main(void) { return 0; }", encoding="utf-8")
            where = differential.run(["gcc", "-print-file-name=libc.so.6"]).out.strip()
            build = differential.run(["gcc", "-o", folder / "p", folder / "p.c", f"-Wl,-rpath,{pathlib.Path(where).resolve().parent}"])
            suite.true("gcc builds it", build.code == 0, build.err[:500])
            judge_run(suite, folder / "p", "Nehalem", True)


def machine(suite):
    """Debian 12 is built for x86-64 without extensions: none of its programs may be said to fail there."""
    names = [path for path in sorted(pathlib.Path("/usr/bin").iterdir()) if path.is_file() and os.access(path, os.R_OK)]
    names = [str(path) for path in names if path.open("rb").read(20)[:20].startswith(b"\x7fELF\x02\x01") and path.open("rb").read(20)[18:20] == b"\x3e\0"]
    chosen = sorted(suite.random.sample(names, min(len(names), suite.options.programs)))
    for cpu in ("host", "x86-64-v1"):
        if not suite.wanted(f"machine.{cpu}"):
            continue
        conditional = []
        options = [] if cpu == "host" else ["--cpu", cpu]
        for program in chosen:
            with suite.case(f"machine.{cpu}.{program}"):
                answer = suite.ask("check", program, *options, "--isa", "sweep", "--no-fixes", seconds=300)[0]["results"][0]
                if answer.get("stage") != "isa":
                    continue
                titles = [finding["title"] for finding in answer["findings"]]
                suite.true(f"an alarm on this machine's own processor: {titles}", cpu != "host" or answer["verdict"] == "conditional", str(answer["message"]))
                if answer["verdict"] == "fails" and shutil.which("qemu-x86_64"):
                    real = differential.run(["qemu-x86_64", "-cpu", "qemu64", program, "--version"], env=differential.clean_environment())
                    suite.true(f"said to fail, but runs: {titles}", real.signal == 4 or real.code == 132)
                conditional.append(f"{program}: {sorted({title.split(' contains ')[-1].split(' ')[0] for title in titles})}")
        print(f"{cpu}: {len(conditional)} of {len(chosen)} programs hold instructions behind no check that is seen")
        for row in conditional:
            print(f"    {row}")


def main():
    suite = differential.Suite(__doc__, lambda parser: parser.add_argument("--programs", type=int, default=40, help="how many of the machine's"))
    compiled(suite)
    compiled_arm(suite)
    generated_x86(suite)
    generated_arm(suite)
    programs(suite)
    baseline(suite)
    go_programs(suite)
    carried(suite)
    machine(suite)
    sys.exit(suite.finish())


if __name__ == "__main__":
    main()
