# Module data of no known layout; a type descriptor that is none.
abiscope go fixtures/elf/go-tables-unknown && abiscope go --types fixtures/elf/go-tables-bad-type
