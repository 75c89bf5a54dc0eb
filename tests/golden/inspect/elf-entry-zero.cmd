# Entry 0.
abiscope inspect --only entry fixtures/elf/entry-zero
