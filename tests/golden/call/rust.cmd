# Rust records of no function whether it is extern "C": told on that condition, unless the program shows that it does not hold.
abiscope call --function '*' case/../../fuzz/corpus/dwarf/rust-calls.o --abi sysv-amd64/clang-19,win64-msvc
