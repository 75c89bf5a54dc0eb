# Each change with its class, the reason, and what leads to it; harmless ones are counted.
abiscope diff case/sources/old.abi case/sources/new.abi
