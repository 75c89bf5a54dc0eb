# Everything lies at the same place, but the unit of the bit-field ends elsewhere.
abiscope layout --no-rules --abi sysv-amd64,win64-msvc -e 'struct S { char a; __m128 b; int c : 3; };'
