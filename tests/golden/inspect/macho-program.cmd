# A program for macOS.
abiscope inspect fixtures/macho/program
