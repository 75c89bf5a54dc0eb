abiscope check fixtures/elf/static --target debian:12/amd64 --cpu pentium
