# clang's C++ for Linux on x86-64: what the file records first, then what Microsoft's ABI makes of it.
abiscope layout case/../../fuzz/corpus/dwarf/cxx5.o --abi win64-msvc
