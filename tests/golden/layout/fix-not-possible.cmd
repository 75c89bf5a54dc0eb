# Only files in C and Go are changed.
echo 'struct S { char a; long b; char c; };' > a.cc
abiscope layout --fix a.cc || true
abiscope layout --fix -e 'struct S { char a; long b; char c; };' || true
abiscope layout --fix case/../../fuzz/corpus/dwarf/c5.o
