#!/usr/bin/env python3
"""`abiscope diff` of two small libraries that differ in one thing, or in nothing but how they were compiled. Where a program built against OLD can
show it, it is run with both."""
import sys

import differential

CXX = {"gcc": ["g++", "-std=c++17"], "clang": ["clang++-19", "-std=c++17"]}
HEADER = '#line 1 "api.h"\n'
# Name, OLD, NEW, a program built against OLD (nothing: it cannot show it), verdict, rules that must be met.
PAIRS = [
    ("a method becomes static", "struct S { int x; int f(int); }; int S::f(int v) { return v; }", "struct S { int x; static int f(int); }; int S::f(int v) { return v; }",
     "struct S { int x; int f(int); }; int main() { S s{7}; return s.f(42); }", "breaking", {"DIFF-PARAMETER-REMOVED"}),
    ("a function becomes a method", "struct S { int x; static int f(int); }; int S::f(int v) { return v; }", "struct S { int x; int f(int); }; int S::f(int v) { return v; }",
     "struct S { int x; static int f(int); }; int main() { return S::f(42); }", "breaking", {"DIFF-PARAMETER-ADDED"}),
    ("an unnamed union in front of others", "struct S { int n; union { int a; float b; }; union { int c; float d; }; }; extern \"C\" int f(S *s) { return s->c; }",
     "struct S { int n; union { int z; float y; }; union { int a; float b; }; union { int c; float d; }; }; extern \"C\" int f(S *s) { return s->c; }",
     "struct S { int n; union { int a; float b; }; union { int c; float d; }; }; extern \"C\" int f(S *); int main() { S s[2]{}; s[0].c = 3; s[1].n = 77; return f(s); }",
     "breaking", {"DIFF-FIELD-MOVED", "DIFF-TYPE-SIZE-CHANGED"}),
    ("a member of an unnamed struct moves", "struct S { int n; struct { char a; int b; }; }; int f(S *s) { return s->b; }", "struct S { int n; struct { int b; char a; }; }; int f(S *s) { return s->b; }",
     None, "breaking", {"DIFF-FIELD-MOVED"}),
    ("a member wrapped into an unnamed union", "struct S { int a; int b; }; int f(S *s) { return s->b; }", "struct S { int a; union { int b; float fb; }; }; int f(S *s) { return s->b; }",
     None, "compatible", {"DIFF-UNION-MEMBER-ADDED"}),
    ("members wrapped into an unnamed struct", "struct S { int a; int b, c; }; int f(S *s) { return s->b; }", "struct S { int a; struct { int b, c; }; }; int f(S *s) { return s->b; }",
     None, "compatible", set()),
    ("a larger member in an unnamed union", "struct S { union { int b; float fb; }; int last; }; int f(S *s) { return s->last; }",
     "struct S { union { int b; float fb; long wide; }; int last; }; int f(S *s) { return s->last; }", None, "breaking", {"DIFF-FIELD-MOVED"}),
    ("an empty base", "struct E {}; struct S { int x; }; int f(S *s) { return s->x; }", "struct E {}; struct S : E { int x; }; int f(S *s) { return s->x; }", None, "compatible", set()),
    ("a base with members", "struct E { int e; }; struct S { int x; }; int f(S *s) { return s->x; }", "struct E { int e; }; struct S : E { int x; }; int f(S *s) { return s->x; }",
     None, "breaking", {"DIFF-BASE-CHANGED"}),
    ("a base of another name", "struct A { int e; }; struct S : A { int x; }; int f(S *s) { return s->x; }", "struct B { int e; }; struct S : B { int x; }; int f(S *s) { return s->x; }",
     None, "compatible", set()),
    ("two bases change places", "struct A { int e; }; struct B { int g; }; struct S : A, B { int x; }; int f(S *s) { return s->x; }",
     "struct A { int e; }; struct B { int g; }; struct S : B, A { int x; }; int f(S *s) { return s->x; }", None, "breaking", {"DIFF-BASE-CHANGED"}),
    ("two virtual bases change places", "struct P { int p; }; struct Q { int q; }; struct R : virtual P, virtual Q { int x; R(); }; R::R() { p = 111; q = 222; x = 3; } R *make() { static R r; return &r; }",
     "struct P { int p; }; struct Q { int q; }; struct R : virtual Q, virtual P { int x; R(); }; R::R() { p = 111; q = 222; x = 3; } R *make() { static R r; return &r; }",
     "struct P { int p; }; struct Q { int q; }; struct R : virtual P, virtual Q { int x; R(); }; R *make(); int main() { R *r = make(); return r->P::p == 111 ? r->Q::q == 222 : 3; }", "breaking", {"DIFF-BASE-CHANGED"}),
    ("virtual bases of bases change places", "struct P { int p; }; struct Q { int q; }; struct A : virtual P { int a; }; struct B : virtual Q { int b; }; struct R : A, B { int x; R(); }; R::R() { x = 3; }",
     "struct P { int p; }; struct Q { int q; }; struct A : virtual Q { int a; }; struct B : virtual P { int b; }; struct R : A, B { int x; R(); }; R::R() { x = 3; }", None, "breaking", {"DIFF-BASE-CHANGED"}),
    ("a class that callbacks take gets a copy constructor", "struct R { int a; }; int f(int (*c)(R)) { R r; r.a = 41; return c(r); }",
     "struct R { int a; R(); R(const R &); }; R::R() {} R::R(const R &o) : a(o.a) {} int f(int (*c)(R)) { R r; r.a = 41; return c(r); }",
     "struct R { int a; }; int f(int (*)(R)); int g(R r) { return r.a; } int main() { return f(g); }", "breaking", {"DIFF-CALLED-ARGUMENT-MOVED"}),
    ("a class that a member's function takes gets a copy constructor", "struct R { int a; }; struct H { int (*p)(R); }; int f(H *h) { R r; r.a = 41; return h->p(r); }",
     "struct R { int a; R(); R(const R &); }; R::R() {} R::R(const R &o) : a(o.a) {} struct H { int (*p)(R); }; int f(H *h) { R r; r.a = 41; return h->p(r); }",
     "struct R { int a; }; struct H { int (*p)(R); }; int f(H *); int g(R r) { return r.a; } int main() { H h{g}; return f(&h); }", "breaking", {"DIFF-CALLED-ARGUMENT-MOVED"}),
    ("a class that virtual functions take gets a copy constructor", "struct P { int a, b; }; struct V { virtual int v(P) = 0; virtual ~V(); }; V::~V() {} int reg(V *v) { P p; p.a = 41; p.b = 2; return v->v(p); }",
     "struct P { int a, b; P(); P(const P &); }; P::P() {} P::P(const P &o) : a(o.a), b(o.b) {} struct V { virtual int v(P) = 0; virtual ~V(); }; V::~V() {} "
     "int reg(V *v) { P p; p.a = 41; p.b = 2; return v->v(p); }",
     "struct P { int a, b; }; struct V { virtual int v(P) = 0; virtual ~V(); }; int reg(V *); struct D : V { int v(P p) override { return p.a; } }; int main() { D d; return reg(&d); }",
     "breaking", {"DIFF-CALLED-ARGUMENT-MOVED"}),
    ("an interface that neither file describes", "struct L { virtual int x() = 0; virtual int y() = 0; }; int notify(L *l) { return l->x(); }",
     "struct L { virtual int y() = 0; virtual int x() = 0; }; int notify(L *l) { return l->x(); }",
     "struct L { virtual int x() = 0; virtual int y() = 0; }; int notify(L *); struct D : L { int x() override { return 1; } int y() override { return 2; } }; int main() { D d; return notify(&d); }",
     "unknown", {"DIFF-TYPE-NOT-DESCRIBED"}),
    ("a class gets a virtual base", "struct A { int a; }; struct B : A { int b; }; int f(B *b) { return b->a; }", "struct A { int a; }; struct B : virtual A { int b; }; int f(B *b) { return b->a; }",
     "struct A { int a; }; struct B : A { int b; }; int f(B *b); int main() { B b{}; b.a = 7; return f(&b); }", "unknown", {"DIFF-TYPE-NOT-DESCRIBED"}),
    ("a class only the library's source describes", "struct I; int f(I *i) { return i != 0; }", "struct I; int f(I *i);\n#line 1 \"lib.cc\"\nstruct I { int a; }; int f(I *i) { return i->a; }",
     None, "compatible", set()),
    ("elements that no member shows", "namespace std { template <class T> struct list { void *next, *prev; }; } struct S { std::list<int> l; }; int f(S *s) { return s->l.next != 0; }",
     "namespace std { template <class T> struct list { void *next, *prev; }; } struct S { std::list<long> l; }; int f(S *s) { return s->l.next != 0; }", None, "breaking", {"DIFF-FIELD-TYPE-CHANGED"}),
    ("another tag", "struct A {}; struct B {}; template <class T> struct Id { long v; }; struct S { Id<A> a; }; long f(S *s) { return s->a.v; }",
     "struct A {}; struct B {}; template <class T> struct Id { long v; }; struct S { Id<B> a; }; long f(S *s) { return s->a.v; }", None, "compatible", {"DIFF-FIELD-RETYPED"}),
    ("another unit of time", "template <long N, long D> struct ratio {}; template <class P> struct duration { long v; }; struct S { duration<ratio<1, 1>> t; }; long f(S *s) { return s->t.v; }",
     "template <long N, long D> struct ratio {}; template <class P> struct duration { long v; }; struct S { duration<ratio<1, 1000>> t; }; long f(S *s) { return s->t.v; }",
     None, "compatible", {"DIFF-FIELD-RETYPED"}),
    ("elements of another name", "template <class T> struct V { T *first, *last; }; struct A { int x; }; struct S { V<A> v; }; long f(S *s) { A a; return s->v.last - s->v.first + a.x; }",
     "template <class T> struct V { T *first, *last; }; struct B { int x; }; struct S { V<B> v; }; long f(S *s) { B a; return s->v.last - s->v.first + a.x; }", None, "compatible", {"DIFF-FIELD-RESPELLED"}),
    ("a member asks for more alignment", "struct S { long x; int y, z; }; int f(S *s) { return s->y; }", "struct S { alignas(16) long x; int y, z; }; int f(S *s) { return s->y; }",
     None, "breaking", {"DIFF-TYPE-ALIGNMENT-CHANGED"}),
    ("a union of one member", "union U { int a; }; extern \"C\" int f(U *u) { return u->a; }", "struct U { int a; }; extern \"C\" int f(U *u) { return u->a; }", None, "compatible", set()),
    ("an alias of a function with another name", "static int f1(int) __asm__(\"f1\"); static int f1(int a) { return a != 0; } extern \"C\" int f2(int) __attribute__((alias(\"f1\")));",
     "static int f1(long) __asm__(\"f1\"); static int f1(long a) { return a != 0; } extern \"C\" int f2(long) __attribute__((alias(\"f1\")));", None, "breaking", {"DIFF-PARAMETER-TYPE-CHANGED"}),
    ("a member in the tail of a class to derive from", "struct V { virtual int v(); V(); long n; int a; }; int V::v() { return a; } V::V() : n(0), a(1) {} int f(V *v) { return v->v(); }",
     "struct V { virtual int v(); V(); long n; int a; int b; }; int V::v() { return b = 7; } V::V() : n(0), a(1), b(2) {} int f(V *v) { return v->v(); }",
     "struct V { virtual int v(); V(); long n; int a; }; int f(V *); struct D : V { int c = 40; }; int main() { D d; f(&d); return d.c; }", "breaking", {"DIFF-FIELD-IN-TAIL"}),
    ("a member between others of such a class", "struct V { virtual int v(); char a; long n; }; int V::v() { return a; }", "struct V { virtual int v(); char a; int b; long n; }; int V::v() { return a; }",
     None, "compatible", {"DIFF-FIELD-IN-PADDING"}),
    ("a reference becomes the value", "extern \"C\" long f(const long &a) { return a; }", "extern \"C\" long f(long a) { return a; }",
     "extern \"C\" long f(const long &a); int main() { return f(7) == 7; }", "breaking", {"DIFF-PARAMETER-TYPE-CHANGED"}),
    ("a handle of C", "struct H; extern \"C\" int f(H *h) { return h != 0; }", "struct H; extern \"C\" int f(H *h) { return h == 0; }", None, "compatible", set()),
    ("a class that is only a template's argument", "template <class T> struct H { void *p; T *get() const { return (T *)p; } }; struct P { int a; int b; }; H<P> mk() { static P p{1, 2}; return {&p}; }",
     "template <class T> struct H { void *p; T *get() const { return (T *)p; } }; struct P { int b; int a; }; H<P> mk() { static P p{2, 1}; return {&p}; }",
     "template <class T> struct H { void *p; T *get() const { return (T *)p; } }; struct P { int a; int b; }; H<P> mk(); int main() { return mk().get()->a; }", "breaking", {"DIFF-FIELD-MOVED"}),
    ("a result that is converted to the base's", "struct P { virtual ~P(); }; struct Q { virtual ~Q(); }; struct R : P, Q {}; struct B { virtual Q *g(); }; struct A : B { Q *g(); }; "
     "P::~P() {} Q::~Q() {} Q *B::g() { return 0; } Q *A::g() { return 0; }", "struct P { virtual ~P(); }; struct Q { virtual ~Q(); }; struct R : P, Q {}; struct B { virtual Q *g(); }; struct A : B { R *g(); }; "
     "P::~P() {} Q::~Q() {} Q *B::g() { return 0; } R *A::g() { return 0; }", None, "compatible", {"DIFF-VIRTUAL-FUNCTION-ADDED"}),
    ("a member asks for what it has anyhow", "struct S { alignas(4) int a; }; int f(S *s) { return s->a; }", "struct S { int a; }; int f(S *s) { return s->a; }", None, "compatible", set()),
    ("a class asks for what it has anyhow", "struct alignas(8) S { long a; }; int f(S *s) { return s->a; }", "struct S { long a; }; int f(S *s) { return s->a; }", None, "compatible", set()),
    ("a class asks for less than before", "struct alignas(16) S { long a[2]; }; int f(S *s) { return s->a[0]; }", "struct S { long a[2]; }; int f(S *s) { return s->a[0]; }", None, "breaking",
     {"DIFF-TYPE-ALIGNMENT-CHANGED"}),
    ("GNU's way to write a flexible array", "struct S { int n; int d[0]; }; int f(S *s) { return s->d[1]; }", "struct S { int n; int d[]; }; int f(S *s) { return s->d[1]; }", None, "compatible",
     {"DIFF-FIELD-RESPELLED"}),
    ("C89's way to write a flexible array", "struct S { int n; int d[1]; }; int f(S *s) { return s->d[1]; }", "struct S { int n; int d[]; }; int f(S *s) { return s->d[1]; }", None, "compatible",
     {"DIFF-FIELD-RETYPED", "DIFF-TYPE-SIZE-CHANGED"}),
    ("C89's way to write a flexible array, in an object", "struct S { int n; int d[1]; }; extern \"C\" S x[2]; S x[2] = {{1, {2}}, {3, {4}}};", "struct S { int n; int d[]; }; extern \"C\" S x[2]; S x[2] = {{1}, {3}};",
     "struct S { int n; int d[1]; }; extern \"C\" S x[2]; int main() { return x[1].n; }", "breaking", {"DIFF-TYPE-SIZE-CHANGED"}),
    ("dimensions of an array", "struct S { int n; int m[2][3]; }; int f(S *s) { return s->m[1][2]; }", "struct S { int n; int m[6]; }; int f(S *s) { return s->m[5]; }", None, "compatible", {"DIFF-FIELD-RETYPED"}),
    ("other dimensions of other elements", "struct S { int n; int m[2][3]; }; int f(S *s) { return s->m[1][2]; }", "struct S { int n; float m[6]; }; int f(S *s) { return s->m[5]; }",
     "struct S { int n; int m[2][3]; }; int f(S *); int main() { S s{0, {{0, 0, 0}, {0, 0, 7}}}; return f(&s); }", "breaking", {"DIFF-FIELD-TYPE-CHANGED"}),
    ("the address of an array and of its first element", "extern \"C\" int f(int (*m)[3]) { return m[1][1]; }", "extern \"C\" int f(const int *m) { return m[4]; }", None, "compatible", {"DIFF-PARAMETER-RETYPED"}),
    ("a larger member in a union", "union U { int a; }; int f(U *u) { return u->a; }", "union U { int a; long b; }; int f(U *u) { return u->a; }", None, "compatible",
     {"DIFF-UNION-MEMBER-ADDED", "DIFF-TYPE-SIZE-CHANGED"}),
    ("a larger member in a union that lies in others", "union U { int a; }; struct S { U u; int b; }; int f(S *s) { return s->b; }", "union U { int a; long b; }; struct S { U u; int b; }; int f(S *s) { return s->b; }",
     "union U { int a; }; struct S { U u; int b; }; int f(S *); int main() { S s[2] = {{1, 2}, {3, 4}}; return f(s); }", "breaking", {"DIFF-FIELD-MOVED"}),
    ("a larger member in a union that is passed", "union U { int a; }; int f(U u, int b) { return u.a; }", "union U { int a; long b[3]; }; int f(U u, int b) { return u.a; }",
     "union U { int a; }; int f(U, int); int main() { U u{7}; return f(u, 5); }", "breaking", {"DIFF-TYPE-SIZE-CHANGED"}),
    ("bit-fields of another type in the same bits", "struct S { unsigned a : 3, b : 1; int c : 4; int d; }; int f(S *s) { return s->a; }",
     "struct S { unsigned char a : 3; bool b : 1; signed char c : 4; int d; }; int f(S *s) { return s->a; }", None, "compatible", {"DIFF-FIELD-RESPELLED"}),
    ("a bit-field that is signed now", "struct S { unsigned a : 3; int d; }; int f(S *s) { return s->a; }", "struct S { signed char a : 3; int d; }; int f(S *s) { return s->a; }",
     None, "compatible", {"DIFF-FIELD-RETYPED"}),
    ("a bit-field of a smaller type in other bits", "extern \"C\" struct S { unsigned a : 7, b : 7; int d; } x; S x = {1, 2, 3};", "extern \"C\" struct S { unsigned char a : 7, b : 7; int d; } x; S x = {1, 2, 3};",
     "extern \"C\" struct S { unsigned a : 7, b : 7; int d; } x; int main() { return x.b; }", "breaking", {"DIFF-BIT-FIELD-CHANGED"}),
    ("a member asks for more", "struct S { alignas(8) int x; int y; }; int f(S *s) { return s->y; }", "struct S { alignas(32) int x; int y; }; int f(S *s) { return s->y; }", None, "breaking", set()),
]
# The same source, whatever compiled it.
SAME = {
    "virtual destructor": "struct S { virtual ~S(); virtual int pure() = 0; int x; }; S::~S() {}",
    "constructors": "struct S { S(int); S(const S &); int x; }; S::S(int a) : x(a) {} S::S(const S &o) : x(o.x) {}",
    "members that ask for alignment": "struct S { alignas(8) int x; int y; }; struct T { S s; alignas(16) char c; }; int f(S *s, T *t) { return s->y + t->c; }",
    "a base by a number": "template <unsigned long N> struct B { char c[N]; }; struct S : B<8UL> { int y; }; int f(S *s) { return s->y; }",
    "template arguments": "template <class T> struct A { T *p; }; template <class K, class V> struct P { K k; V v; }; template <class T, class X = A<T>> struct M { T *t; X x; }; template <class F> struct Fn { F *f; }; "
                          "struct S { M<P<const unsigned long, long>> a; Fn<int(long long, const char *)> b; M<const P<int, unsigned char> *> c; P<int, unsigned char> d; }; int f(S *s, M<long> &m) { return s->a.t->v + *m.t; }",
    "namespaces": "namespace a { struct Opts { int a; }; } namespace b { struct Opts { int a; }; struct Other { Opts o; }; } int f(a::Opts *x, b::Opts *y, b::Other *z) { return x->a + y->a + z->o.a; }",
    "nested classes": "namespace n { struct Outer { struct Inner { long v; } in; enum Kind { one, two } kind; }; } long f(n::Outer::Inner *i, n::Outer *o) { return i->v + o->kind; }",
}
WAYS = {"gcc and clang": (CXX["gcc"], CXX["clang"]), "gcc's type units": (CXX["gcc"], [*CXX["gcc"], "-fdebug-types-section"]),
        "gcc's type units of DWARF 4": (CXX["gcc"], [*CXX["gcc"], "-fdebug-types-section", "-gdwarf-4"]),
        "clang's short names of templates": (CXX["clang"], [*CXX["clang"], "-gsimple-template-names"]),
        "clang's type units": (CXX["clang"], [*CXX["clang"], "-fdebug-types-section"]), "gcc -O2 and clang -O2": ([*CXX["gcc"], "-O2"], [*CXX["clang"], "-O2"])}


