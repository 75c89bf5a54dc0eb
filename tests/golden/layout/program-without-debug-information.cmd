abiscope layout fixtures/elf/stripped
