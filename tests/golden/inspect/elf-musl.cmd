# Started by musl: no versions.
abiscope inspect fixtures/elf/musl-program
