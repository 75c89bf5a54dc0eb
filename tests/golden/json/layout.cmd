abiscope layout --json -e 'struct S { char a; long b; unsigned c : 3; union { int d; char e; }; };' --abi sysv-amd64,win64-msvc
