// Code whose lines are looked up. The first argument picks a crash.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
    long key;
    struct node *next;
    int values[4];
};

static inline __attribute__((always_inline)) int value_of(const struct node *node, int at) { return node->values[at]; }

static inline __attribute__((always_inline)) int sum_of(const struct node *node) {
    int sum = 0;
    for (int i = 0; i < 4; ++i) sum += value_of(node, i);
    return sum;
}

static int twice(int x) { return x < 0 ? -x : x * 2; }

__attribute__((noinline)) int walk(const struct node *node, int depth) {
    int total = 0;
    if (depth > 3)
        return sum_of(node);
    total += twice(depth);
    total += walk(node, depth + 1);
    return total;
}

__attribute__((noinline, cold)) static void unlikely(const char *word) {
    fprintf(stderr, "%s\n", word);
    abort();
}

__attribute__((noinline)) long loops(const char *text, int n) {
    long hash = 5381;
    for (int i = 0; i < n; ++i) for (const char *c = text; *c; ++c) hash = hash * 33 + (*c & 0x7f);
    switch (n) {
    case 1: hash ^= 3; break;
    case 2: hash ^= 5; break;
    case 3: hash += twice((int)hash); break;
    default: hash = ~hash;
    }
    return hash;
}

#define CHECK(what) do { if (!(what)) unlikely(#what); } while (0)

int main(int count, char **words) {
    const char *name = count > 1 ? words[1] : "";
    struct node node = {1, NULL, {1, 2, 3, 4}};
    printf("%d %ld\n", walk(&node, 0), loops(name, count));
    if (!strcmp(name, "null")) return walk(node.next, 0);
    CHECK(strcmp(name, "abort"));
    return 0;
}
