# No compiler records a bit-field without a name: where its type decides, nobody can tell.
abiscope layout case/../../fuzz/corpus/dwarf/unnamed.o --abi win64-msvc,apple-arm64 --no-rules
