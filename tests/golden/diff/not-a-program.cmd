# What cannot be compared.
abiscope diff case/sources/old.c case/sources/old.abi
