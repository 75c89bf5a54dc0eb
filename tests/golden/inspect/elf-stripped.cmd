# Without symbols the entry has no name.
abiscope inspect --only entry fixtures/elf/stripped
