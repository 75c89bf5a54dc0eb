# The others are answered.
abiscope check fixtures/absent fixtures/elf/static --target debian:12/amd64
