# A function that ends before the entry is a landmark, not its name.
abiscope inspect --only entry fixtures/elf/entry-after-function
