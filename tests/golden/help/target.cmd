abiscope target --help
