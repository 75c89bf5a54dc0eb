# No section headers and 32 bits.
abiscope inspect fixtures/elf/c-program-i386
