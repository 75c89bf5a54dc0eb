# Of a folder the catalogue knows nothing of, nothing is said.
abiscope check fixtures/elf/greeter --target debian:12/amd64
