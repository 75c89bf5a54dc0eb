/* The C program of the demo: a thread and a bit of arithmetic, as many programs have. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>

static void *work(void *argument) {
    *(double *)argument = pow(*(double *)argument, 1.5);
    return NULL;
}

int main(int argc, char **argv) {
    (void)argv;
    double value = argc + 1.0;
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, &value) != 0) return 1;
    pthread_join(thread, NULL);
    printf("hello from C: %.3f\n", value);
    return 0;
}
