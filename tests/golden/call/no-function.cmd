abiscope call -e 'struct S { int a; };'
