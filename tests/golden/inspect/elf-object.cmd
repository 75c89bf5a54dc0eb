# Not linked yet.
abiscope inspect fixtures/elf/object.o
