// Instructions the processor refuses. The first argument picks the crash.
#define _GNU_SOURCE
#include <fenv.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP __attribute__((noinline, noclone))

volatile int sink;
volatile long zero;
volatile double number;

KEEP int divide(int a, int b) { return a / b; }
KEEP long divide_long(long a, long b) { return a / b; }
KEEP int remainder_of(int a, int b) { return a % b; }
KEEP double divide_double(double a, double b) { return a / b; }
KEEP void trap(void) { __builtin_trap(); }

// Called with the stack 8 bytes off, it stores aligned vectors in its own frame.
KEEP int leaf(void) {
    char room[32] __attribute__((aligned(16)));
    __asm__ volatile("movaps %%xmm0, %0" : "=m"(*(char(*)[16])room));
    return room[0];
}
KEEP int middle(void) { return leaf() + 1; }
// Takes 16 bytes where 8 would have kept the stack a multiple of 16 at the call.
int call_misaligned(void);
__asm__(
    ".text\n"
    ".globl call_misaligned\n"
    ".type call_misaligned, @function\n"
    "call_misaligned:\n"
    "    .cfi_startproc\n"
    "    sub $16, %rsp\n"
    "    .cfi_adjust_cfa_offset 16\n"
    "    call middle\n"
    "    add $16, %rsp\n"
    "    .cfi_adjust_cfa_offset -16\n"
    "    ret\n"
    "    .cfi_endproc\n"
    "    .size call_misaligned, . - call_misaligned\n");

