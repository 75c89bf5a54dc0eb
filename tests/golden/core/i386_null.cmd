abiscope core fixtures/core/i386_null.core
