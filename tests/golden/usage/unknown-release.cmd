abiscope check fixtures/elf/static --target debian:99/amd64
