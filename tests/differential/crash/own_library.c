// What own_loader.c loads: every way in which a library refers to itself by address.
static int one(int x) { return x + 1; }
static int two(int x) { return x * 2; }
typedef int (*function)(int);
function volatile functions[] = {one, two, one};
static int numbers[] = {1, 2, 3};
static int *volatile pointers[] = {numbers, numbers + 1, numbers + 2};

int exported(int x) { return x + 3; }
int by_plt(long i) { return exported((int)i) + 1; }
int by_table(long i) { return functions[i](2) + 1; }
int by_pointer(long i) { return *pointers[i] + 1; }
int null_by_hand(long i) {
    pointers[i] = 0;
    return by_pointer(i) + 1;
}
