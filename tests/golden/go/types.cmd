# Types with the offsets and tags of their fields; one by its name; strings that the data points at.
abiscope go --types --strings fixtures/elf/go-tables && abiscope go --type 'main.Number' fixtures/elf/go-tables
