abiscope layout -e 'struct S { int a; };' --abi vax
