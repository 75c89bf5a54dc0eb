# Apple's arm64: its own ABI and the usual others. A name without its namespace is enough.
abiscope layout case/../../fuzz/corpus/dwarf/macho.o --no-rules
abiscope layout case/../../fuzz/corpus/dwarf/coff.o --no-rules --abi sysv-amd64
abiscope layout case/../../fuzz/corpus/dwarf/cxx5.o --type Base --json --abi sysv-i386
