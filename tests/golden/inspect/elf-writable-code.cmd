# A segment that is writable and executable.
abiscope inspect --only hardening fixtures/elf/writable-code
