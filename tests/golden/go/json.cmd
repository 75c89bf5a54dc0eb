# The same for programs.
abiscope go --json --functions --function 'main.*' --types --packages --at 0x401014 fixtures/elf/go-tables
