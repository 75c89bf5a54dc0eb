abiscope target
