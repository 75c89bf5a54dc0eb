# Names stay as the file has them.
abiscope inspect --json fixtures/elf/cplusplus-program | grep _ZN
