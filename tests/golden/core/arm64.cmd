abiscope core fixtures/core/arm64.core
