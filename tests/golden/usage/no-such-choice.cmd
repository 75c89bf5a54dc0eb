abiscope inspect --color sometimes fixtures/elf/static
