abiscope core fixtures/core/not_dumped.core
