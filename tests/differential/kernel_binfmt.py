"""Handlers of binfmt_misc: what the kernel does with files they match, against the simulation, and what qemu-user says of programs it
cannot run.

Since Linux 6.7 every user namespace has handlers of its own: the test registers its in one that ends with it, so that nothing else on the
machine meets them.
"""
import contextlib
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

import differential
import elf_builder as elf
import exec_oracle
from kernel_exec import ask, compare, fill

INSIDE = "ABISCOPE_BINFMT_TEST_FOLDER"
HANDLERS = pathlib.Path("/proc/sys/fs/binfmt_misc")
RUN, OTHER = elf.Elf().build(), elf.Elf(exit_code=43).build()
ARM64 = elf.Elf(machine=elf.EM_AARCH64).build()
SCRIPT = b"#!./run\n"


def escaped(data):
    return "".join(f"\\x{byte:02x}" for byte in data)


def handler(name, interpreter, magic=b"", mask=b"", offset="", extension="", flags=""):
    kind = "E" if extension else "M"
    return f":{name}:{kind}:{offset}:{extension or escaped(magic)}:{escaped(mask)}:{interpreter}:{flags}"


QEMU = handler("qemu-aarch64", "/usr/bin/qemu-aarch64", b"\x7fELF\2\1\1" + bytes(9) + b"\2\0\xb7\0", b"\xff" * 7 + b"\0" + b"\xff" * 8 + b"\xfe\xff\xff\xff")

# name, handlers in the order of registration, file, its name, other files; in a handler FOLDER stands for the case's own folder.
CASES = [
    ("none", [], b"ABCD", "x", []),
    ("magic", [handler("a", "FOLDER/run", b"ABCD")], b"ABCDEF", "x", []),
    ("magic-not-there", [handler("a", "FOLDER/run", b"ABCD")], b"ABCEF", "x", []),
    ("magic-of-a-short-file", [handler("a", "FOLDER/run", b"ABCD\0\0")], b"ABCD", "x", []),
    ("mask", [handler("a", "FOLDER/run", b"A\1CD", b"\xff\x0f\xff\xff")], b"A\x51CD", "x", []),
    ("mask-not-there", [handler("a", "FOLDER/run", b"A\1CD", b"\xff\x0f\xff\xff")], b"A\x52CD", "x", []),
    ("offset", [handler("a", "FOLDER/run", b"CD", offset="2")], b"..CD", "x", []),
    ("offset-126", [handler("a", "FOLDER/run", b"CD", offset="126")], bytes(126) + b"CD", "x", []),
    ("extension", [handler("a", "FOLDER/run", extension="abc")], b"anything", "x.abc", []),
    ("extension-last-dot", [handler("a", "FOLDER/run", extension="abc")], b"anything", "x.abc.def", []),
    ("extension-case", [handler("a", "FOLDER/run", extension="abc")], b"anything", "x.ABC", []),
    ("extension-no-dot", [handler("a", "FOLDER/run", extension="abc")], b"anything", "abc", []),
    ("before-script", [handler("a", "FOLDER/other", b"#!")], SCRIPT, "x", []),
    ("before-elf", [handler("a", "FOLDER/other", b"Z", offset="9")], RUN[:9] + b"Z" + RUN[10:], "x", []),
    ("newest-first", [handler("a", "/no/such", b"ABCD"), handler("b", "FOLDER/run", b"AB")], b"ABCD", "x", []),
    ("newest-first-the-other-way", [handler("b", "FOLDER/run", b"AB"), handler("a", "/no/such", b"ABCD")], b"ABCD", "x", []),
    ("interpreter-missing", [handler("a", "/no/such", b"ABCD")], b"ABCD", "x", []),
    ("interpreter-not-executable", [handler("a", "FOLDER/run", b"ABCD")], b"ABCD", "x", [("run", RUN, 0o644)]),
    ("interpreter-directory", [handler("a", "/tmp", b"ABCD")], b"ABCD", "x", []),
    ("interpreter-script", [handler("a", "FOLDER/s", b"ABCD")], b"ABCD", "x", [("s", SCRIPT, 0o755)]),
    ("interpreter-of-another-machine", [handler("a", "FOLDER/run", b"ABCD")], b"ABCD", "x", [("run", ARM64, 0o755)]),
    ("interpreter-matches-again", [handler("a", "FOLDER/run", b"ABCD")], b"ABCD", "x", [("run", b"ABCD", 0o755)]),
    ("opened-at-registration", [handler("a", "FOLDER/gone", b"ABCD", flags="F")], b"ABCD", "x", [("gone", RUN, 0o755)]),
    ("script-to-matched", [handler("a", "FOLDER/run", b"ABCD")], b"#!./y\n", "x", [("y", b"ABCD", 0o755)]),
    ("disabled", ["a=0", handler("a", "FOLDER/run", b"ABCD")], b"ABCD", "x", []),
    ("all-disabled", ["status=0", handler("a", "FOLDER/run", b"ABCD")], b"ABCD", "x", []),
    ("not-executable", [handler("a", "FOLDER/run", b"ABCD")], b"ABCD", "n", [("n", b"ABCD", 0o644)]),
    ("qemu", [QEMU], ARM64, "x", []),
    ("qemu-other-machine", [QEMU], elf.Elf(machine=elf.EM_RISCV).build(), "x", []),
    ("qemu-as-debian-registers-it", [QEMU.replace("/usr/bin/qemu-aarch64", "FOLDER/aarch64-binfmt-P") + "P"],
     elf.Elf(machine=elf.EM_AARCH64).interpreter("/no/such/ld.so").build(), "x", [("aarch64-binfmt-P", "/usr/bin/qemu-aarch64", 0)]),
    ("qemu-loader-of-another-machine", [QEMU], elf.Elf(machine=elf.EM_AARCH64).interpreter("./run").build(), "x", []),
    ("qemu-loader-is-a-text", [QEMU], elf.Elf(machine=elf.EM_AARCH64).interpreter("./t").build(), "x", [("t", b"x" * 100, 0o755)]),
    ("qemu-loader-is-tiny", [QEMU], elf.Elf(machine=elf.EM_AARCH64).interpreter("./t").build(), "x", [("t", b"x", 0o755)]),
    ("qemu-loader-not-executable", [QEMU], elf.Elf(machine=elf.EM_AARCH64).interpreter("./t").build(), "x", [("t", ARM64, 0o644)]),
    ("qemu-loader-missing", [QEMU], elf.Elf(machine=elf.EM_AARCH64).interpreter("/no/such/ld.so").build(), "x", []),
]


