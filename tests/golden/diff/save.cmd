# A baseline of what has no types says so.
abiscope diff --save saved.abi fixtures/elf/stripped
