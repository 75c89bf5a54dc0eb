# An entry in no segment.
abiscope inspect --only entry fixtures/elf/entry-outside
