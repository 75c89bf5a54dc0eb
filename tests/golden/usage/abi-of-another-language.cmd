abiscope layout -e 'struct S { int a; };' --abi go-amd64
