# Of this processor only the least it can have is known.
abiscope check fixtures/elf/uses-avx2 --target debian:12/amd64
