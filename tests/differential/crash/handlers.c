// Signals whose handlers abort, send them again, or never get called; and stacks that end without a guard. The first argument picks the crash.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define KEEP __attribute__((noinline, noclone))

volatile int sink;
volatile long zero;

struct node {
    long a, b, c;
    int d;
};
KEEP int read_member(const struct node *p) { return p->d; }
KEEP int divide(int a, int b) { return a / b; }
KEEP int recurse(int n) {
    volatile char room[300];
    room[0] = (char)n;
    return recurse(n + 1) + room[0];
}
KEEP void watchdog(int number) {
    sink = number;
    abort();
}
static void send_again(int number) {
    signal(number, SIG_DFL);
    raise(number);
}
static void kill_again(int number) {
    signal(number, SIG_DFL);
    kill(getpid(), number);
}
KEEP void call_it(void (*function)(void)) {
    function();
    sink++;
}
// What a handler returns to lies in its frame.
static void leads_astray(int number, siginfo_t *info, void *context) { ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] = 0x123456789000; }
static void leads_nowhere(int number, siginfo_t *info, void *context) { ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] = 0x4141414141414141; }
static void loses_vectors(int number, siginfo_t *info, void *context) { ((ucontext_t *)context)->uc_mcontext.fpregs = (void *)0x41414140; }
static void spoils_vectors(int number, siginfo_t *info, void *context) { memset(((ucontext_t *)context)->uc_mcontext.fpregs, 0x41, 64); }
static void loses_code_segment(int number, siginfo_t *info, void *context) { memset(((ucontext_t *)context)->uc_mcontext.gregs, 0x41, sizeof(gregset_t)); }
static void return_through(void (*handler)(int, siginfo_t *, void *), int number) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(number, &action, 0);
    raise(number);
}
static void ignores_once(int number) { signal(number, SIG_DFL); }
static void raises_again(int number) {
    raise(number);
    sink++;
}
KEEP int recurse_widely(int n) {
    volatile char room[1500];
    room[0] = (char)n;
    return recurse_widely(n + 1) + room[0];
}
static void recurses(int number) { sink = recurse_widely(0); }
static void handle(int number, void (*handler)(int), int flags) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(number, &action, 0);
    raise(number);
}
static void *on_small_stack(void *p) {
    sink = recurse(0);
    return p;
}
static void *sleeper(void *p) {
    for (;;) pause();
    return p;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    pthread_t thread;
    signal(SIGQUIT, SIG_DFL);   // a shell has background jobs ignore it
    if (!strcmp(what, "frame_led_astray")) return_through(leads_astray, SIGUSR1);
    if (!strcmp(what, "frame_led_nowhere")) return_through(leads_nowhere, SIGUSR1);
    if (!strcmp(what, "frame_without_vectors")) return_through(loses_vectors, SIGUSR1);
    if (!strcmp(what, "frame_with_bad_vectors")) return_through(spoils_vectors, SIGUSR1);
    if (!strcmp(what, "frame_without_code_segment")) return_through(loses_code_segment, SIGUSR1);
    if (!strcmp(what, "frame_not_there")) __asm__ volatile("mov $0x1000, %%rsp; mov $15, %%eax; syscall" ::: "memory");
    if (!strcmp(what, "handler_recursion")) handle(SIGUSR1, raises_again, SA_NODEFER);
    if (!strcmp(what, "handler_on_small_stack")) {
        // The first block of the heap: nothing is mapped below it.
        stack_t other = {.ss_sp = malloc(16384), .ss_size = 16384};
        sigaltstack(&other, 0);
        handle(SIGUSR1, recurses, SA_ONSTACK);
    }
    if (!strcmp(what, "wild_handler")) signal(SIGUSR2, (void (*)(int))(zero + 0x123456789000)), raise(SIGUSR2);
    if (!strcmp(what, "handler_nowhere")) signal(SIGUSR2, (void (*)(int))(zero + 0x4141414141414141)), raise(SIGUSR2);
    // The handler of a wild call returns to it.
    if (!strcmp(what, "wild_call_again")) {
        signal(SIGSEGV, ignores_once);
        call_it((void (*)(void))(zero + 0x123456789000));
    }
    if (!strcmp(what, "null_again") || !strcmp(what, "divide_again")) {
        signal(SIGSEGV, send_again);
        signal(SIGFPE, send_again);
        sink = what[0] == 'n' ? read_member((struct node *)zero) : divide(5, (int)zero);
    }
    // What a reporter of crashes does, for each kind of fault: "again_KIND", or "killed_KIND" where it says kill().
    int killed = !strncmp(what, "killed_", 7);
    if (killed || !strncmp(what, "again_", 6)) {
        int numbers[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV};
        for (int i = 0; i < 5; i++) signal(numbers[i], killed ? kill_again : send_again);
        const char *kind = what + (killed ? 7 : 6);
        if (!strcmp(kind, "call_null")) call_it((void (*)(void))zero);
        if (!strcmp(kind, "call_wild")) call_it((void (*)(void))(zero + 0x123456789000));
        if (!strcmp(kind, "trap")) __builtin_trap();
        if (!strcmp(kind, "breakpoint")) __asm__ volatile("int3; nop");
        if (!strcmp(kind, "undefined")) __asm__ volatile(".byte 0x06, 0x06");
        if (!strcmp(kind, "hlt")) __asm__ volatile("hlt");
        if (!strcmp(kind, "misaligned")) __asm__ volatile("movaps 1(%%rsp), %%xmm0" ::: "memory");
        if (!strcmp(kind, "bus")) {
            int file = open("short.bin", O_RDWR | O_CREAT | O_TRUNC, 0600);
            sink = ftruncate(file, 100);
            char *mapped = mmap(0, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            sink = mapped[9000 + zero];
        }
    }
    if (!strcmp(what, "divide_aborts")) {
        signal(SIGFPE, watchdog);
        sink = divide(5, (int)zero);
    }
    if (!strcmp(what, "null_aborts")) {
        signal(SIGSEGV, watchdog);
        sink = read_member((struct node *)zero);
    }
    if (!strcmp(what, "alarm_aborts")) {
        signal(SIGALRM, watchdog);
        alarm(1);
        for (;;) pause();
    }
    if (!strcmp(what, "terminated_again")) {
        signal(SIGQUIT, send_again);
        pthread_kill(pthread_self(), SIGQUIT);
        for (;;) sink++;
    }
    if (!strcmp(what, "raised_while_blocked")) {
        sigset_t one;
        sigemptyset(&one);
        sigaddset(&one, SIGSEGV);
        sigprocmask(SIG_BLOCK, &one, 0);
        raise(SIGSEGV);
        sigprocmask(SIG_UNBLOCK, &one, 0);
    }
    if (!strcmp(what, "of_other_thread")) {
        pthread_create(&thread, 0, sleeper, 0);
        usleep(200000);
        pthread_kill(thread, SIGSEGV);
        for (;;) pause();
    }
    if (!strcmp(what, "file_limit")) {
        struct rlimit limit = {64 << 20, 64 << 20};   // the dump is a file, too
        setrlimit(RLIMIT_FSIZE, &limit);
        int file = open("limited.bin", O_RDWR | O_CREAT | O_TRUNC, 0600);
        char page[4096] = {1};
        sink = (int)pwrite(file, page, sizeof page, 64 << 20);
    }
    if (!strcmp(what, "timer")) {
        timer_t made;
        struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGQUIT};
        struct itimerspec soon = {.it_value = {.tv_nsec = 100000000}};
        timer_create(CLOCK_MONOTONIC, &event, &made);
        timer_settime(made, 0, &soon, 0);
        for (;;) pause();
    }
    if (!strcmp(what, "no_guard")) {
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setguardsize(&attributes, 0);
        char *room = mmap(0, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        munmap(room, 1 << 20);
        char *stack = mmap(room + (1 << 19), 1 << 18, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        pthread_attr_setstack(&attributes, stack, 1 << 18);
        pthread_create(&thread, &attributes, on_small_stack, 0);
        pthread_join(thread, 0);
    }
    if (!strcmp(what, "not_delivered")) {
        signal(SIGSEGV, watchdog);   // on the stack that is used up
        sink = recurse(0);
    }
    puts("still alive");
    return 3;
}
