# A table of functions that no module data points at: the answer is not no.
abiscope go fixtures/elf/go-tables-alone
