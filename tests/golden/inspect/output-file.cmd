# Into a file.
abiscope inspect --brief --output card fixtures/elf/static
cat card
