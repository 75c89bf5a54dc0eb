// What the sanitizers of gcc and clang find. The first argument picks it.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP __attribute__((noinline, noclone))

volatile long zero;
volatile int sink;
int table[4];
char *volatile kept;

KEEP int read_it(volatile int *p, long i) { return p[i]; }
KEEP void write_it(volatile int *p, long i) { p[i] = 1; }
KEEP void stack_over(long n) {
    volatile int room[4];
    for (long i = 0; i < n; i++) write_it(room, i);
}
KEEP int *scope(long n) {
    int *volatile out;
    {
        volatile int room[4];
        room[0] = (int)n;
        out = (int *)room;
    }
    return out;
}
KEEP void lose(void) {
    kept = malloc(1234);
    memset(kept, 1, 1234);
    kept = 0;
}
KEEP int compare(const void *a, const void *b) {
    if (zero == 0) abort();
    return *(const int *)a - *(const int *)b;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    int *p = malloc(24);
    memset(p, 1, 24);
    if (!strcmp(what, "use_after_free")) {
        free(p);
        sink = read_it(p, 1);
    }
    if (!strcmp(what, "heap_overflow")) write_it(p, 6 + zero);
    if (!strcmp(what, "stack_overflow")) stack_over(5 + zero);
    if (!strcmp(what, "global_overflow")) sink = read_it(table, 4 + zero);
    if (!strcmp(what, "memset")) memset((char *)p + 8, 2, 20 + (size_t)zero);
    if (!strcmp(what, "double_free")) {
        free(p);
        free(p);
    }
    if (!strcmp(what, "bad_free")) free((char *)p + 8);
    if (!strcmp(what, "leak")) {
        lose();
        free(p);
        char room[4096];
        memset(room, 0, sizeof room);
        __asm__ volatile("" ::"r"(room) : "memory");
        return 0;
    }
    // What looks like it: a program with a sanitizer in it that ends in its own way.
    if (!strcmp(what, "null")) sink = read_it((int *)zero, 6);
    if (!strcmp(what, "abort")) abort();
    if (!strcmp(what, "abort_in_sort")) qsort(table, 4, sizeof *table, compare);
    if (!strcmp(what, "divide")) sink = 7 / (int)zero;
    puts("still alive");
    return 3;
}
