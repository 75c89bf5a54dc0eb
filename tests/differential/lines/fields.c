// Null pointers whose variable and member debug information knows. The first argument picks the crash.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct header {
    long length;
    char name[16];
};

struct request {
    long id;
    struct header *first;
    struct header inner;
    union {
        long number;
        double real;
    };
    struct {
        int low, high;
    } range;
    int counts[4];
    unsigned mode : 3, level : 5;
    struct request *next;
};

struct request *volatile current;
struct header *volatile *volatile place;

__attribute__((noinline)) long parameter(struct request *request) { return request->id + 1; }
__attribute__((noinline)) long nested(struct request *request) { return request->inner.length * 3; }
__attribute__((noinline)) int array(struct request *request) { return request->counts[2] + 1; }
__attribute__((noinline)) int anonymous_struct(struct request *request) { return request->range.high + 1; }
__attribute__((noinline)) long union_member(struct request *request) { return request->number + 1; }
__attribute__((noinline)) void store(struct request *request) { request->range.low = 5; }
__attribute__((noinline)) long chain(struct request *request) { return request->first->length + 1; }
__attribute__((noinline)) long longer_chain(struct request *request) { return request->next->first->length + 1; }
__attribute__((noinline)) long global(void) { return current->inner.length + 1; }
__attribute__((noinline)) int scalar(int *numbers) { return *numbers + 1; }
__attribute__((noinline)) long untyped(void *memory) { return *(long *)((char *)memory + 0x18); }
__attribute__((noinline)) int indexed(int *numbers, long at) { return numbers[at] + 1; }
__attribute__((noinline)) long local(long which) {
    struct request *found = which > 100 ? current : (struct request *)getenv("abiscope_never_set");
    return found->inner.length + which;
}
__attribute__((noinline)) long wild(struct request *request) { return request->inner.length + 1; }
__attribute__((noinline)) unsigned bits(struct request *request) { return request->level + 1u; }
static inline __attribute__((always_inline)) long inner_of(struct request *given) { return given->inner.length; }
__attribute__((noinline)) long inlined(struct request *outer) { return inner_of(outer) + 1; }

int main(int count, char **words) {
    const char *name = count > 1 ? words[1] : "";
    struct request *nothing = (struct request *)getenv("abiscope_never_set");
    struct request empty;
    struct request linked;
    memset(&empty, 0, sizeof empty);
    memset(&linked, 0, sizeof linked);
    linked.next = &empty;
    long out = 0;
#define CASE(what, call) if (!strcmp(name, #what)) out += (long)(call)
    CASE(parameter, parameter(nothing));
    CASE(nested, nested(nothing));
    CASE(array, array(nothing));
    CASE(anonymous_struct, anonymous_struct(nothing));
    CASE(union_member, union_member(nothing));
    CASE(store, (store(nothing), 0));
    CASE(chain, chain(&empty));
    CASE(longer_chain, longer_chain(&linked));
    CASE(global, global());
    CASE(scalar, scalar((int *)nothing));
    CASE(untyped, untyped(nothing));
    CASE(indexed, indexed((int *)nothing, count + 1000000));
    CASE(local, local(count));
    CASE(wild, wild((struct request *)0x123456789000));
    CASE(bits, bits(nothing));
    CASE(inlined, inlined(nothing));
    printf("%ld\n", out);
    return 0;
}
