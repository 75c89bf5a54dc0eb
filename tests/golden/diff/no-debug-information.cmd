# Symbols are compared; of the rest nothing can be said.
abiscope diff fixtures/elf/stripped fixtures/elf/static
