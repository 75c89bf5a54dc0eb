abiscope core fixtures/core/avx512_null.core
