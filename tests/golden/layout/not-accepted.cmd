abiscope layout -e 'struct S { doubl a; };'
