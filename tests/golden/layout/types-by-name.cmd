abiscope layout --type 'ns::*' --lang c++ --abi aapcs64 --no-rules -e 'struct A { int a; }; namespace ns { struct B { long a; }; union C { char a; int b; }; }'
