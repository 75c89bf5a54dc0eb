abiscope core fixtures/core/killed.core
