"""The programs of crash_zoo.py: how they are built, how each crashes, and what must be said of it."""
import ctypes.util
import os
import pathlib
import signal

from zoo_ways import ALL, ALONE, BARE, LIBCXX, OTHERS, PROBED, RETPOLINES, SANITIZED, SANITIZER_ENVIRONMENT, THUNKS, UNTOLD


def flags_of_this_processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("flags"):
            return set(line.split(":", 1)[1].split())
    return set()


AVX2_MISSING = None if "avx2" in flags_of_this_processor() else "this processor has no AVX2"


class Case:
    def __init__(self, source, name, rule, facts=(), confidence=None, flavours=ALL, arguments=(), send=None, title=(), unknown=False,
                 environment=None, command=(), needs=None):
        self.source, self.name, self.rule, self.facts = source, name, rule, facts
        self.confidence, self.flavours, self.arguments, self.send, self.title = confidence, flavours, arguments, send, title
        self.unknown = unknown   # "cannot tell" is all that can be said
        self.environment, self.command = environment, command   # what it is started with
        self.needs = needs   # what is missing here, so that it cannot be tried


def pointers(name, rule, *facts, **more):
    return Case("pointers.c", name, rule, facts, **more)


def handlers(name, rule, *facts, **more):
    return Case("handlers.c", name, rule, facts, **more)


def control(name, rule, *facts, **more):
    return Case("control.c", name, rule, facts, **more)


def instructions(name, rule, *facts, **more):
    return Case("instructions.c", name, rule, facts, **more)


def aborts(name, rule, *facts, **more):
    return Case("aborts.c", name, rule, facts, **more)


def heap(name, rule, *facts, **more):
    return Case("heap.c", name, rule, facts, **more)


def hardware(name, rule, *facts, **more):
    if name.startswith("key_") and "ospke" not in flags_of_this_processor():
        more["needs"] = "this processor has no protection keys"
    return Case("hardware.c", name, rule, facts, **more)


def bare(name, rule, *facts, **more):
    return Case("unrelocated.c", name, rule, facts, flavours=tuple(BARE), **more)


# The runtime is in the program, and no function of either has a name.
NAMELESS = ("asan-gcc-static-stripped", "asan-clang-stripped")


def sanitized(source, name, rule, kinds, *facts, without=(), options="", **more):
    """`kinds`: how the names of the ways to build it begin."""
    flavours = tuple(flavour for flavour in SANITIZED if flavour.startswith(kinds) and flavour not in without)
    return Case(source, name, rule, facts, flavours=flavours, environment={name: value + options for name, value in SANITIZER_ENVIRONMENT.items()}, **more)


def other(source, name, rule, kinds, *facts, **more):
    return Case(source, name, rule, facts, flavours=tuple(flavour for flavour in OTHERS if flavour.startswith(kinds) or kinds in flavour), **more)


# MADV_GUARD_INSTALL came with Linux 6.13; glibc makes the guards of threads with it from 2.42 on.
LIGHT_GUARDS = None if tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2]) >= (6, 13) else "this kernel has no MADV_GUARD_INSTALL"


LIBCXX_MISSING = None if list(pathlib.Path("/usr/lib").glob("llvm-*/include/c++/v1/vector")) else "libc++ is not here"
GLIB = None if ctypes.util.find_library("glib-2.0") else "libglib-2.0.so.0 is not here"


def cxx(name, rule, *facts, **more):
    return Case("language.cc", name, rule, facts, **more)


SYMBOLS = ("gcc-O0", "gcc-O2", "gcc-O2-fp", "clang-O0", "clang-O2")
NAMED = (*SYMBOLS, "gcc-O1-static")
DYNAMIC = tuple(flavour for flavour in ALL if flavour != "gcc-O1-static")
# Where the heap of a program at a fixed address lies, a link of malloc's that is mixed with its place can be an address again.
PIE = tuple(flavour for flavour in ALL if flavour not in ("gcc-O1-static", "clang-O2"))
INDEXED = tuple(flavour for flavour in ALL if flavour != "gcc-O0")   # which adds the two up in a register
OPTIMISED = tuple(flavour for flavour in ALL if "-O0" not in flavour)

