# Other symbols, and types that only they lead to, are not looked at.
abiscope diff --symbols 'shape_area' case/sources/old.abi case/sources/new.abi
