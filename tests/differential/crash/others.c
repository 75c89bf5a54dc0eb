// Crashes of 32-bit programs, and of programs with another C library than glibc. The first argument picks the crash.
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP __attribute__((noinline, noclone))
typedef int (*function)(int);

volatile long zero;
volatile int sink;
char *volatile block;

KEEP void misaligned(char *p) { __asm__ volatile("movaps (%0), %%xmm0" ::"r"(p) : "xmm0"); }
KEEP int call_local(long value) {
    volatile function local[8];
    local[3] = (function)(zero + value);
    return local[3](1) + 1;
}

function table[4];
KEEP int call_member(function *from) { return from[2](1) + 1; }
KEEP int read_entry(function *from, long index) { return (int)(long)from[index]; }

struct node {
    long a, b, c, value;
};
KEEP long read_value(struct node *p) { return p->value; }

// musl's library has no call frame information, and its raise() ends by unblocking the signal.
KEEP int checks(struct node *p) {
    assert(p != 0 && "the list has a head");
    return 1;
}
KEEP void gives_up(void) { abort(); }
KEEP void raises(void) { raise(SIGABRT); }
KEEP int prints(char *text) { return printf("%d %s\n", 1, text) + 1; }
KEEP int deeper(char *text) {
    char room[100];
    return sprintf(room, "%.90s", text) + deeper(room) + room[0];
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    static char room[64] __attribute__((aligned(16)));
    block = malloc(40);
    if (!strcmp(what, "movaps")) misaligned(room + zero + 4);
    if (!strcmp(what, "null")) sink = (int)read_value((struct node *)zero);
    if (!strcmp(what, "wild")) sink = (int)read_value((struct node *)(zero + 0x10203040));
    if (!strcmp(what, "cli")) __asm__ volatile("cli");
#ifdef __i386__
    if (!strcmp(what, "windows_self")) __asm__ volatile("movl %%fs:0x18, %0" : "=a"(sink));
    if (!strcmp(what, "windows_none")) __asm__ volatile("movl %%fs:0x1234, %0" : "=a"(sink));
    if (!strcmp(what, "no_thread")) __asm__ volatile("movw %w1, %%gs; movl %%gs:0x14, %0" : "=a"(sink) : "r"(zero));
#endif
    if (!strcmp(what, "hlt")) __asm__ volatile("hlt");
    if (!strcmp(what, "call_local")) sink = call_local(0x10203040);
    if (!strcmp(what, "call_member")) sink = call_member(table);
    if (!strcmp(what, "index")) sink = read_entry(table, zero - 100000000);
    if (!strcmp(what, "odd_free")) free(block + 1);
    if (!strcmp(what, "odd_realloc")) block = realloc(block + 1, 5000);
    if (!strcmp(what, "assert")) sink = checks((struct node *)zero);
    if (!strcmp(what, "abort")) gives_up();
    if (!strcmp(what, "raise")) raises();
    if (!strcmp(what, "print")) sink = prints((char *)(zero + 0x123456789000));
    if (!strcmp(what, "deeper")) sink = deeper("text");
    puts("still alive");
    return 3;
}
