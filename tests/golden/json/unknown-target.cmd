abiscope check --json --quiet fixtures/elf/static --target debain:12
