# The shape of docs/json-schema.md.
abiscope diff --json case/../diff/sources/old.abi case/../diff/sources/new.abi
