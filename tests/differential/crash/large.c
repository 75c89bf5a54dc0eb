// A null pointer in a process with much memory: the argument is its size in MiB.
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

volatile long zero;

__attribute__((noinline)) int member(int *p) { return p[6]; }

int main(int argc, char **argv) {
    size_t size = (size_t)atol(argc > 1 ? argv[1] : "1") << 20;
    char *p = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return 3;
    memset(p, 0x5a, size);
    return member((int *)zero);
}
