# What is not simulated is not answered.
abiscope check fixtures/macho/program --target macos:14/arm64
