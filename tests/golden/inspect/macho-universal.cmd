# Two slices, beside each other.
abiscope inspect fixtures/macho/universal
