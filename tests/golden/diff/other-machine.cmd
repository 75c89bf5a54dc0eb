# Machines and formats differ: that is said, and nothing else.
abiscope diff case/../../fuzz/corpus/dwarf/coff.o case/sources/old.abi
