# Three programs on three systems.
abiscope check --no-fixes fixtures/elf/c-program fixtures/elf/go-program fixtures/pe/console.exe --target debian:10/amd64 --target debian:12/amd64 --target alpine:3.20/amd64
