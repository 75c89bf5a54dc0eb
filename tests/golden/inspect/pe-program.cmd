# A console program.
abiscope inspect fixtures/pe/console.exe