@contextlib.contextmanager
def registered(handlers, folder):
    switches = []
    for line in handlers:
        if line.startswith(":"):
            (HANDLERS / "register").write_text(line.replace("FOLDER", str(folder)), encoding="ascii")
        else:
            switches.append(line.split("="))
    if (folder / "gone").exists():
        (folder / "gone").unlink()
    for name, value in switches:
        (HANDLERS / name).write_text(value, encoding="ascii")
    try:
        yield
    finally:
        (HANDLERS / "status").write_text("-1", encoding="ascii")
        (HANDLERS / "status").write_text("1", encoding="ascii")


def check(suite, name, handlers, contents, file_name, more, folder):
    if any("qemu" in line for line in handlers):
        suite.need("qemu-aarch64")
    files = {entry[0]: entry for entry in (("run", RUN, 0o755), ("other", OTHER, 0o755), (file_name, contents, 0o755), *more)}
    fill(folder / name, files.values())
    with registered(handlers, folder / name):
        answer = ask([(0, "bash", folder / name, f"./{file_name}")])[0]
        real = exec_oracle.run(f"./{file_name}", 0, folder / name)
        if trouble := compare(real, answer, False):
            raise differential.Failure(trouble)
        check_program(suite, folder / name, file_name, answer)


def check_program(suite, folder, file_name, answer):
    """The whole of `abiscope check`: who handles it, and what qemu-user says of a loader it does not find."""
    document, outcome = suite.ask("check", f"./{file_name}", "--no-fixes", cwd=folder)
    result = document["results"][0]
    done = subprocess.run([f"./{file_name}"], cwd=folder, capture_output=True, text=True, check=False, timeout=60,
                          env={"PATH": "/usr/bin:/bin"}) if answer["verdict"] == "runs" else None
    if done and result["verdict"] == "fails":
        suite.equal("text", done.stderr.rstrip("\n"), result["message"].get("text", ""))
        suite.equal("exit code", done.returncode, result["message"].get("exit_code"))
    elif done and result["verdict"] == "runs":
        suite.true(f"it runs, and says so by its exit code ({done.returncode})", done.returncode in (42, 43))
    suite.true(f"exit code of abiscope {outcome.code} for {result['verdict']}", outcome.code == {"runs": 0, "fails": 1}.get(result["verdict"], 3))


def inside(suite):
    folder = pathlib.Path(os.environ[INSIDE])
    mounted = subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", HANDLERS], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        suite.missing("all", f"binfmt_misc of its own: {mounted.stderr.strip()} (Linux before 6.7?)")
        return suite.finish()
    if any(entry.name not in ("register", "status") for entry in HANDLERS.iterdir()):
        suite.missing("all", "the handlers are those of the machine, not of a namespace")
        return suite.finish()
    for name, *rest in CASES:
        if suite.wanted(name):
            with suite.case(name):
                check(suite, name, *rest, folder)
    return suite.finish()


def main():
    suite = differential.Suite(__doc__)
    if platform.machine() != "x86_64":
        print("SKIPPED: the cases are programs for amd64")
        return differential.SKIPPED
    if INSIDE in os.environ:
        return inside(suite)
    with tempfile.TemporaryDirectory(prefix="abiscope-binfmt-", dir="/tmp") as name:
        namespace = ["unshare", "--user", "--map-root-user", "--mount", "--"]
        if not shutil.which("unshare") or subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode != 0:
            print("SKIPPED: this machine allows no user namespaces")
            return differential.SKIPPED
        return subprocess.run([*namespace, sys.executable, *sys.argv], env={**os.environ, INSIDE: name}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
