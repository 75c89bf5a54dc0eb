abiscope call 'void f(struct S s)' --abi sysv-amd64
