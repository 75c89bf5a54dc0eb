# A baseline that is cut short.
head -c 200 case/sources/old.abi > cut.abi; abiscope diff cut.abi case/sources/new.abi
