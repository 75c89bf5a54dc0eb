/* A program to watch while it runs: each mode is one thing that a watcher must leave alone. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile sig_atomic_t count;
static void jump(int signal) { (void)signal; siglongjmp(back, 1); }
static void reset(int number) { signal(number, SIG_DFL); }
static void counted(int number, siginfo_t *info, void *context) {
    (void)context;
    dprintf(1, "got %d from %d\n", number, (int)info->si_pid);
    ++count;
}
static void handle(int number, void (*handler)(int)) { signal(number, handler); }
static void *work(void *argument) { return argument; }
static void *spin(void *argument) { for (;;) pause(); return argument; }
static int *volatile null;

/* Dies alone. */
static void *forbidden(void *argument) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
    syscall(SYS_getppid);
    return argument;
}

static int refuse_ptrace(char **words) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) return 99;
    execvp(words[0], words);
    return 98;
}

int main(int argc, char **argv) {
    const char *mode = argc > 1 ? argv[1] : "";
    int number = argc > 2 ? atoi(argv[2]) : 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!strcmp(mode, "exit")) return number;
    if (!strcmp(mode, "kill")) return kill(getpid(), number), pause(), 0;
    if (!strcmp(mode, "copy")) {
        char block[65536];
        ssize_t got;
        while ((got = read(0, block, sizeof block)) > 0)
            for (ssize_t done = 0; done < got;) done += write(1, block + done, got - done);
        return 0;
    }
    if (!strcmp(mode, "words")) {
        for (int i = 2; i < argc; ++i) printf("%s\n", argv[i]);
        return 0;
    }
    if (!strcmp(mode, "recover")) {
        handle(SIGSEGV, jump);
        for (int i = 0; i < number; ++i)
            if (sigsetjmp(back, 1) == 0) *null = 1;
        printf("recovered\n");
        return 7;
    }
    if (!strcmp(mode, "recover-abort")) {
        handle(SIGSEGV, jump);
        if (sigsetjmp(back, 1) == 0) *null = 1;
        abort();
    }
    if (!strcmp(mode, "reset")) {
        handle(SIGSEGV, reset);
        *null = 1;
    }
    if (!strcmp(mode, "blocked")) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
        *null = 1;
    }
    if (!strcmp(mode, "ignored")) {
        signal(SIGSEGV, SIG_IGN);
        *null = 1;
    }
    if (!strcmp(mode, "threads")) {
        long sum = 0;
        for (int round = 0; round < number; ++round) {
            pthread_t threads[16];
            for (long i = 0; i < 16; ++i) pthread_create(&threads[i], NULL, work, (void *)i);
            for (int i = 0; i < 16; ++i) {
                void *result;
                pthread_join(threads[i], &result);
                sum += (long)result;
            }
        }
        printf("%ld\n", sum);
        return 0;
    }
    if (!strcmp(mode, "threads-crash") || !strcmp(mode, "leader-gone")) {
        pthread_t thread;
        for (int i = 0; i < number; ++i) pthread_create(&thread, NULL, spin, NULL);
        *null = 1;
    }
    if (!strcmp(mode, "thread-killed")) {
        pthread_t thread;
        pthread_create(&thread, NULL, forbidden, NULL);
        pthread_join(thread, NULL);
        printf("went on\n");
        if (number) *null = 1;
        return 8;
    }
    if (!strcmp(mode, "processes")) {
        for (int i = 0; i < number; ++i) {
            pid_t child = fork();
            if (child == 0) _exit(0);
            waitpid(child, NULL, 0);
        }
        return 0;
    }
    if (!strcmp(mode, "child-crash")) {
        if (fork() == 0) *null = 1;
        int status;
        wait(&status);
        return WTERMSIG(status) == SIGSEGV ? 5 : 6;
    }
    if (!strcmp(mode, "memory")) {
        size_t size = (size_t)number << 20;
        char *block = malloc(size);
        memset(block, 0x5a, size);
        *null = block[size / 2];
    }
    if (!strcmp(mode, "count")) {
        struct sigaction action = {.sa_sigaction = counted, .sa_flags = SA_SIGINFO | SA_RESTART};
        sigaction(SIGUSR1, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        sigaction(SIGCONT, &action, NULL);
        printf("ready %d\n", (int)getpid());
        while (count < number) pause();
        printf("counted\n");
        return 0;
    }
    if (!strcmp(mode, "stop")) {
        // Started by somebody who is told that it is ready by its stop, and continues it.
        pid_t child = fork();
        if (child == 0) {
            char path[64], stat[512] = "";
            snprintf(path, sizeof path, "/proc/%d/stat", (int)getppid());
            do {
                usleep(10000);
                int file = open(path, O_RDONLY);
                ssize_t size = read(file, stat, sizeof stat - 1);
                stat[size > 0 ? size : 0] = 0;
                close(file);
            } while (!strstr(stat, ") T") && !strstr(stat, ") t"));
            usleep(100000);
            kill(getppid(), SIGCONT);
            _exit(0);
        }
        raise(SIGSTOP);
        waitpid(child, NULL, 0);
        printf("went on\n");
        return 5;
    }
    if (!strcmp(mode, "wait")) {
        printf("ready %d\n", (int)getpid());
        for (;;) pause();
    }
    if (!strcmp(mode, "environment")) {
        printf("%d %s\n", signal(SIGPIPE, SIG_DFL) == SIG_IGN, getenv("MARK") ? getenv("MARK") : "-");
        sigset_t mask;
        sigprocmask(SIG_BLOCK, NULL, &mask);
        for (int i = 1; i < 32; ++i)
            if (sigismember(&mask, i) == 1) printf("blocked %d\n", i);
        for (int i = 0; i < 64; ++i)
            if (lseek(i, 0, SEEK_CUR) >= 0 || errno != EBADF) printf("open %d\n", i);
        return 0;
    }
    if (!strcmp(mode, "no-ptrace")) return refuse_ptrace(argv + 2);
    return 97;
}
