abiscope core fixtures/core/other_address.core
