abiscope core
