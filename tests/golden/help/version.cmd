abiscope --version
