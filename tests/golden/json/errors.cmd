# An input that cannot be read is in the document.
abiscope inspect --json --quiet fixtures/absent fixtures/elf/magic-only
