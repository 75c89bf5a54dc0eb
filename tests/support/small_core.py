"""Core dumps of Linux, made byte by byte: notes and memory as a test wants them. Layouts: include/linux/elfcore.h, fs/binfmt_elf.c."""
import struct

X86_64, I386, AARCH64 = 62, 3, 183
ORDER = {
    X86_64: ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs").split(),
    I386: "ebx ecx edx esi edi ebp eax ds es fs gs orig_eax eip cs eflags esp ss".split(),
    AARCH64: [f"x{i}" for i in range(31)] + ["sp", "pc", "pstate"],
}


class Core:
    def __init__(self, machine=X86_64):
        self.machine = machine
        self.wide = machine != I386
        self.notes = []
        self.loads = []   # address, bytes, size in memory, flags

    def word(self, value):
        return struct.pack("<Q" if self.wide else "<I", value & (2**64 - 1 if self.wide else 2**32 - 1))

    def note(self, kind, descriptor, name=b"CORE\0"):
        def padded(data):
            return data + bytes(-len(data) % 4)
        self.notes.append(struct.pack("<III", len(name), len(descriptor), kind) + padded(name) + padded(descriptor))
        return self

    def thread(self, registers, pid=4242, signal=11):
        head = struct.pack("<iiihxx", signal, 0, 0, signal)
        head += bytes(16 if self.wide else 8) + struct.pack("<iiii", pid, 1, pid, pid) + bytes(64 if self.wide else 32)
        body = b"".join(self.word(registers.get(name, 0)) for name in ORDER[self.machine])
        return self.note(1, head + body + (bytes(8) if self.wide else bytes(4)))

    def process(self, pid=4242, name="app", arguments="./app"):
        if self.wide:
            head = struct.pack("<ccBbxxxxQIIiiii", b"R", b"R", 0, 0, 0, 1000, 1000, pid, 1, pid, pid)
        else:
            head = struct.pack("<ccBbIHHiiii", b"R", b"R", 0, 0, 0, 1000, 1000, pid, 1, pid, pid)
        return self.note(3, head + name.encode().ljust(16, b"\0") + arguments.encode().ljust(80, b"\0"))

    def siginfo(self, signal, code, address=0, error=0):
        fields = (bytes(4) if self.wide else b"") + self.word(address)
        return self.note(0x53494749, (struct.pack("<iii", signal, error, code) + fields).ljust(128, b"\0"))

    def protection_key(self, key):
        """Into the siginfo: si_pkey (asm-generic/siginfo.h, _addr_pkey), of 64 bits."""
        at = 12 + 8 + 32
        for i, note in enumerate(self.notes):
            if note[8:12] == struct.pack("<I", 0x53494749):
                self.notes[i] = note[:at] + struct.pack("<I", key) + note[at + 4:]
        return self

    def sent(self, signal, code, pid, uid):
        return self.note(0x53494749, (struct.pack("<iii", signal, 0, code) + (bytes(4) if self.wide else b"") + struct.pack("<iI", pid, uid)).ljust(128, b"\0"))

    def auxv(self, **values):
        numbers = {"phdr": 3, "base": 7, "hwcap": 16, "random": 25, "execfn": 31}
        return self.note(6, b"".join(self.word(numbers[name]) + self.word(value) for name, value in values.items()) + self.word(0) * 2)

    def files(self, *entries):
        """(start, end, offset in bytes, path) each."""
        out = self.word(len(entries)) + self.word(4096)
        for start, end, offset, _ in entries:
            out += self.word(start) + self.word(end) + self.word(offset // 4096)
        return self.note(0x46494C45, out + b"".join(path.encode() + b"\0" for *_, path in entries))

    def load(self, address, data, flags, size=None):
        self.loads.append((address, data, max(size or 0, len(data)), flags))
        return self

    def build(self):
        count = 1 + len(self.loads)
        head_size, entry_size = (64, 56) if self.wide else (52, 32)
        offset = head_size + count * entry_size
        notes = b"".join(self.notes)
        entries = [self.header(4, 0, offset, 0, len(notes), 0, 4)]
        offset += len(notes)
        body = notes
        for address, data, size, flags in self.loads:
            entries.append(self.header(1, flags, offset, address, len(data), size, 4096))
            body += data
            offset += len(data)
        ident = b"\x7fELF" + bytes([2 if self.wide else 1, 1, 1]) + bytes(9)
        form = "<HHIQQQIHHHHHH" if self.wide else "<HHIIIIIHHHHHH"
        return ident + struct.pack(form, 4, self.machine, 1, 0, head_size, 0, 0, head_size, entry_size, count, 0, 0, 0) + b"".join(entries) + body

    def header(self, kind, flags, offset, address, in_file, in_memory, align):
        if self.wide:
            return struct.pack("<IIQQQQQQ", kind, flags, offset, address, 0, in_file, in_memory, align)
        return struct.pack("<IIIIIIII", kind, offset, address, 0, in_file, in_memory, flags, align)


CODE, STACK = 0x401000, 0x7FFC00000000
READ, WRITE, EXECUTE = 4, 2, 1


def crash(code, registers, signal=(11, 1, 0), stack=b"", machine=X86_64):
    """One instruction that faults, on a stack of a page."""
    pc, sp = {X86_64: ("rip", "rsp"), I386: ("eip", "esp"), AARCH64: ("pc", "sp")}[machine]
    place = STACK if machine != I386 else 0xBFF00000
    core = Core(machine)
    core.thread({pc: CODE, sp: place + 0x800, **registers}, signal=signal[0]).process().siginfo(*signal)
    core.auxv(random=place + 0xF00)
    core.load(CODE, code.ljust(32, b"\x90"), READ | EXECUTE, 4096)
    return core.load(place, bytes(0x800) + stack.ljust(0x800, b"\0"), READ | WRITE)
