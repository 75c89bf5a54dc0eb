abiscope layout --lang c++ --abi sysv-amd64,win64-msvc -e '
struct Virtual { int v; };
template <class T> struct Holder { T value; char tag; };
class Base { public: virtual ~Base(); private: int a; };
struct Derived : Base, virtual Virtual { char c; Holder<short> h; void (*call)(int, char); int Virtual::*member; Base &base; };'
