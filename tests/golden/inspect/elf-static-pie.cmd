# A static program that relocates itself.
abiscope inspect fixtures/elf/static-pie
