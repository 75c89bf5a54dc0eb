// What the processor checks beside pages. The first argument picks the crash.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define KEEP __attribute__((noinline, noclone))

volatile int sink;
volatile long zero;

KEEP int read_it(volatile int *p) { return *p; }
KEEP void write_it(volatile int *p) { *p = 1; }

// With the flag AC set nothing but the access itself may be executed: the C library is not written for it.
KEEP int read_checked(void *p) {
    int value;
    __asm__ volatile("pushfq\n\torl $0x40000, (%%rsp)\n\tpopfq\n\tmovl (%1), %0" : "=r"(value) : "r"(p) : "memory", "cc");
    return value;
}

// Goes on in compatibility mode (__USER32_CS), with the data segment of programs, at code that reads through eax + 0x18.
KEEP void run_narrow(void) {
    static const unsigned char code[] = {0x31, 0xc0, 0x8e, 0xd9, 0x8b, 0x40, 0x18};   // xor eax, eax; mov ds, ecx; mov eax, [eax + 0x18]
    struct __attribute__((packed)) {
        unsigned offset;
        unsigned short selector;
    } there = {0x10000000, 0x23};
    memcpy(mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), code, sizeof code);
    __asm__ volatile("ljmp *%0" : : "m"(there), "c"(0x2b) : "rax", "memory");
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    char *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[0] = 1;
    if (!strcmp(what, "alignment_check")) sink = read_checked(page + 2 + zero);
    if (!strcmp(what, "aligned_and_null")) sink = read_checked((void *)(zero + 24));
    if (!strcmp(what, "compatibility_mode")) run_narrow();
    if (!strncmp(what, "key_", 4)) {
        int key = pkey_alloc(0, 0);
        if (key < 0 || pkey_mprotect(page, 4096, PROT_READ | PROT_WRITE, key) != 0) {
            puts("no protection keys");
            return 77;
        }
        if (!strcmp(what, "key_read")) {
            pkey_set(key, PKEY_DISABLE_ACCESS);
            sink = read_it((int *)page + 3);
        }
        if (!strcmp(what, "key_write")) {
            pkey_set(key, PKEY_DISABLE_WRITE);
            sink = read_it((int *)page);
            write_it((int *)page + 3);
        }
        // The right is there, and the page's own is not.
        if (!strcmp(what, "key_and_page")) {
            mprotect(page, 4096, PROT_NONE);
            sink = read_it((int *)page + 3);
        }
    }
    puts("still alive");
    return 3;
}
