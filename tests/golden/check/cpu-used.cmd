# The instructions ask for more than the processor has, and every start meets them.
abiscope check fixtures/elf/uses-avx2 --target debian:12/amd64 --cpu Nehalem
