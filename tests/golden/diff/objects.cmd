# Object files: global symbols.
abiscope diff case/../../fuzz/corpus/dwarf/cxx5.o case/../../fuzz/corpus/dwarf/cxx5.o
