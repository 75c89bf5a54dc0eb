abiscope inspect --json fixtures/elf/c-program
