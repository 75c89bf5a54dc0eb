abiscope core fixtures/core/null_field.core
