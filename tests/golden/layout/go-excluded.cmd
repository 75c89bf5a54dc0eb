printf '//go:build windows\n\npackage p\n\ntype T struct{}\n' > types.go
abiscope layout types.go --abi go-amd64
