# long is narrower on Windows, bit-fields of another type start a new unit there, and 32-bit Linux aligns double to 4.
abiscope layout -e 'struct S { long a; char c; double d; unsigned x : 3; long long y : 40; struct { int q; char z; }; };' --abi sysv-amd64,win64-msvc,sysv-i386
