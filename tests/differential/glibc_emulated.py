"""abiscope's simulation of glibc's loader against the real one on other machines: aarch64, arm and riscv64 with their own glibc, and amd64
processors of lower levels, all under qemu-user. Cases come from glibc/portable.py and glibc/processors.py.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER / "glibc")]

import differential
import glibc_builder
import glibc_dump
import glibc_loader
import portable
import processors

PROCESSORS = ("qemu64", "Nehalem", "Haswell", "Opteron_G5", "max")
# Bits of AT_HWCAP that glibc's search knows (sysdeps/unix/sysv/linux/{aarch64,arm}/dl-procinfo.h).
HWCAPS = {"arm64": {8: "atomics"}, "armhf": {6: "vfp", 12: "neon"}, "riscv64": {}}


class Machine:
    def __init__(self, arch, triple, emulator, loader, bits):
        self.arch, self.triple, self.emulator, self.loader, self.bits = arch, triple, emulator, loader, bits


MACHINES = (Machine("arm64", "aarch64-linux-gnu", "qemu-aarch64", "ld-linux-aarch64.so.1", 64),
            Machine("armhf", "arm-linux-gnueabihf", "qemu-arm", "ld-linux-armhf.so.3", 32),
            Machine("riscv64", "riscv64-linux-gnu", "qemu-riscv64", "ld-linux-riscv64-lp64d.so.1", 64))

# What CPUID says, in the words of /proc/cpuinfo: leaf, register, bit. A feature of AVX and above counts when the state is saved.
PROBE = r"""
#include <cpuid.h>
#include <stdio.h>
#include <string.h>
struct { unsigned leaf, reg, bit, state; const char *name; } t[] = {
    {1,3,0,0,"fpu"},{1,3,8,0,"cx8"},{1,3,15,0,"cmov"},{1,3,23,0,"mmx"},{1,3,24,0,"fxsr"},{1,3,25,0,"sse"},{1,3,26,0,"sse2"},
    {1,2,0,0,"pni"},{1,2,1,0,"pclmulqdq"},{1,2,9,0,"ssse3"},{1,2,12,1,"fma"},{1,2,13,0,"cx16"},{1,2,19,0,"sse4_1"},{1,2,20,0,"sse4_2"},
    {1,2,22,0,"movbe"},{1,2,23,0,"popcnt"},{1,2,25,0,"aes"},{1,2,28,1,"avx"},{1,2,29,1,"f16c"},{1,2,30,0,"rdrand"},
    {7,1,3,0,"bmi1"},{7,1,5,1,"avx2"},{7,1,8,0,"bmi2"},{7,1,16,2,"avx512f"},{7,1,17,2,"avx512dq"},{7,1,28,2,"avx512cd"},{7,1,30,2,"avx512bw"},
    {7,1,31,2,"avx512vl"},{7,1,19,0,"adx"},{7,1,29,0,"sha_ni"},
    {0x80000001,2,0,0,"lahf_lm"},{0x80000001,2,5,0,"abm"},{0x80000001,3,29,0,"lm"},{0x80000001,3,11,0,"syscall"}};
