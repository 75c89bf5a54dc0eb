# One object a line; errors go to standard error alone.
abiscope inspect --jsonl fixtures/other/text fixtures/absent fixtures/other/script
