abiscope call 'int f(int a, int b, int c, int d, struct S e)' -e 'struct S { char bytes[3]; };' --abi win64-msvc --frame
