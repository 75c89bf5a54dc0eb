# .NET is named.
abiscope inspect fixtures/pe/dotnet.exe
