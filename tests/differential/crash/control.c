// Control that goes astray, stacks that end, signals that are sent. The first argument picks the crash.
#define _GNU_SOURCE
#include <alloca.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define KEEP __attribute__((noinline, noclone))

volatile int sink;
volatile long zero;
typedef int (*function)(int);

KEEP int call_it(function f, int x) { return f(x) + 1; }

struct object {
    function first, second;
};
KEEP int call_member(struct object *o) { return o->second(2) + 1; }

extern int nobody_defines_this(void) __attribute__((weak));
KEEP int call_weak(void) { return nobody_defines_this() + 1; }

// A part of the program that is unmapped under it: pages of code, of the stack it runs on, and of data after another call of the kernel.
#define PAGE_OF(address) ((char *)((unsigned long)(address) & ~4095ul))
KEEP int unmaps_itself(void) { return munmap(PAGE_OF(unmaps_itself), 4096) + 1; }
KEEP int unmaps_its_stack(void) {
    volatile char room[16];
    room[0] = 1;
    return munmap(PAGE_OF(room) - 4 * 4096, 16 * 4096) + room[0];
}
KEEP int protects_itself(void) { return mprotect(PAGE_OF(protects_itself), 4096, PROT_READ) + 1; }
char __attribute__((aligned(4096))) three_pages[3 * 4096] = {1};
KEEP int reads_what_is_gone(void) {
    munmap(three_pages + 4096, 4096);
    getppid();
    return ((volatile char *)three_pages)[4096 + 8 + zero];
}

KEEP int recurse(int n) {
    volatile char room[64];
    room[0] = (char)n;
    return recurse(n + 1) + room[0];
}
KEEP int odd(int n);
KEEP int even(int n) {
    volatile char room[100];
    room[0] = (char)n;
    return odd(n + 1) + room[0];
}
KEEP int odd(int n) {
    volatile char room[200];
    room[0] = (char)n;
    return even(n + 1) + room[0];
}
KEEP int big_frame(void) {
    volatile char room[64 << 20];
    room[0] = 1;
    return room[zero];
}
KEEP int big_alloca(long n) {
    volatile char *room = alloca(n);
    room[0] = 1;
    return room[zero];
}

// Which of the two is called next follows no rule that repeats.
static unsigned seed = 1;
KEEP int one_of_two(int n);
KEEP int other_of_two(int n) {
    volatile char room[40];
    room[n & 31] = (char)n;
    seed = seed * 1103515245 + 12345;
    return (seed >> 16 & 1 ? one_of_two(n + 1) : other_of_two(n + 1)) + room[1];
}
KEEP int one_of_two(int n) {
    volatile char room[120];
    room[n & 63] = (char)n;
    seed = seed * 1103515245 + 12345;
    return (seed >> 16 & 1 ? one_of_two(n + 1) : other_of_two(n + 1)) + room[2];
}
KEEP int recurse_widely(int n) {
    volatile char room[100000];
    room[n & 1023] = (char)n;
    return recurse_widely(n + 1) + room[3];
}
static void *wide_recursion(void *p) {
    sink = recurse_widely(0);
    return p;
}
static void recurses(int number) { sink = recurse(number); }
static void *thread_recursion(void *p) {
    sink = recurse(0);
    return p;
}
static void *thread_alloca(void *p) {
    sink = big_alloca(zero + (100 << 20));
    return p;
}
static void *thread_null(void *p) {
    (void)p;
    sink = call_member((struct object *)zero);
    return 0;
}
// When the main thread has ended.
static void *late_null(void *p) {
    usleep(200000);
    return thread_null(p);
}
static void *sleeper(void *p) {
    for (;;) pause();
    return p;
}

// The return address lies behind the saved frame pointer.
KEEP void smash(long value) {
    volatile long *frame = __builtin_frame_address(0);
    frame[1] = value;
}

// It leaves through an address of its own, and changes the register that it was called through.
__attribute__((naked)) void leaves_to_small(void) { __asm__("mov $0x18, %eax; push %rax; ret"); }
KEEP void call_through_rax(void (*f)(void)) { __asm__ volatile("call *%%rax" ::"a"(f) : "memory"); }

