abiscope call --json 'struct P f(int a, struct P b)' -e 'struct P { double x; long y; };' --abi sysv-amd64,win64-msvc
