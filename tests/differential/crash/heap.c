// Blocks that are used after they were freed, chunks that are written over, and what looks like it. The first argument picks the crash.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEEP __attribute__((noinline, noclone))

volatile int sink;
volatile long zero;
typedef int (*function)(int);

struct first {
    struct first *next;
    long pad, value;
};
struct second {
    long pad;
    struct second *next;
    long value;
};
struct third {
    long pad, more;
    struct third *next;
    long value;
};
struct object {
    function call;
    long pad[2];
};

KEEP long follow_first(struct first *p) { return p->next->value; }
KEEP long follow_second(struct second *p) { return p->next->value; }
KEEP long follow_third(struct third *p) { return p->next->value; }
KEEP long follow_fifth(struct first **table) { return table[4]->value; }
struct pair {
    struct first *first;
    long pad;
};
KEEP long sum_of(struct pair *at, int n) {
    long out = 0;
    for (int i = 0; i < n; at++, i++) out += at->first->value;
    return out;
}
// What it loads a pointer through is gone when that is used.
KEEP long walk_first(struct first *p) {
    long out = 0;
    for (; p; p = p->next) out += p->value;
    return out;
}
KEEP long walk_second(struct second *p) {
    long out = 0;
    for (; p; p = p->next) out += p->value;
    return out;
}
KEEP int call_object(struct object *p) { return p->call(3) + 1; }

static void *allocate(void *size) { return memset(malloc((size_t)size), 0, (size_t)size); }

static pthread_barrier_t barrier;
static void *frees_and_waits(void *p) {
    free(p);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return 0;
}
static void *uses_own(void *p) {
    struct first *one = allocate((void *)24), *two = allocate((void *)24);
    free(one);
    free(two);
    sink = (int)follow_first(two);
    return p;
}
static void *overflows_own(void *p) {
    char *one = allocate((void *)56), *two = allocate((void *)2000), *guard = allocate((void *)24);
    memset(one, 0, (size_t)(zero + 64));
    free(two);
    free(guard);
    return p;
}

// A heap as programs leave it: blocks of all sizes, some of them free, in every list.
static void *churn(void *p) {
    static __thread char *blocks[512];
    unsigned seed = 12345;
    for (int i = 0; i < 100000; i++) {
        seed = seed * 1103515245 + 12345;
        unsigned slot = seed >> 8 & 511, size = (seed >> 17 & 15) == 0 ? seed >> 12 & 65535 : seed >> 20 & 1023;
        free(blocks[slot]);
        blocks[slot] = (seed >> 16 & 31) == 0 ? aligned_alloc(64, (size + 63) / 64 * 64) : malloc(size);
        if (blocks[slot] && (seed & 3) == 0) blocks[slot] = realloc(blocks[slot], size / 2 + 1);
        if (blocks[slot]) memset(blocks[slot], 0xee, size / 2 + 1 < size ? size / 2 + 1 : size);
    }
    return p;
}
static void *churn_and_wait(void *p) {
    churn(p);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return p;
}

