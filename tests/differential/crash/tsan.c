// What -fsanitize=thread, memory and leak find, and their look-alike. The first argument picks it.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEEP __attribute__((noinline, noclone))

volatile long shared, zero;
volatile int sink;
char *volatile kept;

KEEP void count(void) { shared++; }
static pthread_barrier_t together;
static void *counter(void *p) {
    pthread_barrier_wait(&together);
    // A thread that has ended is forgotten: both must be alive.
    for (int i = 0; i < 100; i++) {
        count();
        usleep(1000);
    }
    return p;
}
static void *aborter(void *p) {
    if (zero == 0) abort();
    return p;
}
static void two(void *(*f)(void *)) {
    pthread_t threads[2];
    pthread_barrier_init(&together, 0, 2);
    for (int i = 0; i < 2; i++) pthread_create(threads + i, 0, f, 0);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
}
KEEP void use(volatile int *p) {
    if (p[1]) sink = 1;
}
KEEP void lose(void) {
    kept = malloc(1234);
    memset(kept, 1, 1234);
    kept = 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "race")) two(counter);
    if (!strcmp(what, "uninitialised")) use(malloc(24));
    if (!strcmp(what, "leak")) {
        lose();
        char room[4096];
        memset(room, 0, sizeof room);
        __asm__ volatile("" ::"r"(room) : "memory");
        return 0;
    }
    if (!strcmp(what, "abort")) abort();
    if (!strcmp(what, "thread_abort")) two(aborter);
    puts("still alive");
    return 3;
}
