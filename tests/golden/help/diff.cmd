abiscope diff --help
