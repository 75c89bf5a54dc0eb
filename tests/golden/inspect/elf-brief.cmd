# The card in a hurry.
abiscope inspect --brief fixtures/elf/c-program fixtures/elf/go-program --separate
