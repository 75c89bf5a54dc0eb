abiscope call 'void f(__m256 a)' --abi sysv-amd64
abiscope call 'void f(__m256 a)' --abi sysv-amd64 -- -mavx
