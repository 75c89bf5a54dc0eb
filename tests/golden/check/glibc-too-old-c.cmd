# The same for a C program of two libraries.
abiscope check fixtures/elf/c-program --target debian:10/amd64
