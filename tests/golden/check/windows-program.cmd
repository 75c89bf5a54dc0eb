# ENOEXEC: no crash, no signal.
abiscope check fixtures/pe/console.exe --target debian:12/amd64
