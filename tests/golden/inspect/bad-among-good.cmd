# The others are answered, and the exit code says that one was not.
abiscope inspect --brief fixtures/elf/static fixtures/absent . fixtures/elf/static-pie fixtures/elf/magic-only
