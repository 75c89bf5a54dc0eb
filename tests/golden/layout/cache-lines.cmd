abiscope layout --abi sysv-amd64,apple-arm64 --cache-line 64 -e 'struct S { char name[60]; double price; char more[56]; long count; int tail[30]; };'
