abiscope call --lang c++ --function 'S::*' --abi sysv-amd64,win64-msvc,win32-msvc -e 'struct P { int x, y; }; struct S { P get(int i) const; static void set(P p); S(); };'
