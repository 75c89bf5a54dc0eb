# A shared library defines versions and has no entry.
abiscope inspect fixtures/elf/libgreet.so.1
