abiscope core fixtures/core/null_field_truncated.core
