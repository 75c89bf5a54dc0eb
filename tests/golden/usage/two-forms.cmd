abiscope inspect --json --jsonl fixtures/elf/static
