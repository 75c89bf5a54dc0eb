abiscope man