CASES = [
    # A null pointer, and what looks like one.
    pointers("null_read", "CRASH-NULL-FIELD", "si_addr 0x18", title=("reads 4 bytes", "offset 24")),
    pointers("null_write", "CRASH-NULL-FIELD", "si_addr 0x18", title=("writes 4 bytes", "offset 24")),
    pointers("null_first", "CRASH-NULL-FIELD", "si_addr 0x0", title=("offset 0",)),
    # Where no debug information names the member, an array at a fixed address may be meant.
    pointers("null_far", "CRASH-NULL-FIELD", confidence="likely", flavours=("gcc-O2", "clang-O2"), title=("offset 117440512",)),
    pointers("null_far", "CRASH-NULL-FIELD", confidence="proven", flavours=("gcc-O0",), title=("offset 117440512",)),
    pointers("null_index", "CRASH-NULL-INDEX", "si_addr 0xb71b00"),
    pointers("small_integer", "CRASH-SMALL-INTEGER-POINTER", "si_addr 0x18"),
    pointers("small_and_offset", "CRASH-SMALL-INTEGER-POINTER", title=("0x5",), flavours=OPTIMISED),
    pointers("wild", "CRASH-WILD-POINTER", "nothing is mapped at 0x123456789018", title=("reads 4 bytes",)),
    pointers("wild_write", "CRASH-WILD-POINTER", "nothing is mapped at 0x123456789018", title=("writes 4 bytes",)),
    pointers("unmapped", "CRASH-WILD-POINTER", "nothing is mapped"),
    pointers("wild_sum", "CRASH-WILD-POINTER", confidence="likely", title=("r9 holds a wild pointer",), flavours=("gcc-O0", "clang-O2-stripped")),
    pointers("poison", "CRASH-NON-CANONICAL", "SI_KERNEL", title=("the byte 0xe5, repeated",)),
    pointers("poison_write", "CRASH-NON-CANONICAL", "SI_KERNEL", title=("writes 8 bytes", "the byte 0xa5, repeated")),
    pointers("text", "CRASH-NON-CANONICAL", "SI_KERNEL", title=('the text "Hello wo"',)),
    pointers("tagged", "CRASH-NON-CANONICAL", "SI_KERNEL", title=("tagged pointer",)),
    pointers("map_failed", "CRASH-NEGATIVE-POINTER", "si_addr 0xffffffffffffffff", title=("MAP_FAILED",)),
    pointers("map_failed_index", "CRASH-NEGATIVE-POINTER", title=("MAP_FAILED",), flavours=("gcc-O0", "clang-O0")),
    pointers("map_failed_member", "CRASH-NEGATIVE-POINTER", title=("MAP_FAILED",)),
    pointers("index_out", "CRASH-WILD-POINTER", "nothing is mapped", title=("is in [stack], and the index", "leads out of it"), flavours=INDEXED),
    pointers("table_index_out", "CRASH-WILD-POINTER", "nothing is mapped", title=("is in pointers-", "leads out of it"), flavours=INDEXED),
    pointers("heap_index_out", "CRASH-WILD-POINTER", "nothing is mapped", title=(", and the index", "leads out of it"), flavours=INDEXED),
    pointers("huge_index", "CRASH-NON-CANONICAL", "SI_KERNEL", title=(", and the index", "leads out of it"), flavours=INDEXED),
    pointers("negative_errno", "CRASH-NEGATIVE-POINTER", "si_addr 0xfffffffffffffff4", title=("-12",)),
    pointers("kernel_half", "CRASH-NEGATIVE-POINTER", "si_addr 0xffff888000000000", title=("the kernel's half",)),
    pointers("literal", "CRASH-READ-ONLY", "SEGV_ACCERR", title=("writes 1 byte",)),
    pointers("const_table", "CRASH-READ-ONLY", "SEGV_ACCERR", title=(".rodata",), flavours=tuple(set(ALL) - {"gcc-O1-static"})),
    pointers("code", "CRASH-READ-ONLY", "SEGV_ACCERR", "r-x"),
    pointers("read_only_map", "CRASH-READ-ONLY", "SEGV_ACCERR", "r--"),
    pointers("runs_on", "CRASH-READ-ONLY", "ends right below it, and may be written"),
    pointers("no_access", "CRASH-NO-ACCESS", "SEGV_ACCERR", "---"),
    pointers("past_end", "CRASH-PAST-END", "SEGV_MAPERR"),
    pointers("handler_aborts", "CRASH-NULL-FIELD", "the process ended by SIGABRT later", title=("offset 24",)),
    pointers("handler_raises", "CRASH-NULL-FIELD", "the process ended by SIGSEGV later", title=("offset 24",)),
    # Handlers, and signals that no instruction raised.
    handlers("null_again", "CRASH-NULL-FIELD", "its handler did, and the signal arrived when the handler had returned", confidence="likely", title=("offset 24",)),
    handlers("divide_again", "CRASH-DIVIDE-BY-ZERO", "its handler did, and the signal arrived when the handler had returned", confidence="likely"),
    *(handlers(how + "_" + kind, rule, *facts, "the process sent itself the", confidence="likely") for how in ("again", "killed") for kind, rule, *facts in (
        ("call_null", "CRASH-CALL-NULL"), ("call_wild", "CRASH-CALL-WILD", "nothing is mapped at 0x123456789000"),
        ("trap", "CRASH-DELIBERATE-TRAP"), ("breakpoint", "CRASH-BREAKPOINT", "int3"), ("undefined", "CRASH-NOT-AN-INSTRUCTION"),
        ("hlt", "CRASH-PRIVILEGED-INSTRUCTION"), ("misaligned", "CRASH-MISALIGNED"), ("bus", "CRASH-FILE-TRUNCATED"))),
    handlers("divide_aborts", "CRASH-DIVIDE-BY-ZERO", "the process ended by SIGABRT later"),
    handlers("null_aborts", "CRASH-NULL-FIELD", "the process ended by SIGABRT later", title=("offset 24",)),
    handlers("frame_led_astray", "CRASH-SIGNAL-FRAME", "rt_sigreturn() has set them", title=("the frame of SIGUSR1", "0x123456789000")),
    handlers("frame_led_nowhere", "CRASH-SIGNAL-FRAME", "rt_sigreturn() has set them", title=("0x4141414141414141",)),
    handlers("frame_without_vectors", "CRASH-SIGNAL-FRAME", "rt_sigreturn() has set them", title=("0x41414140, where nothing is",)),
    handlers("frame_with_bad_vectors", "CRASH-SIGNAL-FRAME", "MXCSR", title=("none the processor takes",)),
    # The kernel writes registers of 32 bits where cs is not that of 64-bit code.
    handlers("frame_without_code_segment", "CRASH-SIGNAL-FRAME", "cs = 0x4143", confidence="likely", title=("has 0x4143 as the code segment",),
             flavours=("gcc-O0", "clang-O2-stripped")),
    handlers("frame_not_there", "CRASH-SIGNAL-FRAME", "orig_rax = 0xf", title=("no frame at 0xff8",)),
    handlers("handler_recursion", "CRASH-STACK-OVERFLOW", "calls are in each other", confidence="likely", flavours=("gcc-O2", "clang-O0"),
             title=("no room for a handler's frame",)),
    handlers("handler_on_small_stack", "CRASH-THREAD-STACK-OVERFLOW", confidence="likely", flavours=("gcc-O0", "gcc-O2-fp"),
             title=("unknown size in [heap]",)),
    handlers("wild_handler", "CRASH-CALL-WILD", "the number of SIGUSR2", confidence="likely", title=("the kernel, to have SIGUSR2 handled, went to 0x123456789000",)),
    handlers("handler_nowhere", "CRASH-CALL-WILD", "the number of SIGUSR2", confidence="proven", title=("went to 0x4141414141414141",)),
    handlers("wild_call_again", "CRASH-CALL-WILD", title=("0x123456789000",)),
    handlers("alarm_aborts", "CRASH-ABORT", title=("watchdog",), flavours=SYMBOLS),
    handlers("terminated_again", "CRASH-RAISED", title=("a handler that had returned, sent SIGQUIT",)),
    handlers("raised_while_blocked", "CRASH-RAISED", title=("this thread, while it had the signal blocked,", "SIGSEGV"), flavours=("gcc-O0", "clang-O2-stripped")),
    handlers("of_other_thread", "CRASH-RAISED", title=("another thread", "sent SIGSEGV")),
    handlers("file_limit", "CRASH-RAISED", title=("the kernel", "RLIMIT_FSIZE", "SIGXFSZ")),
    handlers("timer", "CRASH-RAISED", title=("a timer that the process made", "SIGQUIT")),
    handlers("no_guard", "CRASH-THREAD-STACK-OVERFLOW", "there is no guard"),
    handlers("not_delivered", "CRASH-STACK-OVERFLOW", "calls of", confidence="likely"),
    # Control.
    control("call_null", "CRASH-CALL-NULL", "called:"),
    control("call_null_member", "CRASH-CALL-NULL", "called:"),
    control("call_null", "CRASH-CALL-NULL", "called:", title=("call_it",), flavours=tuple(RETPOLINES)),
    control("call_wild", "CRASH-CALL-WILD", "called:", title=("call_it",), flavours=tuple(RETPOLINES)),
    control("call_noncanonical", "CRASH-CALL-WILD", "(a retpoline)", title=("call_it",), flavours=tuple(RETPOLINES)),
    control("call_weak", "CRASH-CALL-NULL", flavours=DYNAMIC),
    control("call_wild", "CRASH-CALL-WILD", "nothing is mapped at 0x123456789000"),
    # From the end of the instruction `call r12` reads like `call rsp`.
    control("call_kept", "CRASH-CALL-WILD", "called:", "r12 = 0x123456789000", title=("0x123456789000",)),
    control("call_noncanonical", "CRASH-CALL-WILD", "the byte 0xdd, repeated"),
    control("call_data", "CRASH-NOT-EXECUTABLE", "SEGV_ACCERR"),
    control("call_stack", "CRASH-NOT-EXECUTABLE", "[stack]"),
    control("jump_to_nowhere", "CRASH-BAD-JMP-BUF", "longjmp() has set them", title=("never filled",)),
    control("jump_overwritten", "CRASH-BAD-JMP-BUF", "longjmp() has set them", title=("longjmp() went to 0x", 'it holds the byte 0x4a, repeated')),
    control("jump_to_unmapped", "CRASH-BAD-JMP-BUF", "longjmp() has set them", title=("longjmp() went to 0x123456789000",)),
    control("call_with_buffer", "CRASH-CALL-WILD", title=("0x123456789000",)),
    control("unmap_code", "CRASH-UNMAPPED", "its program header puts", "its length", title=("control went to", "in a part of control-", "by munmap(")),
    control("protect_code", "CRASH-NOT-EXECUTABLE", "the right to execute it was taken away", flavours=("gcc-O2", "clang-O0", "gcc-O1-static")),
    control("unmap_stack", "CRASH-UNMAPPED", "its length", title=("reads 8 bytes at", "by munmap("), flavours=("gcc-O2", "gcc-O1-static")),
    control("unmap_data", "CRASH-UNMAPPED", "its program header puts", confidence="proven", title=("reads 1 byte at", "in a part of control-")),
    control("call_small", "CRASH-CALL-WILD", "0x30 is a small number", "called:", title=("0x30",)),
    control("return_small", "CRASH-RETURN-SMASHED", confidence="likely", title=("0x18",)),
    # As rustc's debug builds do where the function before made the pointer: what that one left looks like what a return leaves.
    control("call_left", "CRASH-CALL-WILD", "called:", confidence="likely", title=("0x30",), flavours=("gcc-O0", "clang-O2-stripped")),
    control("call_left_constant", "CRASH-CALL-WILD", "called:", confidence="proven", title=("0x30",), flavours=("gcc-O0", "clang-O2")),
    control("call_left_misaligned", "CRASH-CALL-WILD", flavours=("gcc-O0",), unknown=True),
    control("return_noncanonical", "CRASH-RETURN-SMASHED", "SI_KERNEL"),
    control("return_noncanonical", "CRASH-RETURN-SMASHED", "which one it was is not known", title=("a function that returned through __x86_return_thunk",), flavours=tuple(THUNKS)),
    control("return_wild", "CRASH-RETURN-SMASHED", title=("a function that has just returned",), flavours=tuple(THUNKS)),
    control("call_wild", "CRASH-CALL-WILD", "called:", title=("call_it",), flavours=tuple(THUNKS)),
    control("return_wild", "CRASH-RETURN-SMASHED", "nothing is mapped at 0x123456789000"),
    # Stacks.
    control("recursion", "CRASH-STACK-OVERFLOW", "the cycle is 1 frame"),
    control("thread_alloca", "CRASH-THREAD-STACK-OVERFLOW", flavours=tuple(PROBED)),
    control("mutual_recursion", "CRASH-STACK-OVERFLOW", "even", "odd", flavours=tuple(UNTOLD)),
    control("mutual_recursion", "CRASH-STACK-OVERFLOW", "calls of"),
    control("thread_recursion", "CRASH-THREAD-STACK-OVERFLOW", "SEGV_ACCERR"),
    control("irregular_recursion", "CRASH-STACK-OVERFLOW", "calls are in each other", "one_of_two", flavours=NAMED),
    control("irregular_recursion", "CRASH-STACK-OVERFLOW", "calls are in each other"),
    control("wide_recursion", "CRASH-THREAD-STACK-OVERFLOW", "calls of", "behind the guard"),
    control("coroutine", "CRASH-THREAD-STACK-OVERFLOW", "there is no guard", title=("unknown size in [heap]",), flavours=("gcc-O0",)),
    control("coroutine", "CRASH-THREAD-STACK-OVERFLOW", "there is no guard"),
    control("signal_stack", "CRASH-THREAD-STACK-OVERFLOW", "lies right below it", "calls of"),
    control("light_guard", "CRASH-THREAD-STACK-OVERFLOW", "is in the guard below it", needs=LIGHT_GUARDS),
    control("thread_null", "CRASH-NULL-FIELD", "si_addr 0x8"),
    control("main_gone", "CRASH-NULL-FIELD", "si_addr 0x8"),
    control("big_frame", "CRASH-STACK-SKIPPED-GUARD", "64.0 MiB"),
    control("big_alloca", "CRASH-STACK-SKIPPED-GUARD", "SEGV_MAPERR"),
    # Signals.
    control("abort", "CRASH-ABORT", "SI_TKILL"),
    control("raise_segv", "CRASH-RAISED", "itself", title=("SIGSEGV",)),
    control("kill_self", "CRASH-RAISED", "itself", title=("SIGSEGV",)),
    control("kill_abort", "CRASH-RAISED", "itself", title=("SIGABRT",)),
    control("raise_abort", "CRASH-RAISED", "itself", title=("SIGABRT", "main"), flavours=NAMED),
    control("queue_abort", "CRASH-RAISED", "SI_QUEUE", title=("SIGABRT", "main"), flavours=NAMED),
    control("thread_abort", "CRASH-RAISED", "itself", title=("SIGABRT", "main"), flavours=NAMED),
    control("abort_of_other", "CRASH-RAISED", title=("another thread", "SIGABRT")),
    control("tgkill_abort", "CRASH-RAISED", "itself", title=("SIGABRT", "main"), flavours=NAMED),
    control("wait", "CRASH-KILLED", "SI_USER", title=("SIGSEGV",), send=signal.SIGSEGV),
    control("seccomp_trap", "CRASH-SECCOMP", "the filter's data is 77", title=("getppid()",)),
    control("seccomp_kill", "CRASH-SECCOMP", "SECCOMP_RET_KILL", title=("getppid()",)),
    control("truncated_file", "CRASH-FILE-TRUNCATED", "BUS_ADRERR", title=("at offset 8197", "100 bytes now"), arguments=("mapped.bin",)),
    # Instructions.
    instructions("translate", "CRASH-WILD-POINTER", "rbx = 0x123456789000", title=("reads 1 byte at 0x123456789005",), flavours=("gcc-O0", "clang-O2-stripped")),
    instructions("gather", "CRASH-WILD-POINTER", title=("reads 4 bytes", "the index ymm1 (300000000 * 4) leads out of it"), flavours=("gcc-O0", "clang-O2-stripped"),
                 needs=AVX2_MISSING),
    instructions("gather_null", "CRASH-NULL-INDEX", flavours=("gcc-O2",), needs=AVX2_MISSING),
    instructions("divide_zero", "CRASH-DIVIDE-BY-ZERO", "FPE_INTDIV"),
    instructions("divide_long_zero", "CRASH-DIVIDE-BY-ZERO", "FPE_INTDIV"),
    instructions("remainder_zero", "CRASH-DIVIDE-BY-ZERO", "FPE_INTDIV"),
    instructions("divide_overflow", "CRASH-DIVIDE-OVERFLOW", "FPE_INTDIV"),
    instructions("float_divide", "CRASH-FLOATING-POINT", "FPE_FLTDIV", "MXCSR"),
    instructions("float_invalid", "CRASH-FLOATING-POINT", "FPE_FLTINV", "MXCSR"),
    instructions("trap", "CRASH-DELIBERATE-TRAP", "ud2"),
    instructions("ud1", "CRASH-DELIBERATE-TRAP", "ud1"),
    instructions("breakpoint", "CRASH-BREAKPOINT", "SIGTRAP"),
    instructions("hlt", "CRASH-PRIVILEGED-INSTRUCTION", "SI_KERNEL"),
    instructions("cli", "CRASH-PRIVILEGED-INSTRUCTION", "SI_KERNEL"),
    instructions("in", "CRASH-PRIVILEGED-INSTRUCTION", "SI_KERNEL"),
    instructions("wrmsr", "CRASH-PRIVILEGED-INSTRUCTION", "SI_KERNEL"),
    instructions("mov_cr0", "CRASH-PRIVILEGED-INSTRUCTION", "SI_KERNEL"),
    instructions("fastfail", "CRASH-PRIVILEGED-INSTRUCTION", "SI_KERNEL"),
    instructions("movaps_heap", "CRASH-MISALIGNED", "mod 16 = 8"),
    instructions("paddd_heap", "CRASH-MISALIGNED", "mod 16 = 8"),
    instructions("vmovaps_heap", "CRASH-MISALIGNED", "mod 32 = 16"),
    instructions("cmpxchg16b", "CRASH-MISALIGNED", "mod 16 = 8"),
    instructions("misaligned_stack", "CRASH-MISALIGNED", "call_misaligned+0x4", flavours=SYMBOLS),
    instructions("movaps_null", "CRASH-NULL-FIELD", "si_addr 0x10"),
    instructions("gs30", "CRASH-WINDOWS-THREAD-BLOCK", "gs_base = 0x0", title=("NtTib.Self",)),
    instructions("gs60", "CRASH-WINDOWS-THREAD-BLOCK", "gs_base = 0x0", title=("ProcessEnvironmentBlock",)),
    instructions("gs_odd", "CRASH-SEGMENT-BASE-LOST", "gs_base = 0x0"),
    instructions("fs_base_zero", "CRASH-SEGMENT-BASE-LOST", "fs_base = 0x0"),
    instructions("fs_base_unmapped", "CRASH-SEGMENT-BASE-LOST", "nothing is mapped at 0x1000", title=("whose base is 0x1000",)),
    instructions("fs_index", "CRASH-WILD-POINTER", title=("where nothing is mapped",), flavours=PIE),
    instructions("wild_index", "CRASH-WILD-POINTER", confidence="likely", title=("0x123456789000",)),
    instructions("null_large_index", "CRASH-NULL-INDEX", "the address is the index alone"),
    instructions("return_off", "no cause", unknown=True),
    # No selectors of the program's: a program may execute both.
    instructions("bad_selector", "no cause", unknown=True),
    instructions("iretq", "no cause", unknown=True),
    instructions("undefined_bytes", "CRASH-NOT-AN-INSTRUCTION", "06 06 06 06"),
    instructions("push_null_stack", "CRASH-NULL-FIELD", title=("the stack pointer rsp itself is 0",)),
    instructions("x87_divide", "CRASH-FLOATING-POINT", "FPE_FLTDIV", "x87: control word"),
    instructions("divide_wide", "CRASH-DIVIDE-OVERFLOW", "the upper half of the dividend is not less than the divisor"),
    instructions("push_bad_stack", "CRASH-NON-CANONICAL", "SIGBUS"),
    # The C library's words.
    aborts("assert", "CRASH-ASSERT", "__abort_msg", title=("x == 42",)),
    aborts("smashed", "CRASH-STACK-SMASHED", "__abort_msg"),
    aborts("smashed", "CRASH-STACK-SMASHED", title=("overrun",), flavours=NAMED),
    aborts("fortify", "CRASH-FORTIFIED", "__abort_msg", flavours=OPTIMISED),
    aborts("fortify", "CRASH-FORTIFIED", title=("__strcpy_chk stopped copy",), flavours=tuple(set(OPTIMISED) & set(NAMED))),
    aborts("double_free", "CRASH-HEAP-CORRUPTED", "__abort_msg"),
    aborts("double_free", "CRASH-HEAP-CORRUPTED", title=("in main",), flavours=NAMED),
    aborts("heap_overflow", "CRASH-HEAP-CORRUPTED", "__abort_msg"),
    aborts("heap_overflow", "CRASH-HEAP-CORRUPTED", title=("in main",), flavours=NAMED),
    aborts("bad_free", "CRASH-HEAP-CORRUPTED", "__abort_msg", "the pointer is not one that malloc() gave"),
    aborts("static_free", "CRASH-HEAP-CORRUPTED", "the pointer is not one that malloc() gave", flavours=DYNAMIC),
    aborts("glib_error", "CRASH-BREAKPOINT", "GLib stops a program so", title=("through g_log()",), flavours=DYNAMIC, needs=GLIB),
    aborts("glib_assert", "CRASH-ASSERT", "__glib_assert_msg", title=("answer == 42",), flavours=DYNAMIC, needs=GLIB),
    aborts("wild_free", "CRASH-WILD-POINTER", "not one that malloc() returned", flavours=NAMED),
    aborts("overflow_trap", "CRASH-ABORT", "-ftrapv", title=("add_up",), flavours=tuple(flavour for flavour in NAMED if flavour.startswith("gcc"))),
    # Other processors and C libraries.
    other("others.c", "movaps", "CRASH-MISALIGNED", "m32", "mod 16 = 4"),
    other("others.c", "null", "CRASH-NULL-FIELD", "m32", title=("offset 12",)),
    other("others.c", "wild", "CRASH-WILD-POINTER", "m32", title=("where nothing is mapped",)),
    other("others.c", "cli", "CRASH-PRIVILEGED-INSTRUCTION", "m32", "SI_KERNEL"),
    other("others.c", "call_local", "CRASH-CALL-WILD", "m32", "called:", title=("0x10203040",)),
    other("others.c", "odd_free", "CRASH-DELIBERATE-TRAP", "musl", "a_crash()", title=("called by main+",)),
    other("others.c", "odd_realloc", "CRASH-DELIBERATE-TRAP", "musl", "a_crash()"),
    other("others.c", "assert", "CRASH-ASSERT", "musl", 'the function "checks"', title=("others.c:33: p != 0 &&",)),
    other("others.c", "abort", "CRASH-ABORT", "musl", title=("gives_up+",)),
    other("others.c", "raise", "CRASH-RAISED", "musl", title=("raises+",)),
    other("others.c", "raise", "CRASH-RAISED", "m32", title=("raises+",)),
    other("others.c", "call_member", "CRASH-CALL-NULL", "m32", "called:", "holds 0x0"),
    other("others.c", "index", "CRASH-WILD-POINTER", "m32", title=("(-100000000 * 4) leads out of it",)),
    other("others.c", "print", "CRASH-WILD-POINTER", "musl", title=("0x123456789000",)),
    other("others.c", "deeper", "CRASH-STACK-OVERFLOW", "musl", "calls of"),
    other("others.c", "cli", "CRASH-PRIVILEGED-INSTRUCTION", "musl", "SI_KERNEL"),
    other("others.c", "hlt", "CRASH-PRIVILEGED-INSTRUCTION", "m32", "SI_KERNEL"),
    other("others.c", "windows_self", "CRASH-WINDOWS-THREAD-BLOCK", "m32", "the null selector", title=("fs:[0x18]", "NtTib.Self")),
    other("others.c", "windows_none", "CRASH-SEGMENT-BASE-LOST", "m32", "the null selector", title=("relative to fs",)),
    other("others.c", "no_thread", "CRASH-SEGMENT-BASE-LOST", "m32", "the null selector", title=("access at 0x14 relative to gs",)),
    other("others.c", "hlt", "CRASH-PRIVILEGED-INSTRUCTION", "musl", "SI_KERNEL"),
    # Blocks of malloc.
    heap("tcache_last", "CRASH-USE-AFTER-FREE", "a thread's cache of free blocks", title=("reads 8 bytes through",)),
    heap("tcache_link", "CRASH-USE-AFTER-FREE", "a thread's cache of free blocks", flavours=PIE),
    heap("tcache_key", "CRASH-USE-AFTER-FREE", "word 1 of a free block"),
    heap("fast_bin", "CRASH-USE-AFTER-FREE", "a fast bin", flavours=PIE),
    heap("function", "CRASH-USE-AFTER-FREE", "a thread's cache of free blocks", title=("calls",)),
    heap("large_function", "CRASH-USE-AFTER-FREE", "a bin of free chunks", title=("calls",)),
    heap("other_thread", "CRASH-USE-AFTER-FREE", "a thread's cache of free blocks"),
    heap("thread_arena", "CRASH-USE-AFTER-FREE", "a thread's cache of free blocks"),
    heap("list_link", "CRASH-USE-AFTER-FREE", "still points to it", confidence="likely", flavours=PIE),
    heap("list_last", "CRASH-USE-AFTER-FREE", "still points to it", confidence="likely"),
    heap("second_list", "CRASH-USE-AFTER-FREE", "word 1 of that block", confidence="likely"),
    heap("list_head", "CRASH-WILD-POINTER", "the last free block of a list on the page"),
    heap("list_reused", "CRASH-WILD-POINTER", "or from a block that was given out again and not set"),
    heap("list_reused_link", "CRASH-WILD-POINTER", flavours=PIE),
    heap("overread", "CRASH-WILD-POINTER", "beside it, which is free", flavours=PIE),
    # Which block the pointer of a loop started in is not known any more.
    heap("overread_loop", "CRASH-USE-AFTER-FREE", confidence="likely", flavours=("gcc-O0", "clang-O0")),
    heap("reused", "CRASH-WILD-POINTER", "was given out again and not set"),
    heap("own_value", "CRASH-WILD-POINTER", "nothing is mapped at"),
    heap("never_freed", "CRASH-WILD-POINTER", "nothing is mapped at"),
    heap("mapped_block", "CRASH-WILD-POINTER", "nothing is mapped at"),
    heap("overflow", "CRASH-HEAP-CORRUPTED", "the first bad chunk of the main arena", 'the byte 0x42, repeated', "a block of 40 bytes"),
    heap("overflow_zero", "CRASH-HEAP-CORRUPTED", "its size is 0x0", "a block of 40 bytes"),
    heap("list_overwritten", "CRASH-NON-CANONICAL", "malloc's own code", "are consistent", flavours=("gcc-O0", "gcc-O1-static")),
    heap("overflow_top", "CRASH-HEAP-CORRUPTED", "the first bad chunk of the main arena", 'the byte 0x43, repeated', "a block of 40 bytes"),
    heap("thread_overflow", "CRASH-HEAP-CORRUPTED", "the first bad chunk of the arena at", "its size is 0x0", "a block of 56 bytes"),
    heap("twice", "CRASH-HEAP-CORRUPTED", "are consistent", "it was freed twice"),
    heap("twice_large", "CRASH-HEAP-CORRUPTED", "are consistent"),
    heap("large", "CRASH-WILD-POINTER", "has the form of the start of a large block", "0x101000 bytes", flavours=("gcc-O0", "gcc-O1-static", "clang-O2-stripped")),
    heap("within", "CRASH-HEAP-CORRUPTED", "are consistent"),
    heap("churned", "CRASH-HEAP-CORRUPTED", "are consistent"),
    heap("gap", "CRASH-HEAP-CORRUPTED", "somebody else called sbrk()"),
    Case("arena.c", "2.42", "CRASH-USE-AFTER-FREE", ("a thread's cache of free blocks",), flavours=tuple(ALONE)),
    Case("arena.c", "2.43", "CRASH-USE-AFTER-FREE", ("a thread's cache of free blocks",), flavours=tuple(ALONE)),
    # Sanitizers.
    sanitized("asan.c", "use_after_free", "CRASH-SANITIZER", "asan-", "READ of size 4", title=("heap-use-after-free", ", READ of size 4 at 0x")),
    sanitized("asan.c", "heap_overflow", "CRASH-SANITIZER", "asan-", "WRITE of size 4", title=("heap-buffer-overflow",)),
    sanitized("asan.c", "stack_overflow", "CRASH-SANITIZER", "asan-", title=("stack-buffer-overflow",)),
    sanitized("asan.c", "global_overflow", "CRASH-SANITIZER", "asan-", title=("global-buffer-overflow",)),
    sanitized("asan.c", "memset", "CRASH-SANITIZER", "asan-", "WRITE of size 20", title=("heap-buffer-overflow",)),
    sanitized("asan.c", "double_free", "CRASH-SANITIZER", "asan-", title=("double-free",)),
    sanitized("asan.c", "bad_free", "CRASH-SANITIZER", "asan-", title=("free",)),
    sanitized("asan.c", "leak", "CRASH-SANITIZER", "asan-", title=("leak",), without=("asan-clang-shared", *NAMELESS)),
    # Without names of the runtime's functions: that it reported, or not even that.
    sanitized("asan.c", "leak", "CRASH-SANITIZER", "asan-clang-shared", "which error it is, is not in the dump"),
    sanitized("asan.c", "leak", "CRASH-SANITIZER", NAMELESS, unknown=True),
    sanitized("asan.c", "null", "CRASH-SMALL-INTEGER-POINTER", "asan-", "the process ended by SIGABRT later"),
    sanitized("asan.c", "divide", "CRASH-DIVIDE-BY-ZERO", "asan-", "the process ended by SIGABRT later"),
    sanitized("asan.c", "abort", "CRASH-ABORT", "asan-", title=("main",), without=NAMELESS),
    sanitized("asan.c", "abort", "CRASH-ABORT", "asan-", title=("main",), without=NAMELESS, options=":handle_abort=1"),
    sanitized("asan.c", "abort_in_sort", "CRASH-ABORT", "asan-", title=("compare",), without=NAMELESS),
    sanitized("asan.c", "abort", "CRASH-ABORT", NAMELESS, unknown=True),
    sanitized("ubsan.c", "shift", "CRASH-SANITIZER", "ubsan-", title=("UndefinedBehaviorSanitizer", "a shift by too much")),
    sanitized("ubsan.c", "add", "CRASH-SANITIZER", "ubsan-", title=("an addition that overflows",)),
    sanitized("ubsan.c", "index", "CRASH-SANITIZER", "ubsan-", title=("out of bounds",)),
    sanitized("ubsan.c", "null", "CRASH-SANITIZER", "ubsan-", title=("null",)),
    sanitized("ubsan.c", "unreachable", "CRASH-SANITIZER", ("ubsan-gcc", "ubsan-clang", "ubsan-asan"), title=("__builtin_unreachable()",)),
    sanitized("ubsan.c", "divide", "CRASH-SANITIZER", "ubsan-", title=("a division by zero",)),
    sanitized("ubsan.c", "abort", "CRASH-ABORT", ("ubsan-gcc", "ubsan-minimal")),
    sanitized("ubsan.c", "add", "CRASH-SANITIZER-TRAP", "trap-clang", "add_overflow", title=("an addition that overflows",)),
    sanitized("ubsan.c", "sub", "CRASH-SANITIZER-TRAP", "trap-clang", "sub_overflow", title=("a subtraction",)),
    sanitized("ubsan.c", "mul", "CRASH-SANITIZER-TRAP", "trap-clang", "mul_overflow", title=("a multiplication",)),
    sanitized("ubsan.c", "negate", "CRASH-SANITIZER-TRAP", "trap-clang", "negate_overflow", title=("a negation",)),
    sanitized("ubsan.c", "divide", "CRASH-SANITIZER-TRAP", "trap-clang", "divrem_overflow", title=("a division",)),
    sanitized("ubsan.c", "shift", "CRASH-SANITIZER-TRAP", "trap-clang", "shift_out_of_bounds", title=("a shift",)),
    sanitized("ubsan.c", "index", "CRASH-SANITIZER-TRAP", "trap-clang", "out_of_bounds", title=("out of bounds",)),
    sanitized("ubsan.c", "null", "CRASH-SANITIZER-TRAP", "trap-clang", "type_mismatch", title=("null or misaligned",)),
    sanitized("ubsan.c", "unreachable", "CRASH-SANITIZER-TRAP", "trap-clang", "builtin_unreachable"),
    sanitized("ubsan.c", "vla", "CRASH-SANITIZER-TRAP", "trap-clang", "vla_bound_not_positive"),
    sanitized("ubsan.c", "trap", "CRASH-DELIBERATE-TRAP", "trap-", "ud2"),
    sanitized("ubsan.c", "other_ud1", "CRASH-DELIBERATE-TRAP", "trap-", "number 247 is none that is known"),
    sanitized("ubsan.c", "add", "CRASH-DELIBERATE-TRAP", "trap-gcc", "ud2"),
    sanitized("tsan.c", "race", "CRASH-SANITIZER", "tsan-", title=("ThreadSanitizer", "a data race"), command=("setarch", "-R")),
    sanitized("tsan.c", "abort", "CRASH-ABORT", "tsan-", title=("main",), command=("setarch", "-R")),
    sanitized("tsan.c", "thread_abort", "CRASH-ABORT", "tsan-", title=("aborter",), command=("setarch", "-R")),
    sanitized("tsan.c", "uninitialised", "CRASH-SANITIZER", "msan-", title=("MemorySanitizer", "never set"), command=("setarch", "-R")),
    sanitized("tsan.c", "leak", "CRASH-SANITIZER", "lsan-", title=("LeakSanitizer", "leak")),
    sanitized("tsan.c", "abort", "CRASH-ABORT", "lsan-", title=("main",)),
    # What the processor checks beside pages.
    hardware("alignment_check", "CRASH-HARDWARE-CHECK", "BUS_ADRALN", "mod 4 = 2", title=("misaligned",)),
    hardware("aligned_and_null", "CRASH-SMALL-INTEGER-POINTER", "si_addr 0x18"),
    hardware("compatibility_mode", "CRASH-NULL-FIELD", "eax = 0x0", "mov eax, [eax+0x18]", title=("offset 24",), flavours=("gcc-O0", "clang-O2")),
    hardware("key_read", "CRASH-HARDWARE-CHECK", "SEGV_PKUERR", "protection key 1", title=("the protection key",)),
    hardware("key_write", "CRASH-HARDWARE-CHECK", "SEGV_PKUERR", "protection key 1", title=("the protection key",)),
    hardware("key_and_page", "CRASH-NO-ACCESS", "SEGV_ACCERR", "---"),
    # Addresses as they were linked.
    bare("call", "CRASH-UNRELOCATED", "as in the file, and none as it should be", title=("a call went to",)),
    bare("load", "CRASH-UNRELOCATED", "as in the file, and none as it should be"),
    bare("integer", "CRASH-WILD-POINTER", "nothing is mapped at"),
    bare("null_function", "CRASH-CALL-NULL"),
    bare("null_pointer", "CRASH-NULL-FIELD"),
    # C++.
    cxx("throw", "CRASH-UNCAUGHT-EXCEPTION", "St13runtime_error", title=("the disk is full",)),
    cxx("throw_own", "CRASH-UNCAUGHT-EXCEPTION", "3Own", title=("my own words",)),
    # What what() returns, out of its code; where that makes a text when it is called, only what the base class keeps is there.
    cxx("throw_telling", "CRASH-UNCAUGHT-EXCEPTION", "7Telling", "what(), by its code", title=("_ZTI7Telling: told by the class itself,",)),
    cxx("throw_making", "CRASH-UNCAUGHT-EXCEPTION", "6Making", "its own what() makes another", title=('its base class keeps the text "the kept text"',)),
    cxx("throw_coded", "CRASH-UNCAUGHT-EXCEPTION", title=("_ZTI5Coded: the second code,",), flavours=("gcc-O0", "gcc-O2-stripped", "clang-O0", "clang-O2")),
    cxx("throw_holding", "CRASH-UNCAUGHT-EXCEPTION", title=("_ZTI7Holding: held in a string of the class itself,",), flavours=("gcc-O0", "gcc-O1-static", "clang-O0", "clang-O2-stripped")),
    cxx("throw_stream", "CRASH-UNCAUGHT-EXCEPTION", title=("_ZTISt13__ios_failure: basic_ios::clear: iostream error,",), flavours=("gcc-O0", "gcc-O1-static", "clang-O2-stripped")),
    cxx("throw_files", "CRASH-UNCAUGHT-EXCEPTION", title=(": filesystem error: cannot create directory: No such file or directory [/nonexistent/folder],",), flavours=("gcc-O0", "gcc-O1-static", "clang-O2-stripped")),
    cxx("throw_future", "CRASH-UNCAUGHT-EXCEPTION", title=("_ZTISt12future_error: std::future_error: Promise already satisfied,",), flavours=("gcc-O0", "gcc-O1-static")),
    cxx("throw_cast", "CRASH-UNCAUGHT-EXCEPTION", title=("_ZTISt8bad_cast: std::bad_cast,",), flavours=("gcc-O0", "clang-O2-stripped")),
    # Thrown by the library, for a function of the program.
    cxx("throw_cast", "CRASH-UNCAUGHT-EXCEPTION", title=("in __cxa_bad_cast+", "called by _Z7throwerPKc+"), flavours=("gcc-O0", "gcc-O1-static", "clang-O2")),
    cxx("throw_files", "CRASH-UNCAUGHT-EXCEPTION", title=("called by _Z7throwerPKc+",), flavours=("gcc-O0", "clang-O2")),
    cxx("throw_range", "CRASH-UNCAUGHT-EXCEPTION", title=("called by _Z7throwerPKc+",), flavours=("gcc-O2", "gcc-O1-static", "clang-O2")),
    cxx("throw", "CRASH-UNCAUGHT-EXCEPTION", title=("thrown in _Z7throwerPKc+",), flavours=("gcc-O0", "gcc-O1-static")),
    cxx("throw_odd", "CRASH-UNCAUGHT-EXCEPTION", title=("C:\\x5ctemp\\x0aline two",)),
    cxx("ended_in_handler", "CRASH-TERMINATE", "St13runtime_error", "handling that exception: the disk is full"),
    cxx("joinable_in_handler", "CRASH-TERMINATE", "handling that exception: dealt with"),
    cxx("joinable_in_handler", "CRASH-TERMINATE", "a std::thread was destroyed", flavours=("gcc-O0", "clang-O0")),
    cxx("joinable_beside", "CRASH-TERMINATE", "was handling no exception"),
    cxx("joinable_and_kept", "CRASH-TERMINATE", "was handling no exception"),
    cxx("ended_and_kept", "CRASH-TERMINATE", "was handling no exception"),
    cxx("thrown_once_more", "CRASH-UNCAUGHT-EXCEPTION", "St13runtime_error", title=("the disk is full",)),
    cxx("throw_int", "CRASH-UNCAUGHT-EXCEPTION", title=(": 42",)),
    cxx("throw_text", "CRASH-UNCAUGHT-EXCEPTION", title=("only text",)),
    cxx("throw_plain", "CRASH-UNCAUGHT-EXCEPTION", "5Plain"),
    cxx("throw_number", "CRASH-UNCAUGHT-EXCEPTION", title=("_ZTIl: -1234567890123",), flavours=("gcc-O0",)),
    cxx("throw_real", "CRASH-UNCAUGHT-EXCEPTION", title=("_ZTId: 2.5",), flavours=("gcc-O2",)),
    cxx("throw_pointer", "CRASH-UNCAUGHT-EXCEPTION", title=("_ZTIPSt9exception to an object of _ZTI6Joined: the second base",), flavours=("gcc-O2", "clang-O0")),
    cxx("throw_kept", "CRASH-UNCAUGHT-EXCEPTION", title=("kept for later", "thrown once more in"), flavours=("gcc-O0", "clang-O2-stripped")),
    *(cxx(name, rule, *facts, title=title, flavours=tuple(LIBCXX), needs=LIBCXX_MISSING) for name, rule, title, *facts in (
        ("throw", "CRASH-UNCAUGHT-EXCEPTION", ("the disk is full", "thrown in _Z7throwerPKc")), ("throw_kept", "CRASH-UNCAUGHT-EXCEPTION", ("kept for later", "thrown once more in")),
        ("throw_string", "CRASH-UNCAUGHT-EXCEPTION", ("a string of its own, and a long one",)), ("throw_short_string", "CRASH-UNCAUGHT-EXCEPTION", (": short,",)),
        ("throw_nested", "CRASH-UNCAUGHT-EXCEPTION", ("the disk is full",)), ("pure_virtual", "CRASH-PURE-VIRTUAL", ("pure virtual",)),
        ("joinable", "CRASH-TERMINATE", ("_ZNSt3__16threadD1Ev",), "a std::thread was destroyed", "was handling no exception"))),
    cxx("throw_joined", "CRASH-UNCAUGHT-EXCEPTION", "6Joined", title=("the second base keeps this text",), flavours=("gcc-O0", "gcc-O1-static")),
    cxx("throw_hidden", "CRASH-UNCAUGHT-EXCEPTION", "6Hidden", title=("a private base keeps this text",), flavours=("gcc-O2", "clang-O0")),
    cxx("throw_shared", "CRASH-UNCAUGHT-EXCEPTION", "6Shared", title=("a virtual base keeps this text",), flavours=("gcc-O0", "clang-O2-stripped")),
    cxx("throw_string", "CRASH-UNCAUGHT-EXCEPTION", title=("a string of its own, and a long one",), flavours=("gcc-O2-stripped", "clang-O0")),
    cxx("throw_nested", "CRASH-UNCAUGHT-EXCEPTION", title=("the request failed; nested in it is ", "nothing is saved; nested in it is ", "the disk is full"), flavours=("gcc-O2", "clang-O2-stripped")),
    cxx("throw_range", "CRASH-UNCAUGHT-EXCEPTION", "St12out_of_range", title=("vector",)),
    cxx("throw_long", "CRASH-UNCAUGHT-EXCEPTION", "St11logic_error"),
    cxx("noexcept", "CRASH-UNCAUGHT-EXCEPTION", "St13runtime_error", title=("the disk is full",)),
    cxx("second", "CRASH-UNCAUGHT-EXCEPTION", "St13runtime_error", title=("the disk is full",)),
    # A static link takes __cxa_pure_virtual for a weak symbol, and calls null.
    cxx("pure_virtual", "CRASH-PURE-VIRTUAL", flavours=DYNAMIC),
    cxx("deleted", "CRASH-USE-AFTER-FREE", "a thread's cache of free blocks", "word 0 of a free block"),
    cxx("assertion", "CRASH-ASSERT", "the function \"", title=("stl_vector.h:", "'__n < this->size()'", "element"), flavours=NAMED),
    cxx("libcxx_assertion", "CRASH-ASSERT", "the format \"%s\"", title=("vector:1393: assertion __n < size() failed", "checked"), flavours=("gcc-O0", "clang-O2")),
    cxx("libcxx_trap", "CRASH-DELIBERATE-TRAP", "trapping", "which libc++ has in its headers", flavours=("gcc-O0", "clang-O0")),
    cxx("libcxx_trap_explained", "CRASH-ASSERT", title=("libc++: vector[] index out of bounds, in _Z4trapPKcm",), flavours=("clang-O0",)),
    cxx("rethrow_nothing", "CRASH-TERMINATE"),
    cxx("joinable", "CRASH-TERMINATE"),
    cxx("cancelled", "CRASH-TERMINATE", "pthread_cancel()", flavours=tuple(flavour for flavour in DYNAMIC if flavour.startswith("gcc"))),
]