def build(suite, compiler, text, name, *flags):
    suite.need(compiler[0])
    folder = suite.work / name
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "lib.cc"
    source.write_text(HEADER + text + "\n", encoding="utf-8")
    library = folder / "libx.so"
    done = differential.run([*compiler, "-g", "-w", "-fPIC", "-shared", "-nostdlib", *flags, "-o", library, source], seconds=100)
    suite.equal(f"exit code of {compiler[0]}", 0, done.code, done.err[:800])
    return library


def diff(suite, old, new):
    return differential.run([suite.abiscope, "diff", "--json", old, new], seconds=60).json()["results"][0]


def shown(result):
    return "\n".join(f"{one['class']} {one['rule']} {one['title']}" for one in result["changes"])


def pairs(suite):
    for compiler, command in CXX.items():
        for number, (name, old_text, new_text, program, verdict, rules) in enumerate(PAIRS):
            if not suite.wanted(f"{compiler}: {name}"):
                continue
            with suite.case(f"{compiler}: {name}"):
                old, new = build(suite, command, old_text, f"{compiler}-{number}-old"), build(suite, command, new_text, f"{compiler}-{number}-new")
                result = diff(suite, old, new)
                suite.equal("verdict", verdict, result["verdict"], shown(result))
                suite.true(f"{rules} are met", rules <= {one["rule"] for one in result["changes"]}, shown(result))
                if program is None:
                    continue
                main = old.parent / "main.cc"
                main.write_text(program, encoding="utf-8")
                linked = differential.run([*command, "-w", "-O1", main, old, "-o", old.parent / "main", "-Wl,-z,lazy"], seconds=60)
                suite.equal("exit code of the link", 0, linked.code, linked.err[:500])
                codes = [differential.run(["env", f"LD_PRELOAD={library}", old.parent / "main"]).code for library in (old, new)]
                suite.true(f"the program built against OLD gives another answer with NEW: {codes}", codes[0] != codes[1])


