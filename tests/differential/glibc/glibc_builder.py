"""Builds the programs and libraries of a case, and everything else that lies in its folder.

A case has a root of its own: the program is /prog there and starts in a chroot, so that paths in files, messages and search lists are the
same for every case, and what was compiled or linked once is copied. Programs have no C library: they start at _start, call what the case
says, and end with exit code 0. `at` stands in front of every path where there is no chroot (foreign machines under qemu).
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import threading

LOADER = "/lib64/ld-linux-x86-64.so.2"
NOBODY = 65534
START = {
    "amd64": """__asm__(".globl _start\\n_start: xor %ebp, %ebp\\n and $-16, %rsp\\n call begin");
static void leave(int code) { __asm__ volatile("syscall" : : "a"(231L), "D"((long)code)); }
#define BEGIN void begin(void)
""",
    "arm64": """static void leave(int code) { register long x0 __asm__("x0") = code; register long x8 __asm__("x8") = 94; __asm__ volatile("svc 0" : : "r"(x0), "r"(x8)); }
#define BEGIN void _start(void)
""",
    "armhf": """static void leave(int code) { register int r0 __asm__("r0") = code; register int r7 __asm__("r7") = 248; __asm__ volatile("svc 0" : : "r"(r0), "r"(r7)); }
#define BEGIN void _start(void)
""",
    "riscv64": """static void leave(int code) { register long a0 __asm__("a0") = code; register long a7 __asm__("a7") = 94; __asm__ volatile("ecall" : : "r"(a0), "r"(a7)); }
