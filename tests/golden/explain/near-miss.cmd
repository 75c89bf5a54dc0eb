# A name that is nearly right.
abiscope explain ELF-ENTRY-ZER0
