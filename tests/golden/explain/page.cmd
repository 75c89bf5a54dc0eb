# A rule's page, however its name is written.
abiscope explain exec-format-refused
