# Code of another processor is decoded too.
abiscope inspect fixtures/elf/static-arm64