def rebuilds(suite):
    for way, (one, other) in WAYS.items():
        for name, text in SAME.items():
            if not suite.wanted(f"{way}: {name}"):
                continue
            with suite.case(f"{way}: {name}"):
                safe = f"{way}-{name}".replace(" ", "-").replace("'", "")
                result = diff(suite, build(suite, one, text, safe + "-old"), build(suite, other, text, safe + "-new"))
                loud = [line for line in shown(result).splitlines() if not line.startswith("harmless ")]
                suite.equal("changes that matter", [], loud)


def type_units(suite):
    if suite.wanted("types in type units"):
        with suite.case("types in type units"):
            library = build(suite, [*CXX["gcc"], "-fdebug-types-section"], SAME["namespaces"], "units")
            for name in ("a::Opts", "b::Opts", "b::Other"):
                answer = differential.run([suite.abiscope, "layout", "--type", name, "--json", library]).json()
                suite.equal(f"types named {name}", [name], [one["name"] for result in answer["results"] for one in result["types"]])


def places_only(suite):
    """gcc -g1 writes functions and variables without their types: nothing is known of them, and that is what is said."""
    text = "struct S { int a; long b; }; extern \"C\" int f(S *s, double d) { return s->a + d; } int tab[4] = {1};"
    other = "struct S { long b; int a; }; extern \"C\" long f(int k, S *s) { return s->a + k; } float tab[4] = {1};"
    for level, verdict in (("-g1", "unknown"), ("-ggdb1", "unknown"), ("-g1 -g", "breaking"), ("-g3 -g1", "unknown"), ("-g1 -gdwarf-4", "breaking")):
        if suite.wanted(f"gcc {level}"):
            with suite.case(f"gcc {level}"):
                libraries = [build(suite, CXX["gcc"], one, f"level-{level.replace(' ', '')}-{i}", *level.split()) for i, one in enumerate((text, other))]
                result = diff(suite, *libraries)
                suite.equal("verdict", verdict, result["verdict"], shown(result))


