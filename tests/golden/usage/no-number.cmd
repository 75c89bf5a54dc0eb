abiscope check --page-size large fixtures/elf/static
