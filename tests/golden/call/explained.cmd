# A packed struct that is not aligned travels in memory, one that happens to be aligned does not.
abiscope call 'void f(struct A a, struct B b, long double c)' --abi sysv-amd64 --explain --frame -e 'struct __attribute__((packed)) A { char c; int i; }; struct __attribute__((packed)) B { int i; char c; };'