SWAPPED = """#ifdef NEW
#define ORDER __attribute__((scalar_storage_order("big-endian")))
#else
#define ORDER
#endif
struct ORDER s { unsigned a[2]; unsigned char bytes[4]; char *text; };
unsigned f(struct s *p) { return p->a[1]; }
"""
NO_RETURN = """#ifdef NEW
#define NEVER __attribute__((noreturn))
#else
#define NEVER
#endif
NEVER void f(int x);
void f(int x) { (void)x; for (;;) __asm__ volatile(""); }
"""
CALLED_AS_ON_WINDOWS = """#ifdef NEW
__attribute__((ms_abi))
#endif
int f(int a, double b, int c) { return a - c + b; }
"""
# Compiler, flags of OLD and NEW, source, verdict, rule.
SWITCHES = [
    (["gcc"], ["-O1"], ["-O1", "-DNEW"], CALLED_AS_ON_WINDOWS, "unknown", "DIFF-CALL-NOT-PLACED"),
    (["gcc"], ["-O1", "-DNEW"], ["-O2", "-DNEW"], CALLED_AS_ON_WINDOWS, "compatible", None),
    (["clang-19"], [], ["-DNEW"], CALLED_AS_ON_WINDOWS, "breaking", "DIFF-ARGUMENT-MOVED"),
    (["gcc"], [], ["-mavx"], "typedef float v8 __attribute__((vector_size(32))); v8 f(v8 x) { return x; }", "breaking", "DIFF-ARGUMENT-MOVED"),
    (["gcc"], ["-O1"], ["-mavx", "-O2"], "int f(int x) { return x; }", "compatible", None),
    (["gcc", "-m32"], [], ["-mregparm=2"], "int f(int x) { return x; }", "unknown", "DIFF-CALL-NOT-PLACED"),
    (["gcc"], [], ["-mlong-double-128"], "long double f(long double x) { return x; }", "unknown", "DIFF-CALL-NOT-PLACED"),
    (["gcc"], [], ["-funsigned-char"], "struct s { char x; }; int f(struct s *p) { return p->x; }", "compatible", "DIFF-FIELD-RETYPED"),
    (["gcc"], [], ["-DNEW"], SWAPPED, "breaking", "DIFF-FIELD-TYPE-CHANGED"),
    (["gcc"], ["-DNEW"], [], SWAPPED, "breaking", "DIFF-FIELD-TYPE-CHANGED"),
    (["gcc"], ["-DNEW"], ["-DNEW", "-O1"], SWAPPED, "compatible", None),
    (["gcc"], ["-DNEW"], [], NO_RETURN, "compatible", "DIFF-NORETURN-REMOVED"),
    (["gcc"], [], ["-DNEW"], NO_RETURN, "compatible", "DIFF-NORETURN-ADDED"),
    (["clang-19"], ["-DNEW"], [], NO_RETURN, "compatible", "DIFF-NORETURN-REMOVED"),
    (["riscv64-linux-gnu-gcc"], ["-march=rv64gc", "-mabi=lp64d"], ["-march=rv64imac", "-mabi=lp64"], "double f(double x) { return x; }", "breaking", "DIFF-MACHINE-CHANGED"),
    (["riscv64-linux-gnu-gcc"], ["-march=rv64imac", "-mabi=lp64"], ["-march=rv64gc", "-mabi=lp64f"], "float f(float x) { return x; }", "breaking", "DIFF-MACHINE-CHANGED"),
]


