# Go with cgo: bound to the glibc it was linked with.
abiscope inspect fixtures/elf/go-cgo-program
