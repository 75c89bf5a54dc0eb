"""The machines of the calling-convention test: how a naked function there saves every register that could hold an argument, and fills every
one that could hold a result. The assembly is the oracle's own; it knows registers, not conventions."""
import dataclasses


@dataclasses.dataclass
class Machine:
    name: str
    word: int
    registers: dict          # name -> offset in the saved block
    size: int                # of the saved block
    assembly: "callable"     # (symbol prefix, format) -> text
    driver: str              # inline assembly of the start and the system calls
    compiler: list           # what builds the driver
    emulator: list


def _numbered(names, offset, step):
    return {name: offset + i * step for i, name in enumerate(names)}


X86_64_GENERAL = ["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rbp", "rsp"]


def _x86_64_registers():
    out = _numbered(X86_64_GENERAL, 0, 8)
    for letter in "xyz":
        out |= _numbered([f"{letter}mm{i}" for i in range(16)], 192, 64)
    return out


def _x86_64(prefix, _, wide=False):
    move, letter = ("vmovups", "y") if wide else ("movups", "x")
    save = "\n".join(f"mov %{r}, {prefix}saved+{i * 8}(%rip)" for i, r in enumerate(X86_64_GENERAL))
    save += "\n" + "\n".join(f"{move} %{letter}mm{i}, {prefix}saved+{192 + 64 * i}(%rip)" for i in range(16))
    load = "\n".join(f"{move} {prefix}fill+{192 + 64 * i}(%rip), %{letter}mm{i}" for i in range(6))
    load += "\n" + "\n".join(f"mov {prefix}fill+{X86_64_GENERAL.index(r) * 8}(%rip), %{r}" for r in ["rax", "rcx", "rdx", "r8", "r9", "r10", "r11"])
    # What Microsoft's convention has a callee keep, and System V not: inspect() is compiled for the latter.
    load += "\n" + "\n".join(f"mov {prefix}saved+{X86_64_GENERAL.index(r) * 8}(%rip), %{r}" for r in ["rsi", "rdi"])
    load += "\n" + "\n".join(f"movups {prefix}saved+{192 + 64 * i}(%rip), %xmm{i}" for i in range(6, 16))
    return f"""
.globl {prefix}callee
{prefix}callee:
{save}
lea 8(%rsp), %rax
mov %rax, {prefix}saved+{15 * 8}(%rip)
push %rbx
mov %rsp, %rbx
and $-64, %rsp
sub $64, %rsp
call {prefix}inspect
mov %rbx, %rsp
pop %rbx
cmpl $1, {prefix}x87_count(%rip)
jb 1f
je 2f
fldt {prefix}x87_fill+16(%rip)
2: fldt {prefix}x87_fill(%rip)
1:
{load}
ret
"""


X86_64_DRIVER = r"""
static long call3(long n, long a, long b, long c) {
    long r; __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory"); return r; }
enum { READ = 0, WRITE = 1, EXIT = 60 };
__asm__(".globl _start\n_start: and $-64, %rsp\ncall start\n");
"""

I386_GENERAL = ["eax", "ecx", "edx", "ebx", "esi", "edi", "ebp", "esp"]


def _i386(prefix, _):
    save = "\n".join(f"movl %{r}, {prefix}saved+{i * 4}" for i, r in enumerate(I386_GENERAL))
    save += "\n" + "\n".join(f"movups %xmm{i}, {prefix}saved+{64 + 64 * i}" for i in range(8))
    load = "\n".join(f"movups {prefix}fill+{64 + 64 * i}, %xmm{i}" for i in range(8))
    return f"""
.globl {prefix}callee
{prefix}callee:
{save}
leal 4(%esp), %eax
movl %eax, {prefix}saved+28
pushl %ebx
movl %esp, %ebx
andl $-64, %esp
call {prefix}inspect
movl %ebx, %esp
popl %ebx
cmpl $1, {prefix}x87_count
jb 1f
je 2f
fldt {prefix}x87_fill+16
2: fldt {prefix}x87_fill
1:
{load}
movl {prefix}fill+0, %eax
movl {prefix}fill+8, %edx
popl {prefix}return_address
addl {prefix}pops, %esp
jmp *{prefix}return_address
"""


