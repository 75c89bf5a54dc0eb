abiscope check --help
