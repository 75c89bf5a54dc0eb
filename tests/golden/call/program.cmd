# A program's functions are asked for by name.
abiscope call --function '*' case/../../fuzz/corpus/dwarf/c5.o
