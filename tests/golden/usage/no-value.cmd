abiscope check fixtures/elf/static --target
