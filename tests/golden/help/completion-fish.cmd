abiscope completion fish
