abiscope layout --lang go -e 'type T struct { a int b }'
