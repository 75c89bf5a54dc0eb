# A target that does not exist is wrong usage.
abiscope check fixtures/elf/static --target debain:12
