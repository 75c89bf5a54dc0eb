# Who wants to look at every risk.
printf 'suppressions:\n  - {symbol: "*", type: "struct *", owner: a, reason: b, expires: 2999-01-01}\n' > s.yaml
abiscope diff --suppressions s.yaml case/sources/old.abi case/sources/new.abi
abiscope diff --fail-on risky --suppressions s.yaml case/sources/old.abi case/sources/new.abi