def switches(suite):
    for number, (compiler, before, after, text, verdict, rule) in enumerate(SWITCHES):
        name = f"{' '.join(compiler)}: {' '.join(before)} and {' '.join(after)}"
        if not suite.wanted(name):
            continue
        with suite.case(name):
            libraries = [build(suite, compiler, text, f"switch-{number}-{i}", "-x", "c", *flags) for i, flags in enumerate((before, after))]
            result = diff(suite, *libraries)
            suite.equal("verdict", verdict, result["verdict"], shown(result))
            suite.true(f"{rule} is met", rule is None or rule in {one["rule"] for one in result["changes"]}, shown(result))


def exports_of_pe(suite):
    """A definition file exports a function under the name of another: what the export is follows from its address."""
    if suite.wanted("an export under another's name"):
        with suite.case("an export under another's name"):
            suite.need("x86_64-w64-mingw32-gcc")
            libraries = []
            for name, exported in (("old", "f"), ("new", "f=g")):
                folder = suite.work / f"pe-{name}"
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "lib.c").write_text("int f(int a) { return a; }\nint g(double b) { return b; }\n", encoding="utf-8")
                (folder / "lib.def").write_text(f"EXPORTS\n {exported} @1\n", encoding="utf-8")
                done = differential.run(["x86_64-w64-mingw32-gcc", "-g", "-w", "-shared", "-o", folder / "lib.dll", folder / "lib.c", folder / "lib.def"], seconds=100)
                suite.equal("exit code of gcc", 0, done.code, done.err[:800])
                libraries.append(folder / "lib.dll")
            result = diff(suite, *libraries)
            suite.equal("verdict", "breaking", result["verdict"], shown(result))
            suite.true("the parameter differs", "DIFF-PARAMETER-TYPE-CHANGED" in {one["rule"] for one in result["changes"]}, shown(result))