// What was called before has left the address where a return would have. The second one calls with a stack that is not aligned.
__attribute__((naked)) void calls_what_was_left(long target) {
    __asm__("push %rax; mov %rdi, %rax; push %rax; push %rax; add $16, %rsp; call *%rax; pop %rax; ret");
}
__attribute__((naked)) void calls_misaligned(long target) {
    __asm__("mov %rdi, %rax; push %rax; push %rax; add $16, %rsp; call *%rax; ret");
}
__attribute__((naked)) void calls_constant(void) { __asm__("mov $0x30, %eax; push %rax; push %rax; add $16, %rsp; call *%rax; ret"); }

static void install_filter(unsigned action) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) exit(9);
}

KEEP void call_kept(function target) { __asm__ volatile("mov %0, %%r12\n\tcall *%%r12" ::"r"(target) : "r12", "memory"); }

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    pthread_t thread;
    if (!strcmp(what, "call_null")) sink = call_it((function)zero, 1);
    if (!strcmp(what, "call_null_member")) {
        struct object o = {0, (function)zero};
        sink = call_member(&o);
    }
    if (!strcmp(what, "call_weak")) sink = call_weak();
    if (!strcmp(what, "call_wild")) sink = call_it((function)(zero + 0x123456789000), 1);
    if (!strcmp(what, "call_noncanonical")) sink = call_it((function)(zero + (long)0xdddddddddddddddd), 1);
    if (!strcmp(what, "call_data")) sink = call_it((function)memset(malloc(64), 0xc3, 64), 1);
    if (!strcmp(what, "call_stack")) {
        char room[64];
        memset(room, 0xc3, sizeof room);
        sink = call_it((function)room, 1);
    }
    if (!strcmp(what, "return_noncanonical")) smash((long)0x4141414141414141);
    if (!strcmp(what, "return_wild")) smash(0x123456789000);
    if (!strcmp(what, "recursion")) sink = recurse(0);
    if (!strcmp(what, "mutual_recursion")) sink = even(0);
    if (!strcmp(what, "irregular_recursion")) sink = one_of_two(0);
    if (!strcmp(what, "coroutine")) {
        static ucontext_t back, own;
        getcontext(&own);
        own.uc_stack.ss_sp = malloc(65536);
        own.uc_stack.ss_size = 65536;
        own.uc_link = &back;
        makecontext(&own, (void (*)(void))recurse, 1, 0);
        swapcontext(&back, &own);
    }
    if (!strcmp(what, "wide_recursion")) {
        pthread_create(&thread, 0, wide_recursion, 0);
        pthread_join(thread, 0);
    }
    // What lies below the alternate stack may be read, as a program's constants below its variables.
    if (!strcmp(what, "signal_stack")) {
        char *room = mmap(0, 68 << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        stack_t alternate = {.ss_sp = room + 4096, .ss_size = 64 << 10};
        struct sigaction action = {.sa_handler = recurses, .sa_flags = SA_ONSTACK};
        mprotect(room, 4096, PROT_READ);
        sigaltstack(&alternate, 0);
        sigaction(SIGUSR1, &action, 0);
        raise(SIGUSR1);
    }
    if (!strcmp(what, "thread_recursion")) {
        pthread_create(&thread, 0, thread_recursion, 0);
        pthread_join(thread, 0);
    }
    if (!strcmp(what, "thread_alloca")) {
        pthread_create(&thread, 0, thread_alloca, 0);
        pthread_join(thread, 0);
    }
    if (!strcmp(what, "main_gone")) {
        pthread_create(&thread, 0, late_null, 0);
        pthread_exit(0);
    }
    if (!strcmp(what, "thread_null")) {
        pthread_create(&thread, 0, sleeper, 0);
        pthread_create(&thread, 0, thread_null, 0);
        pthread_join(thread, 0);
    }
    if (!strcmp(what, "big_frame")) sink = big_frame();
    if (!strcmp(what, "big_alloca")) sink = big_alloca(zero + (100 << 20));
    if (!strcmp(what, "abort")) abort();
    if (!strcmp(what, "raise_segv")) raise(SIGSEGV);
    if (!strcmp(what, "kill_abort")) kill(getpid(), SIGABRT);
    if (!strcmp(what, "raise_abort")) raise(SIGABRT);
    if (!strcmp(what, "queue_abort")) sigqueue(getpid(), SIGABRT, (union sigval){.sival_int = 5});
    if (!strcmp(what, "thread_abort")) pthread_kill(pthread_self(), SIGABRT);
    if (!strcmp(what, "abort_of_other")) {
        pthread_create(&thread, 0, sleeper, 0);
        usleep(200000);
        pthread_kill(thread, SIGABRT);
        for (;;) pause();
    }
    if (!strcmp(what, "tgkill_abort")) syscall(SYS_tgkill, getpid(), getpid(), SIGABRT);
    if (!strcmp(what, "jump_to_nowhere")) {
        static jmp_buf place;
        longjmp(place, 1);
    }
    if (!strcmp(what, "jump_overwritten")) {
        static struct {
            char name[8];
            jmp_buf place;
        } kept;
        if (setjmp(kept.place) == 0) {
            memset(kept.name, 'J', 8 + 64);
            longjmp(kept.place, 1);
        }
    }
    // Mixed as glibc does it, to an address that could be one.
    if (!strcmp(what, "jump_to_unmapped")) {
        static jmp_buf place;
        if (setjmp(place) == 0) {
            __asm__ volatile("mov $0x123456789000, %%rax; xor %%fs:0x30, %%rax; rol $17, %%rax; mov %%rax, %0" : "=m"(((long *)place)[7])::"rax");
            longjmp(place, 1);
        }
    }
    // A wild call whose first argument is a good jmp_buf.
    if (!strcmp(what, "call_with_buffer")) {
        static jmp_buf place;
        if (setjmp(place) == 0) ((void (*)(long *))(zero + 0x123456789000))((long *)place);
    }
    if (!strcmp(what, "unmap_code")) sink = unmaps_itself();
    if (!strcmp(what, "protect_code")) sink = protects_itself();
    if (!strcmp(what, "unmap_stack")) sink = unmaps_its_stack();
    if (!strcmp(what, "unmap_data")) sink = reads_what_is_gone();
    if (!strcmp(what, "call_small")) sink = call_it((function)(zero + 0x30), 1);
    if (!strcmp(what, "return_small")) call_through_rax(leaves_to_small);
    if (!strcmp(what, "call_left")) calls_what_was_left(zero + 0x30);
    if (!strcmp(what, "call_left_misaligned")) calls_misaligned(zero + 0x30);
    if (!strcmp(what, "call_left_constant")) calls_constant();
    if (!strcmp(what, "call_kept")) call_kept((function)(zero + 0x123456789000));
    if (!strcmp(what, "light_guard")) {
        // As glibc 2.42 makes the stack of a thread: one mapping, whose lowest page is a guard.
        pthread_attr_t attributes;
        char *room = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (madvise(room, 4096, 102) != 0) return 9;
        pthread_attr_init(&attributes);
        pthread_attr_setstack(&attributes, room, 1 << 20);
        pthread_create(&thread, &attributes, thread_recursion, 0);
        pthread_join(thread, 0);
    }
    if (!strcmp(what, "kill_self")) kill(getpid(), SIGSEGV);
    if (!strcmp(what, "wait")) {
        puts("ready");
        fflush(stdout);
        for (;;) pause();
    }
    if (!strcmp(what, "seccomp_trap")) install_filter(SECCOMP_RET_TRAP | 77), sink = (int)syscall(SYS_getppid);
    if (!strcmp(what, "seccomp_kill")) install_filter(SECCOMP_RET_KILL_PROCESS), sink = (int)syscall(SYS_getppid);
    if (!strcmp(what, "truncated_file")) {
        int file = open(argv[2], O_RDWR | O_CREAT | O_TRUNC, 0600);
        if (ftruncate(file, 16384) != 0) return 9;
        volatile char *p = mmap(0, 16384, PROT_READ, MAP_SHARED, file, 0);
        sink = p[12288];
        if (ftruncate(file, 100) != 0) return 9;
        sink = p[8192 + 5];
    }
    puts("still alive");
    return 3;
}
