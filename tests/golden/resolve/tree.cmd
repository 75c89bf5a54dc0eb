# Who asks for what, and how it was found.
abiscope resolve fixtures/elf/c-program --target debian:12/amd64
