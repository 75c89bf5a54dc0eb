abiscope call 'int __attribute__((ms_abi)) f(int a, double b)' --abi sysv-amd64
abiscope call 'int __stdcall f(int a, double b)' --abi win32-msvc --frame
abiscope call 'int __fastcall f(int a, double b)' --abi win32-msvc
