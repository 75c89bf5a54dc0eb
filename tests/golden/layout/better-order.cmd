# Never where the order is fixed: packed, bit-fields, a flexible tail.
abiscope layout --abi sysv-amd64 --no-rules -e 'struct A { char a; long b; char c; }; struct __attribute__((packed)) B { char a; long b; char c; };
struct C { char a; long b; char c : 3; }; struct D { char a; long b; char c; int d[]; };'
