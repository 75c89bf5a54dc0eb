abiscope check --json fixtures/pe/console.exe --target windows:10/amd64
