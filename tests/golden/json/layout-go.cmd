abiscope layout --json --lang go -e 'type T struct { a int8; s []string }' --abi go-amd64
