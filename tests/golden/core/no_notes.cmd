abiscope core fixtures/core/no_notes.core
