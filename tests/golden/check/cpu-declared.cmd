# A note asks for more than the processor has.
abiscope check fixtures/elf/needs-v3 --target debian:12/amd64 --cpu Nehalem
