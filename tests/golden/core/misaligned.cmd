abiscope core fixtures/core/misaligned.core
