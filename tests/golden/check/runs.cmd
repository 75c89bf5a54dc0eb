# Yes is short.
abiscope check fixtures/elf/go-cgo-program fixtures/elf/go-program --target debian:12/amd64
