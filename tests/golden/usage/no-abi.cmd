abiscope layout -e 'struct S { int a; };' --abi sysv-amd46
