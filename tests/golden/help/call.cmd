abiscope call --help
