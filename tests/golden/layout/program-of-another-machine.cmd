# There is no profile of big-endian arm64: what is recorded is shown alone, and what --abi names.
abiscope layout case/../../fuzz/corpus/dwarf/big-endian.o
abiscope layout case/../../fuzz/corpus/dwarf/big-endian.o --abi sysv-amd64 --summary
