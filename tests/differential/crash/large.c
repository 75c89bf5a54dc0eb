// A null pointer in a process with much memory, which compresses about as well as the heaps of programs do: the argument is its size in MiB.
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

volatile long zero;

__attribute__((noinline)) int member(int *p) { return p[6]; }

int main(int argc, char **argv) {
    size_t size = (size_t)atol(argc > 1 ? argv[1] : "1") << 20;
    uint64_t *p = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return 3;
    uint64_t word = 88172645463325252;
    for (size_t i = 0; i < size / sizeof *p; ++i) {
        if (i % 4 == 0) {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
        }
        p[i] = i % 4 == 0 ? word >> 24 : i % 4 == 1 ? 0x00007f0000000000 + (word & 0xfffff0) : i & 0xff;
    }
    return member((int *)zero);
}
