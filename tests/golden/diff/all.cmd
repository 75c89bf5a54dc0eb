# The same with harmless ones.
abiscope diff --all case/sources/old.abi case/sources/new.abi
