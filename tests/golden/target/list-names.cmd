# For scripts.
abiscope target list --names 'macos:14'
