# New symbols alone are no reason to stop.
abiscope diff case/sources/old.abi case/sources/harmless.abi
