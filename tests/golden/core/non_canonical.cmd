abiscope core fixtures/core/non_canonical.core
