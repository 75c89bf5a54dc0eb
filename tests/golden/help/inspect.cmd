abiscope inspect --help