# Of panics.rs. Without names a panic is told by what it leaves; where there was none, nothing is made up.
RUST_WAYS = {"O0": ["-g"], "O2": ["-O"], "O2-stripped": ["-O", "-C", "strip=symbols"]}
RUST_NAMED = ("O0", "O2")
RUST = [
    ("panic", "CRASH-RUST-PANIC", (), ("panics.rs:35:",), tuple(RUST_WAYS)),
    ("index", "CRASH-RUST-PANIC", (), ("panics.rs:6:",), tuple(RUST_WAYS)),
    ("unwrap", "CRASH-RUST-PANIC", (), ("panics.rs:11:",), tuple(RUST_WAYS)),
    # The function that called the library's, and what stops panics below every thread is none of them.
    ("unwrap", "CRASH-RUST-PANIC", (), ("unwrap_nothing",), RUST_NAMED),
    ("expect", "CRASH-RUST-PANIC", (), ("panics4main", "panics.rs:37:"), ("O0",)),
    ("in_thread", "CRASH-RUST-PANIC", (), ("panics9in_thread", "panics.rs:53:"), RUST_NAMED),
    ("inlined", "CRASH-RUST-PANIC", ("what panicked is inlined in them",), ("__rust_begin_short_backtrace", "panics.rs:39:"), ("O2",)),
    ("abort", "CRASH-ABORT", (), (), tuple(RUST_WAYS)),
    ("abort", "CRASH-ABORT", (), ("gives_up",), RUST_NAMED),
    ("no_memory", "CRASH-ABORT", (), (), tuple(RUST_WAYS)),
    ("no_memory", "CRASH-ABORT", ("memory could not be allocated",), (), RUST_NAMED),
]
