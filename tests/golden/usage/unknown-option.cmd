abiscope inspect --swep fixtures/elf/static
