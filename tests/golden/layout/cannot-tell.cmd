# There is no __int128 on 32-bit x86.
abiscope layout -e 'struct S { __int128 a; };' --abi sysv-amd64,sysv-i386
