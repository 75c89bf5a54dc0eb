// Pointers that are not what they should be. The first argument picks the crash.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

struct node {
    long a, b, c;
    int d;
    struct node *next;
};

#define KEEP __attribute__((noinline, noclone))

volatile int sink;
volatile long zero;

KEEP int read_member(struct node *p) { return p->d; }
KEEP void write_member(struct node *p, int v) { p->d = v; }
KEEP long read_first(struct node *p) { return p->a; }
struct far {
    char room[0x7000000];
    int last;
};
KEEP int read_far(struct far *p) { return p->last; }
KEEP int read_index(int *p, long i) { return p[i]; }
KEEP int read_byte(unsigned char *p) { return *p; }
KEEP void write_byte(char *p) { *p = 'x'; }
KEEP void write_long(long *p, long v) { *p = v; }

KEEP int run_over(volatile char *p) {
    int sum = 0;
    while (sum >= 0) sum += *p++ & 1;
    return sum;
}

static const char table[4096] = {1, 2, 3};

KEEP long read_before(long *p) { return p[-1]; }

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    void *null = (void *)zero;
    // Of two registers that are added the one that is too small for a pointer is the index.
    if (!strcmp(what, "wild_sum")) __asm__ volatile("mov $2, %%r8d; mov $0x123456789000, %%r9; movb $3, (%%r8,%%r9)" ::: "r8", "r9", "memory");
    if (!strcmp(what, "null_read")) sink = read_member(null);
    if (!strcmp(what, "null_write")) write_member(null, 1);
    if (!strcmp(what, "null_first")) sink = (int)read_first(null);
    if (!strcmp(what, "null_far")) sink = read_far(null);
    if (!strcmp(what, "null_index")) sink = read_index(null, 3000000);
    if (!strcmp(what, "small_integer")) sink = (int)read_first((struct node *)(zero + 24));
    if (!strcmp(what, "wild")) sink = read_member((struct node *)(zero + 0x123456789000));
    if (!strcmp(what, "wild_write")) write_member((struct node *)(zero + 0x123456789000), 1);
    if (!strcmp(what, "unmapped")) {
        char *p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(p + 65536, (1 << 20) - 131072);
        sink = read_byte((unsigned char *)p + (1 << 19));
    }
    if (!strcmp(what, "small_and_offset")) sink = (int)read_before((long *)(zero + 5));
    if (!strcmp(what, "poison")) sink = read_member((struct node *)(zero + (long)0xe5e5e5e5e5e5e5e5));
    if (!strcmp(what, "text")) sink = read_member((struct node *)(zero + 0x6f77206f6c6c6548));
    if (!strcmp(what, "poison_write")) write_long((long *)(zero + (long)0xa5a5a5a5a5a5a5a5), 1);
    if (!strcmp(what, "tagged")) {
        uintptr_t p = (uintptr_t)malloc(64);
        sink = read_member((struct node *)(p | ((uintptr_t)0x5a << 56)));
    }
    if (!strcmp(what, "map_failed_index")) {
        int *array = mmap(0, 0, PROT_READ, MAP_PRIVATE, -1, 0);
        sink = array[zero];
    }
    if (!strcmp(what, "map_failed")) sink = read_byte(mmap(0, 0, PROT_READ, MAP_PRIVATE, -1, 0));
    if (!strcmp(what, "map_failed_member")) sink = read_member(mmap(0, 0, PROT_READ, MAP_PRIVATE, -1, 0));
    if (!strcmp(what, "index_out")) {
        int room[10];
        memset(room, 0, sizeof room);
        sink = read_index(room, zero - 100000000);
    }
    static int counters[10];
    if (!strcmp(what, "runs_on")) {
        char *two = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        mprotect(two + 4096, 4096, PROT_READ);
        for (volatile char *at = two; at < two + 8192; at++) *at = 1;
    }
    if (!strcmp(what, "table_index_out")) sink = read_index(counters, -5000000 + zero);
    if (!strcmp(what, "heap_index_out")) sink = read_index(malloc(40), (1L << 28) + zero);
    if (!strcmp(what, "huge_index")) sink = read_index(malloc(40), (1L << 60) + zero);
    if (!strcmp(what, "negative_errno")) sink = read_byte((unsigned char *)(zero - ENOMEM));
    if (!strcmp(what, "kernel_half")) sink = read_byte((unsigned char *)(zero + (long)0xffff888000000000));
    if (!strcmp(what, "literal")) write_byte((char *)(uintptr_t)("a literal" + zero));
    if (!strcmp(what, "const_table")) write_byte((char *)(uintptr_t)(table + zero));
    if (!strcmp(what, "code")) write_byte((char *)(uintptr_t)main);
    if (!strcmp(what, "read_only_map")) write_byte(mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (!strcmp(what, "no_access")) {
        char *p = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        mprotect(p, 4096, PROT_NONE);
        sink = read_byte((unsigned char *)p + 16);
    }
    if (!strcmp(what, "past_end")) {
        char *p = mmap(0, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(p + 8192, 4096);
        sink = run_over(p);
    }
    if (!strcmp(what, "handler_aborts") || !strcmp(what, "handler_raises")) {
        extern void install(int);
        install(what[8] == 'r');
        sink = read_member(null);
    }
    puts("still alive");
    return 3;
}

static int raises;
static void handler(int number) {
    (void)number;
    if (!raises) abort();
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}
void install(int how) {
    struct sigaction action;
    static char stack[65536];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    raises = how;
    sigaltstack(&alternate, 0);
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_ONSTACK | (how ? SA_NODEFER : 0);
    sigaction(SIGSEGV, &action, 0);
}
