abiscope core fixtures/core/no_siginfo.core
