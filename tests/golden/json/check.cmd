abiscope check --json fixtures/elf/go-cgo-program --target debian:10/amd64
