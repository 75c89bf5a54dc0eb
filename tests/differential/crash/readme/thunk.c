#include <stdio.h>
#include <xmmintrin.h>

struct matrix { __m128 row[4]; };

__attribute__((noinline)) float trace(const struct matrix* m) {
    struct matrix copy = *m;
    __asm__ volatile("" : "+m"(copy));
    return copy.row[0][0] + copy.row[1][1] + copy.row[2][2] + copy.row[3][3];
}

/* A thunk as a just-in-time compiler would write it: it keeps a register, and forgets that the stack has to stay a multiple of 16. */
__asm__(".globl thunk\n"
        ".type thunk, @function\n"
        "thunk:\n"
        ".cfi_startproc\n"
        "    push %rbx\n"
        ".cfi_def_cfa_offset 16\n"
        "    push %r12\n"
        ".cfi_def_cfa_offset 24\n"
        "    call trace\n"
        "    pop %r12\n"
        ".cfi_def_cfa_offset 16\n"
        "    pop %rbx\n"
        ".cfi_def_cfa_offset 8\n"
        "    ret\n"
        ".cfi_endproc\n"
        ".size thunk, . - thunk\n");
float thunk(const struct matrix* m);

int main(void) {
    struct matrix m = {{{1}, {0, 1}, {0, 0, 1}, {0, 0, 0, 1}}};
    printf("%f\n", (double) thunk(&m));
    return 0;
}
