# There is no profile of big-endian arm64.
abiscope layout case/../../fuzz/corpus/dwarf/big-endian.o
