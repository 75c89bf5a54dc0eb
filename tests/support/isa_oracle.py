"""Which instruction needs what, as assemblers see it: GNU as refuses what its -march lacks, LLVM says which AArch64 extension is missing.

Neither shares a table with Zydis, Capstone or abiscope.
"""
import json
import pathlib
import re
import subprocess

import differential

# abiscope's names for what GNU as calls otherwise. In lower case, without punctuation, most names are the same.
GAS = {"SSE3": "sse3", "SSSE3": "ssse3", "SSE4.1": "sse4.1", "SSE4.2": "sse4.2", "POPCNT": "popcnt", "CMPXCHG16B": "cx16", "AVX": "avx", "AVX2": "avx2", "BMI1": "bmi",
       "BMI2": "bmi2", "F16C": "f16c", "FMA": "fma", "LZCNT": "lzcnt", "MOVBE": "movbe", "OSXSAVE": "xsave", "AVX512F": "avx512f", "AVX512BW": "avx512bw",
       "AVX512CD": "avx512cd", "AVX512DQ": "avx512dq", "AVX512VL": "avx512vl", "ADX": "adx", "AES": "aes", "AMX-BF16": "amx_bf16", "AMX-INT8": "amx_int8",
       "AMX-TILE": "amx_tile", "AVX512_4FMAPS": "avx512_4fmaps", "AVX512_4VNNIW": "avx512_4vnniw", "AVX512_BF16": "avx512_bf16", "AVX512_BITALG": "avx512_bitalg",
       "AVX512ER": "avx512er", "AVX512_FP16": "avx512_fp16", "AVX512_IFMA": "avx512ifma", "AVX512PF": "avx512pf", "AVX512_VBMI": "avx512vbmi",
       "AVX512_VBMI2": "avx512_vbmi2", "AVX512_VNNI": "avx512_vnni", "AVX512_VP2INTERSECT": "avx512_vp2intersect", "AVX512_VPOPCNTDQ": "avx512_vpopcntdq",
       "AVX-VNNI": "avx_vnni", "CLDEMOTE": "cldemote", "CLFSH": "clflush", "CLFLUSHOPT": "clflushopt", "CLWB": "clwb", "CLZERO": "clzero", "ENQCMD": "enqcmd", "FMA4": "fma4",
       "FSGSBASE": "fsgsbase", "GFNI": "gfni", "HRESET": "hreset", "INVPCID": "invpcid", "KL": "kl", "WIDE_KL": "widekl", "LWP": "lwp", "MCOMMIT": "mcommit",
       "MONITOR": "sse3", "MONITORX": "mwaitx", "MOVDIRI": "movdiri+movdir64b", "MPX": "mpx", "PADLOCK-ACE": "padlock", "PADLOCK-PHE": "padlock", "PADLOCK-PMM": "padlock",
       "PADLOCK-RNG": "padlock", "PCLMULQDQ": "pclmul", "PCONFIG": "pconfig", "PKU": "ospke", "PREFETCHWT1": "prefetchwt1", "PTWRITE": "ptwrite", "RDPID": "rdpid",
       "RDPRU": "rdpru", "RDRAND": "rdrnd", "RDSEED": "rdseed", "RDTSCP": "rdtscp", "RTM": "rtm", "SERIALIZE": "serialize", "SGX": "se1", "SHA": "sha", "CET_SS": "shstk",
       "SMAP": "smap", "SMX": "smx", "SEV-SNP": "sev_es", "SSE4A": "sse4a", "SVM": "svme", "TBM": "tbm", "TDX": "tdx", "3DNow!": "3dnowa", "TSXLDTRK": "tsxldtrk",
       "UINTR": "uintr", "VAES": "vaes", "VMX": "vmx", "VPCLMULQDQ": "vpclmulqdq", "WAITPKG": "waitpkg", "XOP": "xop", "XSAVEC": "xsavec", "XSAVEOPT": "xsaveopt",
       "XSAVES": "xsaves", "LAHF-SAHF": "", "FXSR": "fxsr", "SYSCALL": "syscall", "NOPL": "nop"}
# Run on every CPU, as something else that does no harm: hints in the space of NOP, BSF for TZCNT (a zero source apart).
HARMLESS = ("endbr", "rdssp", "tzcnt", "prefetch", "cldemote", "nop", "pause", "xacquire", "xrelease", "wbnoinvd", "bnd", "saveprevssp")
# GNU as calls these part of every 64-bit CPU; the first of Intel's had neither.
BEYOND_GAS = ("lahf", "sahf")

# AArch64: LLVM's name -> abiscope's. Of features that are not here, abiscope knows nothing.
LLVM = {"lse": "FEAT_LSE", "crc": "FEAT_CRC32", "rdm": "FEAT_RDM", "aes": "FEAT_AES", "sha2": ("FEAT_SHA256", "FEAT_SHA1"), "sha3": ("FEAT_SHA3", "FEAT_SHA512"),
        "sm4": ("FEAT_SM3", "FEAT_SM4"), "dotprod": "FEAT_DotProd", "fullfp16": "FEAT_FP16", "bf16": "FEAT_BF16", "i8mm": "FEAT_I8MM", "jsconv": "FEAT_JSCVT",
        "complxnum": "FEAT_FCMA", "rcpc": "FEAT_LRCPC", "rcpc-immo": "FEAT_LRCPC2", "pauth": "FEAT_PAuth", "mte": "FEAT_MTE", "flagm": "FEAT_FlagM",
        "altnzcv": "FEAT_FlagM2", "fptoint": "FEAT_FRINTTS", "sb": "FEAT_SB", "ls64": "FEAT_LS64", "mops": "FEAT_MOPS"}


