# The interpreter is not there, which shells report as the program not being there.
abiscope check fixtures/elf/c-program --target alpine:3.20/amd64
