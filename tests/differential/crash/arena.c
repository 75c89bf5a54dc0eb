// malloc's records as releases of glibc newer than the machine's lay them out, made by hand in a program without a C library: a block in the
// cache of its thread is used. The first argument is the release.
typedef unsigned long word;

enum { heap_bytes = 0x21000, cache_chunk = 0x300, block_chunk = 0x20 };
// malloc/malloc.c, struct malloc_state: glibc 2.42 has fast bins, 2.43 has none.
struct tail {
    word top, last_remainder, bins[254];
    unsigned map[4];
    word next, next_free, attached, system, most;
};
struct state_of_2_42 {
    int mutex, flags, have_fast_chunks;
    word fast_bins[10];
    struct tail tail;
};
struct state_of_2_43 {
    int mutex, flags;
    struct tail tail;
};
struct state_of_2_42 state_42 = {.mutex = 1};
struct state_of_2_43 state_43 = {.mutex = 1};
_Alignas(4096) char heap[heap_bytes];
struct node {
    struct node *next;
    long pad, value;
};

volatile long sink;
__attribute__((noinline)) long follow(struct node *p) { return p->next->value; }

static void make(struct tail *tail, word state) {
    word start = (word)heap;
    for (int i = 0; i < 254; i++) tail->bins[i] = (word)&tail->top + i / 2 * 16;
    tail->next = state;
    tail->system = heap_bytes;
    tail->top = start + cache_chunk + block_chunk;
    ((word *)tail->top)[1] = (heap_bytes - cache_chunk - block_chunk) | 1;
    // The cache: 76 counts of 16 bits, then as many lists. The block is the last of its list.
    ((word *)start)[1] = cache_chunk | 1;
    word block = start + cache_chunk + 16;
    ((word *)(start + 16 + 76 * 2))[0] = block;
    ((word *)block)[-1] = block_chunk | 1;
    ((word *)block)[0] = block >> 12;
    sink = follow((struct node *)block);
}

void begin(word *stack) {
    const char *release = (const char *)stack[2];
    if (release[3] == '2') make(&state_42.tail, (word)&state_42);
    make(&state_43.tail, (word)&state_43);
}
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
