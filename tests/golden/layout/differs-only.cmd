abiscope layout --differs-only --abi sysv-amd64,win64-msvc --no-rules -e 'struct A { int a; }; struct B { long a; }; struct C { char a; };'
