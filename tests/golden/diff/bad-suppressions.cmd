# Nobody answers for it.
printf 'suppressions:\n  - rule: DIFF-FIELD-MOVED\n    reason: it is fine\n    expires: 2030-01-01\n' > s.yaml
abiscope diff --suppressions s.yaml case/sources/old.abi case/sources/new.abi
