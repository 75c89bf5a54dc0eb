# The calls at an address, innermost first, and an address in no function.
abiscope go --at 0x401014 --at 0x401000 --at 0x10 fixtures/elf/go-tables