def _i386_registers():
    out = _numbered(I386_GENERAL, 0, 4)
    for letter in "xyz":
        out |= _numbered([f"{letter}mm{i}" for i in range(8)], 64, 64)
    return out


I386_DRIVER = r"""
static long call3(long n, long a, long b, long c) {
    long r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c) : "memory"); return r; }
enum { READ = 3, WRITE = 4, EXIT = 1 };
__asm__(".globl _start\n_start: andl $-64, %esp\ncall start\n");
"""


def _arm64(prefix, format_):
    def address(register, symbol):
        if format_ == "macho":
            return f"adrp {register}, {prefix}{symbol}@PAGE\nadd {register}, {register}, {prefix}{symbol}@PAGEOFF"
        return f"adrp {register}, {symbol}\nadd {register}, {register}, :lo12:{symbol}"
    save = "\n".join(f"str x{i}, [x16, #{8 * i}]" for i in range(31) if i not in (16, 17))
    save += "\nmov x17, sp\nstr x17, [x16, #248]\n" + "\n".join(f"str q{i}, [x16, #{256 + 16 * i}]" for i in range(8))
    load = "\n".join(f"ldr x{i}, [x16, #{8 * i}]" for i in range(16)) + "\n" + "\n".join(f"ldr q{i}, [x16, #{256 + 16 * i}]" for i in range(8))
    return f"""
.globl {prefix}callee
.p2align 2
{prefix}callee:
{address("x16", "saved")}
{save}
stp x29, x30, [sp, #-16]!
mov x29, sp
bl {prefix}inspect
ldp x29, x30, [sp], #16
{address("x16", "fill")}
{load}
ret
"""


def _arm64_registers():
    out = _numbered([f"x{i}" for i in range(31)] + ["sp"], 0, 8)
    for letter in "bhsdqv":
        out |= _numbered([f"{letter}{i}" for i in range(8)], 256, 16)
    return out


ARM64_DRIVER = r"""
static long call3(long n, long a, long b, long c) {
    register long x8 __asm__("x8") = n; register long x0 __asm__("x0") = a; register long x1 __asm__("x1") = b; register long x2 __asm__("x2") = c;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory"); return x0; }
enum { READ = 63, WRITE = 64, EXIT = 93 };
__asm__(".globl _start\n_start: mov x0, sp\nand x0, x0, #-64\nmov sp, x0\nbl start\n");
"""


def _arm(prefix, _):
    save = "\n".join(f"str r{i}, [ip, #{4 * i}]" for i in range(12))
    return f"""
.globl {prefix}callee
.type {prefix}callee, %function
.p2align 2
.arm
{prefix}callee:
ldr ip, =saved
{save}
str sp, [ip, #52]
add ip, ip, #64
vstmia ip, {{d0-d15}}
push {{r4, lr}}
bl {prefix}inspect
pop {{r4, lr}}
ldr ip, =fill
ldm ip, {{r0-r3}}
add ip, ip, #64
vldmia ip, {{d0-d7}}
bx lr
.ltorg
"""


def _arm_registers():
    return (_numbered([f"r{i}" for i in range(16)], 0, 4) | {"sp": 52} | _numbered([f"s{i}" for i in range(32)], 64, 4)
            | _numbered([f"d{i}" for i in range(16)], 64, 8) | _numbered([f"q{i}" for i in range(8)], 64, 16))


ARM_DRIVER = r"""
static long call3(long n, long a, long b, long c) {
    register long r7 __asm__("r7") = n; register long r0 __asm__("r0") = a; register long r1 __asm__("r1") = b; register long r2 __asm__("r2") = c;
    __asm__ volatile("svc #0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2) : "memory"); return r0; }
enum { READ = 3, WRITE = 4, EXIT = 1 };
__asm__(".arm\n.globl _start\n_start: mov r0, sp\nbic r0, r0, #63\nmov sp, r0\nbl start\n");
"""


