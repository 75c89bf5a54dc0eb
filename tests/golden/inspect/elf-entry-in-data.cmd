# An entry where nothing may be executed.
abiscope inspect --only entry fixtures/elf/entry-in-data
