abiscope layout --sort waste --min-waste 4 --summary -e 'struct A { char a; int b; }; struct B { char a; long b; }; struct C { char a; };' --abi sysv-amd64
abiscope layout --sort waste --min-waste 3 --no-rules -e 'struct A { char a; int b; }; struct B { char a; long b; }; struct C { char a; };' --abi sysv-amd64
