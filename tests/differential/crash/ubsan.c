// What -fsanitize=undefined finds, with its runtime and with traps. The first argument picks it.
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP __attribute__((noinline, noclone))

volatile long zero;
volatile int sink, big = INT_MAX;
int table[4];

KEEP int add(int a, int b) { return a + b; }
KEEP int sub(int a, int b) { return a - b; }
KEEP int mul(int a, int b) { return a * b; }
KEEP int negate(int a) { return -a; }
KEEP int divide(int a, int b) { return a / b; }
KEEP int shift(int n) { return 1 << n; }
KEEP int at(long i) { return table[i]; }
KEEP int load(int *p) { return *p; }
KEEP int never(int x) {
    if (x) __builtin_unreachable();
    return 3;
}
KEEP int vla(int n) {
    volatile char room[n];
    room[0] = 1;
    return room[zero];
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "add")) sink = add(big, 1);
    if (!strcmp(what, "sub")) sink = sub(-big, 2);
    if (!strcmp(what, "mul")) sink = mul(big, 2);
    if (!strcmp(what, "negate")) sink = negate(-big - 1);
    if (!strcmp(what, "divide")) sink = divide(4, (int)zero);
    if (!strcmp(what, "shift")) sink = shift(40 + (int)zero);
    if (!strcmp(what, "index")) sink = at(7 + zero);
    if (!strcmp(what, "null")) sink = load((int *)zero);
    if (!strcmp(what, "unreachable")) sink = never(1 + (int)zero);
    if (!strcmp(what, "vla")) sink = vla((int)zero - 5);
    if (!strcmp(what, "abort")) abort();
    if (!strcmp(what, "trap")) __builtin_trap();
#if defined(__x86_64__)
    if (!strcmp(what, "other_ud1")) __asm__ volatile(".byte 0x67, 0x0f, 0xb9, 0x40, 0xf7");   // a number that no check has
#endif
    puts("still alive");
    return 3;
}