def _riscv(prefix, _):
    save = "\n".join(f"sd a{i}, {8 * i}(t0)" for i in range(8)) + "\nsd sp, 64(t0)\n" + "\n".join(f"fsd fa{i}, {128 + 8 * i}(t0)" for i in range(8))
    load = "\n".join(f"ld a{i}, {8 * i}(t0)" for i in range(2)) + "\n" + "\n".join(f"fld fa{i}, {128 + 8 * i}(t0)" for i in range(8))
    return f"""
.globl {prefix}callee
.p2align 2
{prefix}callee:
la t0, saved
{save}
addi sp, sp, -16
sd ra, 0(sp)
call {prefix}inspect
ld ra, 0(sp)
addi sp, sp, 16
la t0, fill
{load}
ret
"""


def _riscv_registers():
    return _numbered([f"a{i}" for i in range(8)] + ["sp"], 0, 8) | _numbered([f"fa{i}" for i in range(8)], 128, 8)


RISCV_DRIVER = r"""
static long call3(long n, long a, long b, long c) {
    register long a7 __asm__("a7") = n; register long a0 __asm__("a0") = a; register long a1 __asm__("a1") = b; register long a2 __asm__("a2") = c;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory"); return a0; }
enum { READ = 63, WRITE = 64, EXIT = 93 };
__asm__(".globl _start\n_start: andi sp, sp, -64\ncall start\n");
"""

FREESTANDING = ["-O1", "-nostdlib", "-static", "-ffreestanding", "-fno-stack-protector", "-no-pie", "-w"]
X86_64 = Machine("x86_64", 8, _x86_64_registers(), 1216, _x86_64, X86_64_DRIVER, ["gcc", *FREESTANDING], [])
X86_64_AVX = dataclasses.replace(X86_64, name="x86_64-avx", assembly=lambda prefix, format_: _x86_64(prefix, format_, True))
I386 = Machine("i386", 4, _i386_registers(), 576, _i386, I386_DRIVER, ["gcc", "-m32", *FREESTANDING, "-fno-pic"], [])
ARM64 = Machine("arm64", 8, _arm64_registers(), 384, _arm64, ARM64_DRIVER, ["aarch64-linux-gnu-gcc", *FREESTANDING], ["qemu-aarch64"])
ARM = Machine("arm", 4, _arm_registers(), 192, _arm, ARM_DRIVER, ["arm-linux-gnueabihf-gcc", "-marm", *FREESTANDING], ["qemu-arm"])
# Its linkers refuse to put objects of both float ABIs together.
ARM_BASE = dataclasses.replace(ARM, compiler=["arm-linux-gnueabihf-gcc", "-marm", "-mfpu=neon", "-mfloat-abi=softfp", *FREESTANDING])
RISCV64 = Machine("riscv64", 8, _riscv_registers(), 192, _riscv, RISCV_DRIVER,
                  ["riscv64-linux-gnu-gcc", *FREESTANDING, "-mno-relax", "-mcmodel=medany"], ["qemu-riscv64"])

# The start of every program: how much to do comes from standard input, what was seen goes to standard output.
DRIVER = r"""
typedef unsigned u32; typedef unsigned char u8;
static u8 buffer[1 << 16];
#ifndef RUN_ONE
u32 run_one(u32 index, u8* out);
#else
static u32 (*const run_one)(u32, u8*) = (u32 (*)(u32, u8*))RUN_ONE;
#endif
static void put(const u8* from, u32 size) { while (size) { long n = call3(WRITE, 1, (long)from, size); if (n <= 0) call3(EXIT, 9, 0, 0); from += n; size -= n; } }
__attribute__((used, noinline)) void start(void) {
    volatile u8 room[16384]; room[0] = 0;
    u32 range[2] = {0, 0};
    call3(READ, 0, (long)range, 8);
    for (u32 i = range[0]; i < range[1]; ++i) { u32 n = run_one(i, buffer); put((u8*)&n, 4); put(buffer, n); }
    call3(EXIT, room[0], 0, 0);
}
"""
