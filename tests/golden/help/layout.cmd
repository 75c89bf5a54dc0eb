abiscope layout --help
