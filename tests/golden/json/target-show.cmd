abiscope target show --json alpine:3.20/amd64