KEEP int translate(const char *table) {
    unsigned char index = 5;
    __asm__ volatile("xlatb" : "+a"(index) : "b"(table));
    return index;
}
int numbers[16];
// Element 3 leads out of the array; element 5 would, too, but is not asked for.
KEEP __attribute__((target("avx2"))) void gather(const int *from) {
    static const int indices[8] = {0, 1, 2, 300000000, 4, 400000000, 6, 7}, mask[8] = {-1, -1, -1, -1, -1, 0, -1, -1};
    __asm__ volatile("vmovdqu %1, %%ymm1; vmovdqu %2, %%ymm2; vpgatherdd %%ymm2, (%0,%%ymm1,4), %%ymm0" ::"r"(from), "m"(indices), "m"(mask)
                     : "xmm0", "xmm1", "xmm2", "memory");
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    char *heap = malloc(256);
    if (!strcmp(what, "translate")) sink = translate((const char *)(zero + 0x123456789000));
    if (!strcmp(what, "gather")) gather(numbers + zero);
    if (!strcmp(what, "gather_null")) gather((const int *)zero);
    if (!strcmp(what, "divide_zero")) sink = divide(7, (int)zero);
    if (!strcmp(what, "divide_long_zero")) sink = (int)divide_long(7, zero);
    if (!strcmp(what, "remainder_zero")) sink = remainder_of(7, (int)zero);
    if (!strcmp(what, "divide_overflow")) sink = divide(INT_MIN + (int)zero, (int)zero - 1);
    if (!strcmp(what, "float_divide")) feenableexcept(FE_DIVBYZERO), number = divide_double(1.0, (double)zero);
    if (!strcmp(what, "float_invalid")) feenableexcept(FE_INVALID), number = divide_double((double)zero, (double)zero);
    if (!strcmp(what, "trap")) trap();
    if (!strcmp(what, "ud1")) __asm__ volatile("ud1 %eax, %eax");
    if (!strcmp(what, "breakpoint")) __asm__ volatile("int3");
    if (!strcmp(what, "hlt")) __asm__ volatile("hlt");
    if (!strcmp(what, "cli")) __asm__ volatile("cli");
    if (!strcmp(what, "in")) __asm__ volatile("in $0x60, %%al" ::: "rax");
    if (!strcmp(what, "wrmsr")) __asm__ volatile("wrmsr");
    if (!strcmp(what, "mov_cr0")) __asm__ volatile("mov %%cr0, %%rax" ::: "rax");
    if (!strcmp(what, "fastfail")) __asm__ volatile("int $0x29");
    if (!strcmp(what, "movaps_heap")) __asm__ volatile("movaps (%0), %%xmm0" : : "r"(heap + 24 + zero) : "xmm0");
    if (!strcmp(what, "paddd_heap")) __asm__ volatile("paddd 8(%0), %%xmm0" : : "r"(heap + zero) : "xmm0");
    if (!strcmp(what, "vmovaps_heap")) __asm__ volatile("vmovaps (%0), %%ymm0" : : "r"(heap - (long)heap % 32 + 48 + zero) : "xmm0");
    if (!strcmp(what, "movups_heap")) __asm__ volatile("movups (%0), %%xmm0" : : "r"(heap + 3 + zero) : "xmm0");
    if (!strcmp(what, "misaligned_stack")) sink = call_misaligned();
    if (!strcmp(what, "cmpxchg16b")) __asm__ volatile("cmpxchg16b (%0)" : : "r"(heap + 8 + zero) : "rax", "rdx", "memory");
    if (!strcmp(what, "movaps_null")) __asm__ volatile("movaps 16(%0), %%xmm0" : : "r"(zero) : "xmm0");
    if (!strcmp(what, "gs30")) __asm__ volatile("mov %%gs:0x30, %%rax" ::: "rax");
    if (!strcmp(what, "gs60")) __asm__ volatile("mov %%gs:0x60, %%rax" ::: "rax");
    if (!strcmp(what, "gs_odd")) __asm__ volatile("mov %%gs:0x123, %%rax" ::: "rax");
    if (!strcmp(what, "fs_base_zero")) __asm__ volatile("wrfsbase %0\n\tmov %%fs:0x28, %%rax" : : "r"(zero) : "rax");
    if (!strcmp(what, "fs_base_unmapped")) __asm__ volatile("wrfsbase %0\n\tmov %%fs:0x28, %%rax" : : "r"(zero + 0x1000) : "rax");
    if (!strcmp(what, "fs_index")) __asm__ volatile("mov %%fs:(%0), %%rax" : : "r"(zero - 0x100000000000) : "rax");
    if (!strcmp(what, "wild_index")) __asm__ volatile("mov (%0, %1), %%eax" : : "r"(zero), "r"(zero + 0x123456789000) : "rax");
    if (!strcmp(what, "null_large_index")) __asm__ volatile("mov (%0, %1), %%eax" : : "r"(zero), "r"(zero + 0x12345678) : "rax");
    if (!strcmp(what, "return_off")) __asm__ volatile("movabs $0x4141414141414141, %%rax\n\tpush %%rax\n\tpush %%rax\n\tadd $3, %%rsp\n\tret" : : : "rax");
    if (!strcmp(what, "bad_selector")) __asm__ volatile("mov %0, %%ds" : : "r"(0x1233));
    if (!strcmp(what, "iretq")) __asm__ volatile("push $0\n\tpush $0\n\tpush $0\n\tpush $0\n\tpush $0\n\tiretq");
    if (!strcmp(what, "fma4")) __asm__ volatile(".byte 0xc4,0xe3,0xf9,0x69,0xc2,0x10");
    if (!strcmp(what, "sse4a")) __asm__ volatile(".byte 0x66,0x0f,0x79,0xc1");
    if (!strcmp(what, "vp2intersect")) __asm__ volatile(".byte 0x62,0xf2,0x7f,0x48,0x68,0xc9");
    if (!strcmp(what, "three_d_now")) __asm__ volatile(".byte 0x0f,0x0f,0xc1,0x9e");
    if (!strcmp(what, "undefined_bytes")) __asm__ volatile(".byte 0x06,0x06,0x06,0x06");
    if (!strcmp(what, "push_null_stack")) __asm__ volatile("xor %%esp, %%esp\n\tpush %%rax" : : : "memory");
    if (!strcmp(what, "x87_divide")) {
        feenableexcept(FE_DIVBYZERO);
        volatile long double one = 1, none = zero;
        one /= none;
        one += 1;
    }
    if (!strcmp(what, "divide_wide")) __asm__ volatile("div %2" : : "a"(1L), "d"(7 + zero), "r"(5 + zero));
    if (!strcmp(what, "push_bad_stack")) __asm__ volatile("mov %0, %%rsp\n\tpush %%rax" : : "r"(zero + 0x4141414141414141) : "memory");
    puts("still alive");
    return 3;
}
