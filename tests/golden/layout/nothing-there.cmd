abiscope layout -e 'int a;' --type nothing
