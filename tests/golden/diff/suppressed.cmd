# What somebody answers for does not count; what ended or hides nothing is said.
cat > s.yaml <<'YAML'
suppressions:
  - symbol: shape_old
    rule: DIFF-SYMBOL-REMOVED
    owner: graphics team
    reason: was never documented
    expires: 2999-12-31
  - type: point
    owner: graphics team
    reason: all callers are rebuilt
    expires: 2001-01-31
  - symbol: nobody_*
    owner: graphics team
    reason: leftover
    expires: 2999-12-31
YAML
abiscope diff --show-suppressed --suppressions s.yaml case/sources/old.abi case/sources/new.abi
