abiscope --help
