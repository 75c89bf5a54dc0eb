// A static-pie that does without the C library, and so has to relocate itself. The first argument picks what it does before it uses its tables.
#include <elf.h>
#include <stddef.h>

#define KEEP __attribute__((noinline, noclone))

volatile int sink;
volatile long zero;
extern const Elf64_Dyn _DYNAMIC[] __attribute__((visibility("hidden")));
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

static int one(int x) { return x + 1; }
static int two(int x) { return x * 2; }
typedef int (*function)(int);
function volatile functions[] = {one, two, one};
static int numbers[] = {1, 2, 3};
int *volatile pointers[] = {numbers, numbers + 1, numbers + 2};

KEEP int call(long i) { return functions[i](2) + 1; }
KEEP int load(long i) { return *pointers[i]; }
KEEP int load_at(int *p) { return *p; }

static int same(const char *a, const char *b) {
    while (*a != 0 && *a == *b) a++, b++;
    return *a == *b;
}

static void relocate(void) {
    unsigned long base = (unsigned long)__ehdr_start, rela = 0, size = 0, relr = 0, relr_size = 0;
    for (const Elf64_Dyn *d = _DYNAMIC; d->d_tag != DT_NULL; d++) {
        if (d->d_tag == DT_RELA) rela = base + d->d_un.d_ptr;
        if (d->d_tag == DT_RELASZ) size = d->d_un.d_val;
        if (d->d_tag == 36) relr = base + d->d_un.d_ptr;
        if (d->d_tag == 35) relr_size = d->d_un.d_val;
    }
    for (unsigned long i = 0; i < size / sizeof(Elf64_Rela); i++) {
        const Elf64_Rela *r = (const Elf64_Rela *)rela + i;
        *(unsigned long *)(base + r->r_offset) = base + (unsigned long)r->r_addend;
    }
    unsigned long *place = NULL;
    for (unsigned long i = 0; i < relr_size / 8; i++) {
        unsigned long word = ((const unsigned long *)relr)[i];
        if ((word & 1) == 0) {
            place = (unsigned long *)(base + word);
            *place++ += base;
            continue;
        }
        for (int bit = 0; bit < 63; bit++) {
            if (word >> (bit + 1) & 1) place[bit] += base;
        }
        place += 63;
    }
}

__attribute__((used)) static void start(long *stack) {
    const char *what = (const char *)stack[2];
    if (same(what, "call")) sink = call(1 + zero);
    if (same(what, "load")) sink = load(1 + zero);
    // Relocated, and wrong for another reason.
    relocate();
    if (same(what, "integer")) sink = load_at((int *)(zero + (long)((unsigned long)numbers - (unsigned long)__ehdr_start)));
    if (same(what, "null_function")) {
        functions[1] = 0;
        sink = call(1 + zero);
    }
    if (same(what, "null_pointer")) {
        pointers[1] = 0;
        sink = load(1 + zero);
    }
    __asm__ volatile("syscall" ::"a"(231), "D"(3) : "rcx", "r11", "memory");
}

__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall start\n\thlt\n");