#define BEGIN void _start(void)
""",
}


def obstacles(work):
    """Why nothing can be tried on this machine; empty when everything is there."""
    tools = [tool for tool in ("gcc", "ld", "ldconfig") if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]
    if tools:
        return [f"{', '.join(tools)} not installed"]
    if os.uname().machine != "x86_64":
        return ["this machine is not amd64"]
    if os.geteuid() != 0:
        return ["only root can change users and roots for the cases"]
    for folder in (pathlib.Path(work), *pathlib.Path(work).parents):
        if not folder.stat().st_mode & 0o001:
            return [f"ordinary users cannot reach {work}"]
    return []


def command(arguments, text=None):
    done = subprocess.run([str(argument) for argument in arguments], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))}\n{done.stderr}")


class Toolchain:
    """Compiles and links, each input once."""

    def __init__(self, folder, arch="amd64", prefix=""):
        self.folder, self.arch, self.prefix = folder, arch, prefix
        self.locks, self.lock = {}, threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def once(self, key, make):
        path = self.folder / hashlib.sha256(repr(key).encode()).hexdigest()[:20]
        with self.lock:
            mine = self.locks.setdefault(path.name, threading.Lock())
        with mine:
            if not path.exists():
                unfinished = path.with_suffix(".unfinished")
                make(unfinished)
                unfinished.rename(path)
        return path

    def compile(self, code, flags=()):
        def make(path):
            command([f"{self.prefix}gcc", "-c", "-O1", "-fPIC", "-fno-builtin", "-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-w", *flags, "-x", "c",
                     "-", "-o", path], code)
        return self.once(("object", code, flags), make)

    def link(self, arguments, script=""):
        def make(path):
            more = []
            if script:
                file = path.with_suffix(".map")
                file.write_text(script)
                more = [f"--version-script={file}"]
            command([f"{self.prefix}ld", *arguments, *more, "-o", path])
        return self.once(("linked", tuple(map(str, arguments)), script), make)

    def stub(self, soname, code="", script="", flags=()):
        """A library that exists while something is linked against it."""
        if soname == "":
            path = self.stub("STUB_EMPTY", code, script, flags)
            return self.once(("empty", path.name), lambda new: new.write_bytes(path.read_bytes().replace(b"STUB_EMPTY\0", bytes(11))))
        return self.link(["-shared", "--hash-style=both", *flags, "-soname", soname, self.compile(code)], script)


class Builder:
    """One case."""

    def __init__(self, folder, tools, at="", loader=LOADER):
        self.root, self.tools, self.at, self.loader = folder, tools, at, loader
        self.program = f"{at}/prog"
        self.environment = {}
        self.user = 0
        self.directory = at or "/"
        self.expected = {"*": 0}      # exit code of the real one by version; None: whatever it is
        self.unknown = {}             # version: words of the missing evidence where abiscope cannot answer
        self.lazy = False             # fails only when a function is called: abiscope answers `conditional`
        self.random = False           # of a seed: whether it is lazy is not known beforehand
        self.listed = True            # LD_TRACE_LOADED_OBJECTS tells the same story
        self.libc = False             # the C library is there, too
        self.versions = None          # only with these
        self._finish = []
        for place in (folder / "lib64", folder / "proc" / "self"):
            place.mkdir(parents=True)
        self.real_program("/prog")

    # --- what a case says of itself

    def expect(self, code, **by_version):
        self.expected = {"*": code, **{version.replace("v", "").replace("_", "."): value for version, value in by_version.items()}}

    def cannot_tell(self, words, *versions):
        self.unknown.update({version: words for version in versions or ("*",)})

    def expected_for(self, version):
        return self.expected.get(version, self.expected["*"])

    def real_program(self, path):
        """What /proc/self/exe would show: there is no /proc in the root, and the loader only reads the link."""
        link = self.root / "proc" / "self" / "exe"
        link.unlink(missing_ok=True)
        link.symlink_to(path)

    # --- files

    def path(self, name):
        path = self.root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def put(self, name, data=b"", mode=0o644):
        path = self.path(name)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        path.chmod(mode)
        return path

    def link_to(self, name, destination):
        path = self.path(name)
        path.symlink_to(destination)
        return path

    def needed_files(self, needed):
        """An entry is a soname, (soname, code of the stub[, version script[, flags]]), or the path of a real library."""
        out = ["--no-as-needed"]
        for entry in needed:
            if isinstance(entry, pathlib.Path):
                # The same bytes lie in the store of links, under a name that is the same for every case.
                out.append(self.tools.once(("file", hashlib.sha256(entry.read_bytes()).hexdigest()), lambda new, entry=entry: shutil.copy(entry, new)))
            else:
                out.append(self.tools.stub(*(entry if isinstance(entry, tuple) else (entry,))))
        return out

    def install(self, built, name):
        path = self.path(name)
        if path.exists():
            path.unlink()
        shutil.copy(built, path)
        path.chmod(0o755)
        return path

    def lib(self, name, code="", needed=(), soname=None, rpath=None, runpath=None, flags=(), cflags=(), script=""):
        arguments = ["-shared", "--hash-style=gnu", "--allow-shlib-undefined", *tags(rpath, runpath), *flags]
        if soname != "":
            arguments += ["-soname", soname or name.rsplit("/", 1)[-1]]
        built = self.tools.link([*arguments, self.tools.compile(code, tuple(cflags)), *self.needed_files(needed)], script)
        return self.install(built, name)

    def prog(self, code="", body="", needed=(), rpath=None, runpath=None, flags=(), cflags=(), script="", name="/prog", pie=True):
        source = f"{START[self.tools.arch]}{code}\nBEGIN {{ {body}; leave(0); }}\n"
        arguments = ["-pie" if pie else "-no-pie", "--hash-style=gnu", "--allow-shlib-undefined", "-export-dynamic", f"--dynamic-linker={self.loader}",
                     *tags(rpath, runpath), *flags]
        if not pie:
            cflags = ("-fno-pic", *cflags)
        built = self.tools.link([*arguments, self.tools.compile(source, tuple(cflags)), *self.needed_files(needed)], script)
        return self.install(built, name)

    def ldconfig(self, conf="", *more):
        """A real cache of this root."""
        self.put("/etc/ld.so.conf", conf)
        command(["/sbin/ldconfig", "-r", self.root, *more])
        return self.root / "etc" / "ld.so.cache"

    def at_end(self, action):
        self._finish.append(action)

    def finish(self):
        for action in self._finish:
            action()

    # --- running

    def install_libc(self, libc):
        place = self.root / self.loader.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        replace(libc.loader, place)
        if self.libc:
            replace(libc.library, self.path("/lib/x86_64-linux-gnu/libc.so.6"))

    def enter(self):
        os.chroot(self.root)
        os.chdir(self.directory)
        if self.user:
            os.setgroups([])
            os.setresgid(self.user, self.user, self.user)
            os.setresuid(self.user, self.user, self.user)


def replace(source, place):
    """A hard link where that is possible, so that a thousand roots share one loader."""
    place.unlink(missing_ok=True)
    try:
        os.link(source, place)
    except OSError:
        shutil.copy(source, place)


def tags(rpath, runpath):
    if rpath is not None:
        return ["--disable-new-dtags", "-rpath", rpath]
    if runpath is not None:
        return ["--enable-new-dtags", "-rpath", runpath]
    return ["--enable-new-dtags"]
