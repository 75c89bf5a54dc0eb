# The versions that are missing, who asks for them, the loader's own lines, and what cures it.
abiscope check fixtures/elf/go-cgo-program --target debian:10/amd64
