# Go without cgo: build information, static.
abiscope inspect fixtures/elf/go-program
