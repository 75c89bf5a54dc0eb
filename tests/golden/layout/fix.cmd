# A patch that `patch -p0` takes: members move with their comments, declarations of several members as one.
cat > shapes.h <<'END'
#include <stdint.h>

struct point {   // on the screen
    char tag;    // what it is
                 // and why
    /* how much of it */
    double weight;

    int16_t x, y;
    void *next;  /* in
                    the list */
};

struct small { char a; short b; };

struct outer {
    char first;
    struct inner {
        char flag;
        long count;
    } in;
    char last;
};
END
abiscope layout --fix shapes.h --abi sysv-amd64 | tee fix.patch
patch -p0 --quiet < fix.patch
abiscope layout --fix shapes.h --abi sysv-amd64
