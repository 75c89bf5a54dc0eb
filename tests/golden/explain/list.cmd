# The rules of one family.
abiscope explain --list | grep '^EXEC-'
