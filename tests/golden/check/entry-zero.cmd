# Past the point of no return there is a signal and no word.
abiscope check fixtures/elf/entry-zero --target debian:12/amd64
