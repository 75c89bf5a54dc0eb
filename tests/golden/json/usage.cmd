# Wrong usage is a document too.
abiscope check --json
