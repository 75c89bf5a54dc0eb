/* What C can put in a struct, each in its simplest form. Compiled by every compiler of dwarf_types.py. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plain { char a; short b; int c; long d; long long e; float f; double g; long double h; bool i; };
struct fixed { int8_t a; uint16_t b; int32_t c; uint64_t d; size_t e; ptrdiff_t f; uintptr_t g; };
struct bits { unsigned a : 3; int b : 5; unsigned c : 24; unsigned char d : 1; int : 0; int e : 2; int : 3; unsigned long long f : 33; bool g : 1; };
struct bits_after { char a; int b : 20; char c; short d : 9; long long e : 40; };
struct __attribute__((packed)) packed { char a; int b; short c; long long d; };
struct __attribute__((packed)) packed_bits { char a; int b : 17; int c : 15; char d; };
#pragma pack(push, 2)
struct pack_two { char a; int b; char c; long long d; };
#pragma pack(pop)
#pragma pack(push, 4)
struct pack_four { char a; double b; char c; };
#pragma pack(pop)
struct aligned_member { char a; int b __attribute__((aligned(16))); char c; };
struct __attribute__((aligned(32))) aligned_type { char a; };
typedef int aligned_int __attribute__((aligned(8)));
struct aligned_typedef { char a; aligned_int b; };
typedef struct { int x, y; } point;
typedef union { int i; float f; char bytes[12]; } anything;
struct nested { point p; struct { int a; union { int b; char c[4]; }; } inner; anything u; struct plain q; };
struct anonymous { int kind; union { struct { short lo, hi; }; int whole; }; };
struct arrays { char text[13]; int grid[3][5]; point points[2]; char none[0]; };
struct big_array { char page[256]; short words[65536]; };
struct flexible { long n; char c; char data[]; };
struct node { struct node *next, *previous; void *any; const char *name; volatile int seen; struct hidden *hidden; };
struct functions { int (*call)(int, const char *, ...); void (*none)(void); struct node *(*find)(struct node *, int); };
enum color { red, green, blue = 70000 };
enum negative { minus = -5, plus = 5 };
enum __attribute__((packed)) tiny { one, two };
struct enums { enum color c; enum negative n; enum tiny t; enum color b : 4; };
struct complex { float _Complex a; double _Complex b; };
typedef int vector4 __attribute__((vector_size(16)));
struct vectors { vector4 a; char b; };
union mixed { char a; long long b; struct { char c[3]; } d; };
struct empty {};
struct qualified { const int a; int *const b; int *restrict c; const volatile char d[4]; };
#ifdef __SIZEOF_INT128__
struct wide { __int128 a; unsigned __int128 b; };
#else
struct wide { long long a; };
#endif
#if defined(__clang__)
struct bit_ints { _BitInt(7) a; unsigned _BitInt(40) b; _BitInt(65) c; };
struct atomics { _Atomic int a; _Atomic(long long) b; };
#else
struct bit_ints { int a; };
struct atomics { _Atomic int a; _Atomic long long b; };
#endif

#define KEEP(type, name) type keep_##name
KEEP(struct plain, plain); KEEP(struct fixed, fixed); KEEP(struct bits, bits); KEEP(struct bits_after, bits_after);
KEEP(struct packed, packed); KEEP(struct packed_bits, packed_bits); KEEP(struct pack_two, pack_two); KEEP(struct pack_four, pack_four);
KEEP(struct aligned_member, aligned_member); KEEP(struct aligned_type, aligned_type); KEEP(struct aligned_typedef, aligned_typedef);
KEEP(struct nested, nested); KEEP(struct anonymous, anonymous); KEEP(struct arrays, arrays); KEEP(struct big_array, big_array);
KEEP(struct flexible *, flexible); KEEP(struct node, node); KEEP(struct functions, functions); KEEP(struct enums, enums);
KEEP(struct complex, complex); KEEP(struct vectors, vectors); KEEP(union mixed, mixed); KEEP(struct empty, empty);
KEEP(struct qualified *, qualified); KEEP(struct wide, wide); KEEP(struct bit_ints, bit_ints); KEEP(struct atomics, atomics);

int add(struct plain p, point q, const char *text, ...) { return p.c + q.x + text[0]; }
static int hidden_function(int a, double b) { return a + (int)b; }
int unprototyped() { return hidden_function(1, 2); }
int main(void) { return add(keep_plain, keep_nested.p, "a") + unprototyped(); }
