abiscope explain --json ELF-ENTRY-ZERO
