abiscope call 'void f(struct S s)' --from case/../../fuzz/corpus/dwarf/c5.o
