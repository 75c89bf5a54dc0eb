# Colour when it is asked for, and the links of a terminal only on one.
abiscope inspect --brief --color always fixtures/elf/entry-zero
