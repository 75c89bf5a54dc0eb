"""Programs, interpreters and libraries on a file system that is mounted noexec: what the kernel, the shell and the loaders say, and what
`check` said before. The file system is mounted in a namespace of the test's own, which ends with it."""
import ctypes
import os
import platform
import shutil
import subprocess

import differential
import prompt

CLONE_NEWNS = 0x00020000
LIBRARY, PROGRAM = "int x(void) { return 0; }\n", "int x(void);\nint main(void) { return x(); }\n"


def mount_apart(folder):
    """A place to execute nothing from, seen by this process and its children alone."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        return os.strerror(ctypes.get_errno())
    for command in (["mount", "--make-rprivate", "/"], ["mount", "-t", "tmpfs", "-o", "noexec", "none", str(folder)]):
        done = differential.run(command)
        if done.code != 0:
            return done.err.strip()
    return ""


def build(suite, folder, barred):
    """The programs by name: which file is on the barred file system is what differs."""
    def compile(compiler, *words):
        suite.need(compiler)
        subprocess.run([compiler, *map(str, words)], check=True, capture_output=True, timeout=60)

    (folder / "x.c").write_text(LIBRARY, encoding="ascii")
    (folder / "main.c").write_text(PROGRAM, encoding="ascii")
    static = folder / "static"
    compile("gcc", "-static", "-Dx=y", folder / "main.c", "-include", folder / "x.c", "-o", static)
    shutil.copy(static, barred / "static")
    scripts = {"script": f"#!{static}\n", "script-of-barred": f"#!{barred}/static\n", "text": "exit 7\n"}
    for name, text in scripts.items():
        for place in (folder, barred):
            (place / name).write_text(text, encoding="ascii")
            (place / name).chmod(0o755)
    for compiler in ("gcc", "musl-gcc"):
        if not shutil.which(compiler):
            continue
        libc = "glibc" if compiler == "gcc" else "musl"
        (folder / libc).mkdir()
        (barred / libc).mkdir()
        compile(compiler, "-shared", "-fPIC", "-Wl,-soname,libx.so", folder / "x.c", "-o", folder / libc / "libx.so")
        shutil.copy(folder / libc / "libx.so", barred / libc / "libx.so")
        for name, path in ((f"{libc}-library-barred", barred / libc), (f"{libc}-first-is-barred", f"{barred / libc}:{folder / libc}"), (f"{libc}-library-elsewhere", folder / libc)):
            compile(compiler, folder / "main.c", folder / libc / "libx.so", f"-Wl,-rpath,{path}", "-o", folder / name)
    shutil.copy(os.path.realpath("/lib64/ld-linux-x86-64.so.2"), barred / "ld.so")
    compile("gcc", folder / "main.c", "-include", folder / "x.c", f"-Wl,-dynamic-linker,{barred}/ld.so", "-Dx=y", "-o", folder / "interpreter-barred")
    # os.access() says no of what lies on such a mount.
    return sorted(path for place in (folder, barred) for path in place.iterdir() if path.is_file() and path.stat().st_mode & 0o100)


def main():
    suite = differential.Suite(__doc__)
    reason = "" if platform.machine() == "x86_64" else "these programs are for x86-64"
    if os.geteuid() != 0:
        reason = "needs root, to mount"
    if not suite.abiscope:
        reason = "no program to test"
    folder, barred = suite.work / "here", suite.work / "barred"
    folder.mkdir()
    barred.mkdir()
    os.chmod(suite.work, 0o755)
    reason = reason or mount_apart(barred)
    if reason:
        with suite.case("everything"):
            suite.skip(reason)
        return suite.finish()
    for path in build(suite, folder, barred):
        if path.name == "ld.so":
            continue
        name = f"{path.name} {'barred' if path.parent == barred else 'here'}"
        with suite.case(name):
            answer, _ = suite.ask("check", path)
            real = prompt.run(path)
            one = answer["results"][0]
            if path.name == "text":
                # bash runs the text itself when the kernel says ENOEXEC; a prompt's words are compared elsewhere.
                suite.equal("EACCES", path.parent == barred, one.get("error") == "EACCES" or one["message"]["exit_code"] == 126, one["message"])
                continue
            prompt.compare(suite, real, one)
    return suite.finish()


if __name__ == "__main__":
    raise SystemExit(main())