def from_one(suite):
    """Languages whose arrays start at 1 (DWARF 5, table 7.17): C's debug information under another language's name."""
    for language, count in ((0x1d, 5), (0x08, 4), (0x0d, 4), (0x1c, 5)):
        if suite.wanted(f"language {language:#x}"):
            with suite.case(f"language {language:#x}"):
                suite.need("gcc")
                folder = suite.work / f"language-{language:x}"
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "a.c").write_text("struct S { short c[5]; } one;\nvoid f(int n) { (void)n; }\n", encoding="utf-8")
                made = differential.run(["gcc", "-g", "-std=gnu11", "-dA", "-S", folder / "a.c", "-o", folder / "a.s"])
                suite.equal("exit code of gcc", 0, made.code, made.err)
                lines = (folder / "a.s").read_text(encoding="utf-8").splitlines()
                at = next(i for i, line in enumerate(lines) if "# DW_AT_language" in line)
                lines[at] = f"\t.byte\t{language:#x}\t# DW_AT_language"
                (folder / "a.s").write_text("\n".join(lines) + "\n", encoding="utf-8")
                suite.equal("exit code of as", 0, differential.run(["gcc", "-c", folder / "a.s", "-o", folder / "a.o"]).code)
                answer = differential.run([suite.abiscope, "layout", "--type", "S", "--json", folder / "a.o"])
                suite.true(f"an array of {count}", f"c[{count}]" in differential.run([suite.abiscope, "layout", "--type", "S", folder / "a.o"]).out or
                           f"i16; {count}" in answer.out, answer.out[:1500])
                call = differential.run([suite.abiscope, "call", "--function", "f", folder / "a.o"])
                suite.equal("exit code of call", 3 if language in (0x08, 0x1c) else 0, call.code, call.out)


def main():
    suite = differential.Suite(__doc__)
    pairs(suite)
    rebuilds(suite)
    type_units(suite)
    places_only(suite)
    switches(suite)
    exports_of_pe(suite)
    from_one(suite)
    sys.exit(suite.finish())


if __name__ == "__main__":
    main()
