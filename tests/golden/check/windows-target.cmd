# What is not simulated is not answered.
abiscope check fixtures/pe/console.exe --target windows:10/amd64
