# And the other way round.
abiscope check fixtures/elf/musl-program --target debian:12/amd64
