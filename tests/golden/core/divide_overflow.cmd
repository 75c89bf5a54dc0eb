abiscope core fixtures/core/divide_overflow.core
