abiscope layout -e 'struct S { char a; __m128 b; };'
