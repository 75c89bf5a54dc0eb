# The first instruction that needs more than the first level, and where it is.
abiscope inspect --sweep --only requires fixtures/elf/uses-avx2
