# Cut off inside the header: an error, not a card.
abiscope inspect fixtures/elf/magic-only
