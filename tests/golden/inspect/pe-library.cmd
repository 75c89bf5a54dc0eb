# A DLL.
abiscope inspect fixtures/pe/library.dll
