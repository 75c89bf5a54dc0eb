abiscope inspect --output absent/card fixtures/elf/static
