# A core dump is no program.
abiscope inspect fixtures/elf/core
