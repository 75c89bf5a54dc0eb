abiscope check --target debian:12/amd64
