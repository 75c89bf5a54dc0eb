# Why a struct that could be smaller keeps its order.
cat > a.c <<'END'
#define COMMON char kind; long size
struct by_macro { COMMON; char last; };
struct by_position { char a; long b; char c; };
struct by_position p = {1, 2, 3};
struct zeroed { char a; long b; char c; };
struct zeroed z = {0}, named = {.b = 1};
struct conditional {
    char a;
#ifdef BIG
    long big;
#endif
    long b;
    char c;
};
struct parted {
    char *p, a;
    long b;
    char c, *d;
};
END
abiscope layout --fix a.c --abi sysv-amd64
