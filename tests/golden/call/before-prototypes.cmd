abiscope call --abi sysv-amd64,sysv-i386 'void f(a, c, s) float a; char c; short s; {}'
