abiscope core --json fixtures/core/null_field.core
