# Two files, or --save and one.
abiscope diff case/sources/old.abi
