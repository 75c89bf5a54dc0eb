# Refused by the kernel, unless a handler is registered.
abiscope check fixtures/elf/static-arm64 --target debian:12/amd64
