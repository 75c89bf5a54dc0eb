# A release that data/go does not describe; and one nothing but the tables tells.
abiscope go fixtures/elf/go-tables-newer fixtures/elf/go-tables-no-version
