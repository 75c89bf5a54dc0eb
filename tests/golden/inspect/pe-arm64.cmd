# For Windows 10 on arm64.
abiscope inspect --only identity,entry,requires fixtures/pe/windows-11.exe
