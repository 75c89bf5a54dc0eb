# What gcc makes: versions, the symbols that ask for them, the glibc they add up to.
abiscope inspect fixtures/elf/c-program
