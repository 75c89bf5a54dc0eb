# MZ alone is no PE file.
abiscope inspect fixtures/pe/dos.exe
