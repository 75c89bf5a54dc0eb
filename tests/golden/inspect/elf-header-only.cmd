# Nothing but the header: what kind of program it was cannot be told.
abiscope inspect fixtures/elf/header-only
