# What clang records of calling conventions; of those nobody here models the answer is "cannot tell".
abiscope call --function '*' case/../../fuzz/corpus/dwarf/conventions.o --abi sysv-amd64,aapcs64
