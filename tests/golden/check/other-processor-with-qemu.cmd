# With the handler.
abiscope check fixtures/elf/static-arm64 --target debian:12/amd64 --binfmt qemu-aarch64