static void in_thread(void *(*f)(void *)) {
    pthread_t thread;
    pthread_create(&thread, 0, f, 0);
    pthread_join(thread, 0);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    // Used after free().
    if (!strcmp(what, "tcache_last")) {
        struct first *p = allocate((void *)24);
        free(p);
        sink = (int)follow_first(p);
    }
    // With a mapping of its own, which free() gives back.
    if (!strcmp(what, "large")) {
        char *p = malloc((size_t)(zero + (1 << 20)));
        p[0] = 1;
        free(p);
        sink = ((volatile char *)p)[5000];
    }
    if (!strcmp(what, "tcache_link")) {
        struct first *p = allocate((void *)24), *q = allocate((void *)24);
        free(p);
        free(q);
        sink = (int)follow_first(q);
    }
    if (!strcmp(what, "tcache_key")) {
        struct second *p = allocate((void *)24);
        free(p);
        sink = (int)follow_second(p);
    }
    if (!strcmp(what, "fast_bin")) {
        struct first *p[9];
        for (int i = 0; i < 9; i++) p[i] = allocate((void *)40);
        for (int i = 0; i < 9; i++) free(p[i]);
        sink = (int)follow_first(p[8]);
    }
    if (!strcmp(what, "function")) {
        struct object *p = allocate((void *)sizeof(struct object));
        free(p);
        sink = call_object(p);
    }
    if (!strcmp(what, "large_function")) {
        struct object *p = allocate((void *)4000);
        allocate((void *)24);
        free(p);
        sink = call_object(p);
    }
    if (!strcmp(what, "other_thread")) {
        struct first *p = allocate((void *)24);
        pthread_t thread;
        pthread_barrier_init(&barrier, 0, 2);
        pthread_create(&thread, 0, frees_and_waits, p);
        pthread_barrier_wait(&barrier);
        sink = (int)follow_first(p);
    }
    if (!strcmp(what, "thread_arena")) in_thread(uses_own);
    // A list of three, of which some are freed.
    if (!strncmp(what, "list", 4)) {
        struct first *list[3];
        for (int i = 0; i < 3; i++) list[i] = allocate((void *)40);
        for (int i = 0; i < 2; i++) list[i]->next = list[i + 1];
        if (!strcmp(what, "list_link")) free(list[2]), free(list[1]);
        if (!strcmp(what, "list_last")) free(list[1]);
        if (!strcmp(what, "list_head")) free(list[0]);
        // Given out again and not set, and another block of that page is the last of its list.
        if (!strcmp(what, "list_reused")) {
            void *other = allocate((void *)100);
            free(list[1]);
            list[1] = malloc(40);
            list[0]->next = list[1];
            free(other);
        }
        if (!strcmp(what, "list_reused_link")) {
            free(list[2]);
            free(list[1]);
            list[0]->next = malloc(40);
        }
        sink = (int)walk_first(list[0]);
    }
    if (!strcmp(what, "second_list")) {
        struct second *list[3];
        for (int i = 0; i < 3; i++) list[i] = allocate((void *)40);
        for (int i = 0; i < 2; i++) list[i]->next = list[i + 1];
        free(list[2]);
        free(list[1]);
        sink = (int)walk_second(list[0]);
    }
    // Not used after free(): the block is the program's own again, or the bad value is.
    if (!strcmp(what, "reused")) {
        free(allocate((void *)24));
        struct first *p = malloc(24);
        sink = (int)follow_first(p);
    }
    if (!strcmp(what, "own_value")) {
        struct third *p = allocate((void *)32);
        p->next = (struct third *)(zero + 0x123456789000);
        free(p);
        sink = (int)follow_third(p);
    }
    if (!strcmp(what, "never_freed")) {
        struct first *p = allocate((void *)24);
        p->next = (struct first *)(zero + 0x123456789000);
        sink = (int)follow_first(p);
    }
    if (!strcmp(what, "mapped_block")) {
        struct first *p = allocate((void *)(64 << 20));
        free(p);
        sink = (int)follow_first(p);
    }
    // An index out of a table that is in use: the block behind it is free, and rightly so.
    if (!strcmp(what, "overread") || !strcmp(what, "overread_loop")) {
        static struct first one;
        struct first **table = malloc(3 * sizeof *table);
        void *p = allocate((void *)24), *q = allocate((void *)24);
        for (int i = 0; i < 3; i++) table[i] = &one;
        free(q);
        free(p);
        if (what[8] == 0) sink = (int)follow_fifth(table);
        sink = (int)sum_of((struct pair *)table, 7);
    }
    // Written over.
    char *one = allocate((void *)40), *two = allocate((void *)2000), *guard = allocate((void *)24);
    if (!strcmp(what, "overflow")) {
        memset(one, 'B', (size_t)(zero + 64));
        free(two);
        free(guard);
    }
    // malloc meets a fault itself, in a list of free blocks.
    if (!strcmp(what, "list_overwritten")) {
        free(two);
        ((long *)two)[1] = 0x4242424242424242;
        allocate((void *)5000);
    }
    if (!strcmp(what, "overflow_zero")) {
        memset(one, 0, (size_t)(zero + 56));
        free(two);
    }
    if (!strcmp(what, "overflow_top")) {
        char *last = allocate((void *)40);
        memset(last, 'C', (size_t)(zero + 64));
        sink = *(char *)malloc(3000 + (size_t)zero);
    }
    if (!strcmp(what, "thread_overflow")) in_thread(overflows_own);
    if (!strcmp(what, "twice")) {
        free(one);
        free(one);
    }
    if (!strcmp(what, "twice_large")) {
        free(two);
        free(two);
    }
    if (!strcmp(what, "within")) free(two + 16);
    if (!strcmp(what, "churned")) {
        pthread_t threads[3];
        pthread_barrier_init(&barrier, 0, 4);
        for (int i = 0; i < 3; i++) pthread_create(threads + i, 0, churn_and_wait, 0);
        churn(0);
        pthread_barrier_wait(&barrier);
        free(two + 16);
    }
    if (!strcmp(what, "gap")) {
        sbrk(5008);
        for (int i = 0; i < 100; i++) allocate((void *)8000);
        free(two + 16);
    }
    puts("still alive");
    return 3;
}
