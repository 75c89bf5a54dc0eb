# Nothing changed.
abiscope diff case/sources/old.abi case/sources/old.abi