int main(void)
{
    unsigned r[4], v[4] = {0}, low = 0, high;
    __get_cpuid(1, r, r + 1, r + 2, r + 3);
    if (r[2] >> 27 & 1) __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    __get_cpuid(0, v, v + 1, v + 2, v + 3);
    printf("%.4s%.4s%.4s\n", (char *)&v[1], (char *)&v[3], (char *)&v[2]);
    for (unsigned i = 0; i < sizeof t / sizeof *t; i++) {
        if (!__get_cpuid_count(t[i].leaf, 0, r, r + 1, r + 2, r + 3) || !(r[t[i].reg] >> t[i].bit & 1)) continue;
        if ((t[i].state >= 1 && (low & 6) != 6) || (t[i].state == 2 && (low & 0xe0) != 0xe0)) continue;
        printf("%s,", t[i].name);
    }
}
"""


def emulated(builder, emulator, **environment):
    # Variables for the guest alone: the emulator is a dynamic program, too.
    variables = [word for name, value in {**builder.environment, **environment}.items() for word in ("-E", f"{name}={value}")]
    done = subprocess.run([*emulator, *variables, builder.program], env={"PATH": os.environ["PATH"]}, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60, check=False)
    text = re.sub(r"(?m)^qemu(: uncaught target signal|-x86_64: warning: TCG).*\n?", "", done.stderr.decode("utf-8", "backslashreplace"))
    return differential.Outcome([builder.program], done.returncode, done.stdout.decode("utf-8", "backslashreplace"), text, False)


def compare(suite, builder, emulator, answer):
    real = emulated(builder, emulator)
    told = real.err.rstrip("\n")
    # What the shell says of a killed process is not printed here.
    said = answer["message"]["text"].removesuffix("Illegal instruction").rstrip("\n")
    context = f"{builder.root}\nstderr: {told}\nabiscope: {answer['verdict']} {answer['message']} {[(p['kind'], p['reason']) for p in answer['problems']]}"
    if builder.expected_for("*") is not None:
        suite.equal("the case is not what its name says: exit code", real.code, builder.expected_for("*"), context)
    if builder.lazy:
        suite.equal("verdict", "conditional", answer["verdict"], context)
    else:
        suite.equal("verdict", "runs" if real.code == 0 else "fails", answer["verdict"], context)
    if real.code != 0 or not builder.lazy:
        suite.equal("text", told, said, context)
    if real.code != 0:
        suite.equal("exit code", real.code, answer["message"].get("exit_code"), context)
        suite.equal("signal", signal.Signals(real.signal).name if real.signal else "", answer["message"].get("signal", ""), context)
    listed = emulated(builder, emulator, LD_TRACE_LOADED_OBJECTS="1")
    if listed.code == 0:
        wanted = glibc_dump.traced(listed.out)
        found = glibc_dump.libraries(answer)
        if not any(name == builder.loader for name, _ in wanted):
            found = [entry for entry in found if entry[0] != builder.loader]
        suite.equal("list", wanted, found, context)


def diagnostics(emulator, loader):
    text = subprocess.run([*emulator, loader, "--list-diagnostics"], capture_output=True, check=False).stdout.decode(errors="replace")
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def foreign(suite, machine):
    """All portable cases on one machine."""
    names = {f"{machine.arch}.{name}": made for name, made in portable.CASES.items() if suite.wanted(f"{machine.arch}.{name}")}
    loader = next(iter(sorted(pathlib.Path("/usr").glob(f"{machine.triple}/lib/{machine.loader}"))), None)
    missing = [tool for tool in (machine.emulator, f"{machine.triple}-gcc", f"{machine.triple}-ld") if not shutil.which(tool)]
    if missing or not loader:
        for name in names:
            with suite.case(name):
                suite.skip(f"{', '.join(missing) or machine.loader} not installed")
        return
    emulator = [machine.emulator]
    facts = diagnostics(emulator, loader)
    version = re.search(r"version (\d+\.\d+)", subprocess.run([machine.emulator, loader, "--version"], capture_output=True, text=True, check=False).stdout)[1]
    lib_token = facts.get("dl_dst_lib", f'"lib/{machine.triple}"').strip('"')
    platform = facts.get("dl_platform", "0x0").strip('"')
    platform = "" if platform == "0x0" else platform
    features = [name for bit, name in HWCAPS[machine.arch].items() if int(facts.get("dl_hwcap", "0"), 16) >> bit & 1]
    tools = glibc_builder.Toolchain(suite.work / f"made.{machine.arch}", machine.arch, f"{machine.triple}-")
    builders = {}
    for name in names:
        folder = suite.work / name
        builder = glibc_builder.Builder(folder, tools, at=str(folder), loader=f"{folder}/lib/{machine.loader}")
        builder.lib_token, builder.platform, builder.bits = lib_token, platform, machine.bits
        (folder / "lib").mkdir()
        shutil.copy(loader, folder / "lib" / machine.loader)
        builders[name] = builder
    built = glibc_loader.build_all(suite, names, builders)
    question = {"arch": machine.arch, "libc": version, "dirs": f"/lib/{machine.triple}:/usr/lib/{machine.triple}:/lib:/usr/lib", "lib": lib_token,
                "platform": platform, "features": ",".join(features)}
    answers, _ = glibc_dump.ask([{"program": builders[name].program, "loader": builders[name].loader, "cwd": str(pathlib.Path.cwd()), **question,
                                  **{f"env.{key}": value for key, value in builders[name].environment.items()}} for name in built])
    for name, answer in zip(built, answers):
        with suite.case(f"{name} (glibc {version})"):
            compare(suite, builders[name], emulator, answer)


def processor(suite, cpu, probe, builders, names):
    emulator = ["qemu-x86_64", "-cpu", cpu]
    vendor, features = subprocess.run([*emulator, probe], capture_output=True, text=True, check=True).stdout.split("\n")[:2]
    common = {"cpu": cpu, "vendor": vendor, "features": features.rstrip(","), "libc": glibc_dump.host_libc_version(), "dirs": glibc_dump.DEBIAN_DIRECTORIES,
              "cwd": str(pathlib.Path.cwd())}
    answers, _ = glibc_dump.ask([{"program": builders[name].program, **common, **({"code": "1"} if getattr(builders[name], "code", False) else {})} for name in names])
    for name, answer in zip(names, answers):
        if suite.wanted(f"{cpu}.{name}"):
            with suite.case(f"{cpu}.{name}"):
                compare(suite, builders[name], emulator, answer)


def all_processors(suite):
    if not shutil.which("qemu-x86_64"):
        with suite.case("processors"):
            suite.skip("qemu-x86_64 is not installed")
        return
    tools = glibc_builder.Toolchain(suite.work / "made.amd64")
    builders = {}
    for name in processors.CASES:
        folder = suite.work / f"amd64.{name}"
        builders[name] = glibc_builder.Builder(folder, tools, at=str(folder))
    names = glibc_loader.build_all(suite, processors.CASES, builders)
    probe = suite.work / "probe"
    glibc_builder.command(["gcc", "-O1", "-x", "c", "-", "-o", probe], PROBE)
    for cpu in PROCESSORS:
        processor(suite, cpu, probe, builders, names)


def main():
    suite = differential.Suite(__doc__)
    for machine in MACHINES:
        foreign(suite, machine)
    all_processors(suite)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
