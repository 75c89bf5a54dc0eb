abiscope inspect --only entry,sections fixtures/elf/static
