# An offset stands where an address should.
abiscope inspect --only entry fixtures/elf/entry-as-offset
