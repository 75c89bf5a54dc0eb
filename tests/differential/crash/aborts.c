// What the C library stops. The first argument picks the crash.
#include <assert.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP __attribute__((noinline, noclone))

volatile long zero;
volatile int sink;
char *volatile block;

KEEP void overrun(long n) {
    char room[16];
    volatile char *p = room;
    for (long i = 0; i < n; ++i) p[i] = 'A';
}
KEEP void copy(const char *text) {
    char room[8];
    strcpy(room, text);
    sink = room[zero];
}
KEEP int add_up(int a, int b) { return a + b; }
KEEP void check(int x) { assert(x == 42 && "the answer"); }

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    static char variable[100];
    if (!strcmp(what, "static_free")) free(variable + 16 + zero);   // before any malloc()
    block = malloc(24);
    if (!strncmp(what, "glib_", 5)) {
        void *glib = dlopen("libglib-2.0.so.0", RTLD_NOW);
        if (!glib) return 4;
        void (*message)(const char *, int, const char *, ...) = (void (*)(const char *, int, const char *, ...))dlsym(glib, "g_log");
        void (*assertion)(const char *, const char *, int, const char *, const char *) =
            (void (*)(const char *, const char *, int, const char *, const char *))dlsym(glib, "g_assertion_message_expr");
        if (!strcmp(what, "glib_error")) message(0, 1 << 2, "cannot open %s", "the thing");
        if (!strcmp(what, "glib_assert")) assertion(0, "file.c", 7, "function", "answer == 42");
    }
    if (!strcmp(what, "assert")) check((int)zero);
    if (!strcmp(what, "smashed")) overrun(zero + 64);
    if (!strcmp(what, "fortify")) copy(argc > 2 ? argv[2] : "far too long for eight bytes");
    if (!strcmp(what, "double_free")) {
        free(block);
        free(block);
    }
    if (!strcmp(what, "heap_overflow")) {
        char *next = malloc(2000);
        char *guard = malloc(24);
        memset(block, 'B', (size_t)(zero + 64));
        free(next);
        free(guard);
    }
    if (!strcmp(what, "overflow_trap")) sink = add_up((int)zero + 0x7fffffff, argc);
    if (!strcmp(what, "wild_free")) free((void *)(zero + 0x123456789010));
    if (!strcmp(what, "bad_free")) free(block + 8);
    puts("still alive");
    return 3;
}
