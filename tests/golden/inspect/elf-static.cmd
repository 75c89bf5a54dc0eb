# A static program: no interpreter, nothing for a loader.
abiscope inspect fixtures/elf/static
