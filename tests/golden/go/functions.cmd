# Every function with its lines; of those asked for by name, what was inlined into them.
abiscope go --functions fixtures/elf/go-tables && abiscope go --function 'main.*' fixtures/elf/go-tables