def implies(feature, other):
    """Whether GNU as takes the second for granted with the first. Both are right to name: a hypervisor can hide one of them."""
    return (other == "AVX512F" and feature.startswith("AVX512")) or (other == "AVX" and feature in ("VAES", "VPCLMULQDQ", "AVX2", "FMA", "F16C", "FMA4", "XOP"))


def refused_lines(source, march, kinds="Error"):
    """The numbers of the lines (from 1) that GNU as refuses for this -march; with "Error|Warning" also what no processor executes."""
    done = subprocess.run(["as", "--64", f"-march={march}", "-o", "/dev/null", "-"], input=source, capture_output=True, text=True, check=False)
    return {int(number) for number in re.findall(rf"^[^:\n]*:(\d+): (?:{kinds})", done.stderr, re.MULTILINE)}


class Assembler:
    """GNU as over one list of instructions, each -march asked once."""

    def __init__(self, instructions):
        self.instructions = instructions
        self.source = "".join(line + "\n" for line in instructions)
        self.refused = {}

    def accepts(self, index, features):
        march = "+".join(["generic64", *sorted(filter(None, (GAS[name] for name in features)))])
        if march not in self.refused:
            self.refused[march] = refused_lines(self.source, march)
        return index + 1 not in self.refused[march]

    def judge(self, index, features):
        """Nothing when `features` are what the instruction needs, else what is wrong with them."""
        text = self.instructions[index]
        unknown = [name for name in features if name not in GAS]
        if unknown:
            return f"{text}: no name for {unknown}"
        if text.startswith(BEYOND_GAS):
            return None if list(features) == ["LAHF-SAHF"] else f"{text}: abiscope says {features}"
        if not self.accepts(index, features):
            return None if not features and text.startswith(HARMLESS) else f"{text}: abiscope says {sorted(features) or 'nothing'}, GNU as wants more"
        for name in features:
            others = [other for other in features if other != name]
            if self.accepts(index, others) and not any(implies(other, name) for other in others):
                return f"{text}: abiscope says {sorted(features)}, GNU as does without {name}"
        return None


def aarch64_needs(instructions):
    """Per instruction: the list of LLVM's names it misses on plain Armv8-A ("a or b" is one of them), or nothing when it is not in LLVM's language."""
    source = "".join(line + "\n" for line in instructions)
    done = subprocess.run(["llvm-mc-19", "--triple=aarch64", "--filetype=null"], input=source, capture_output=True, text=True, check=False)
    needs = [[] for _ in instructions]
    for number, message in re.findall(r"^<stdin>:(\d+):\d+: error: (.*)$", done.stderr, re.MULTILINE):
        wanted = re.match(r"instruction requires: (.*)", message)
        needs[int(number) - 1] = wanted.group(1).split() if wanted else None
    return needs


def disassemble(triple, chunks, separator, marker, attributes=""):
    """The first instruction of each chunk of bytes in LLVM's words, or None. `separator` is the code of an instruction that prints as `marker`."""
    line = lambda data: " ".join(f"0x{byte:02x}" for byte in data) + "\n"   # noqa: E731
    text = "".join(line(chunk) + line(separator) for chunk in chunks)
    done = subprocess.run(["llvm-mc-19", "--disassemble", f"--triple={triple}", f"--mattr={attributes}"], input=text, capture_output=True, text=True, check=False)
    found, current = [], None
    for row in done.stdout.splitlines():
        row = re.sub(r"\s+", " ", row.split("#")[0].strip() if triple.startswith("x86") else row.split("//")[0].strip())
        if not row or row.startswith(".text"):
            continue
        if row == marker:
            found.append(current)
            current = None
        elif current is None:
            current = row
    return found


def dump(path, *options):
    outcome = differential.run([differential.dump_program("isa_dump"), *options, path])
    return json.loads(outcome.out)


def features_by_function(folder, sources, assemble, link):
    """What the sweep says of each of `sources`, put into a function of its own with room around it: a list of sets of names."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    text = ".text\n"
    for number, source in enumerate(sources):
        text += f".balign 16\n.globl f{number}\n.type f{number}, %function\nf{number}:\n{source}\n.rept 48\nnop\n.endr\n.size f{number}, . - f{number}\n"
    (folder / "code.s").write_text(text, encoding="utf-8")
    for command in (assemble, link):
        outcome = differential.run([*command], cwd=folder)
        if outcome.code != 0:
            raise differential.Failure(f"{' '.join(command)}: {outcome.err[:800]}")
    answer = dump(folder / "code.so", "--facts")
    said = {fact["function"]: set(fact["features"]) for fact in answer["facts"]}
    doubtful = {fact["function"]: set(fact["doubtful"]) for fact in answer["facts"]}
    return [said.get(f"f{number}", set()) | doubtful.get(f"f{number}", set()) for number in range(len(sources))]
