# A stripped Go program without sections and build information: version, counts, packages and where its tables lie.
abiscope go fixtures/elf/go-tables
