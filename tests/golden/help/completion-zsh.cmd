abiscope completion zsh
