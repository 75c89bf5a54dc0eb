# C++ names are shown as they were written.
abiscope inspect --only entry,requires fixtures/elf/cplusplus-program
