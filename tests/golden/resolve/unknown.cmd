# What is not known is named.
abiscope resolve fixtures/pe/console.exe --target windows:10/amd64
