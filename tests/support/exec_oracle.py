"""What the kernel of this machine really does with a file: execve in a child that traces itself, then the first instructions one by one.

    result = exec_oracle.run("./x", user=65534)
    result.errno, result.signal, result.step

`errno` is what execve returned, else 0. `signal` is the one the child died of, or stopped at, within the first STEPS instructions: `step`
0 is execve itself. `fetch` says that it was the fetch of the instruction that failed, not what the instruction did. A child that lives
after them is killed. Needs a processor on which the registers of a stopped process begin as on amd64.
"""
import ctypes
import dataclasses
import os
import signal

PTRACE_TRACEME, PTRACE_SINGLESTEP, PTRACE_GETREGS, PTRACE_GETSIGINFO = 0, 9, 12, 0x4202
_RIP = 16           # index in struct user_regs_struct
_SI_ADDR = 2        # index in siginfo_t, in words
STEPS = 2

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


@dataclasses.dataclass
class Result:
    errno: int = 0
    signal: int = 0
    step: int = 0
    fetch: bool = False


def _child(path, user, report, directory):
    if directory:
        os.chdir(directory)
    if user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    _libc.ptrace(PTRACE_TRACEME, 0, None, None)
    try:
        os.execve(path, [path], {"PATH": "/usr/bin:/bin"})
    except OSError as problem:
        os.write(report, problem.errno.to_bytes(2, "little"))
    os._exit(0)


def run(path, user=0, directory=None):
    read_end, write_end = os.pipe()
    os.set_inheritable(write_end, False)
    child = os.fork()
    if child == 0:
        os.close(read_end)
        null = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        try:
            _child(path, user, write_end, directory)
        finally:
            os._exit(99)
    os.close(write_end)
    result = Result()
    while True:
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            break
        if os.WIFSIGNALED(status):
            result.signal = os.WTERMSIG(status)
            break
        stopped_by = os.WSTOPSIG(status)
        if stopped_by != signal.SIGTRAP:
            result.signal = stopped_by
            registers, information = (ctypes.c_uint64 * 64)(), (ctypes.c_uint64 * 16)()
            _libc.ptrace(PTRACE_GETREGS, child, None, ctypes.addressof(registers))
            _libc.ptrace(PTRACE_GETSIGINFO, child, None, ctypes.addressof(information))
            result.fetch = registers[_RIP] == information[_SI_ADDR]
            break
        if result.step == STEPS:
            break
        result.step += 1
        _libc.ptrace(PTRACE_SINGLESTEP, child, None, None)
    error = os.read(read_end, 2)
    os.close(read_end)
    if error:
        result.errno = int.from_bytes(error, "little")
    if not os.WIFEXITED(status) and not os.WIFSIGNALED(status):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return result
