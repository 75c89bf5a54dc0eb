abiscope target list --json 'alpine:3.20'
