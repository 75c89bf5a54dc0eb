"""Small libraries and their mutations for diff_mutations.py: text, and what each change is.

The types are declared in headers, as `#line` says: what stands in a source file counts as private to it.
A mutation: name, replacements in the text, the rule that must be met, its class, and the verdict of the whole comparison.
"""
SCALARS = ["char", "short", "int", "unsigned", "long", "unsigned long", "float", "double", "void *"]


def c_library(dice):
    """A library of C. `m...` members are of generated types; the others are what mutations change."""
    members = "\n".join(f"    {dice.choice(SCALARS)} m{number};" for number in range(dice.randint(1, 6)))
    return f"""#line 1 "box.h"
enum color {{ RED, GREEN = {dice.randint(2, 9)}, BLUE = 20, COLOR_MAX }};
enum flag {{ ONE = 1, TWO = 2, FOUR = 4 }};
struct inner {{
    int a;
    short b;
}};
struct box {{
    char tag;
    int count;
    struct inner in;
    unsigned low : 3;
    unsigned high : 5;
    enum color paint;
    long reserved[4];
{members}
    void *last;
}};
struct pair {{ int x; int y; }};
union word {{ int i; float f; }};
struct hidden;
typedef int number;
typedef int (*callback)(struct box *, number);
/* functions */
struct box *box_new(int count) {{ static struct box made; made.count = count; return &made; }}
int box_sum(const struct box *one) {{ return one->count + one->in.a + (int)one->paint; }}
int box_each(struct box *one, callback call) {{ return call(one, 1); }}
int pair_add(struct pair one, int extra) {{ return one.x + one.y + extra; }}
struct pair pair_make(int x, int y) {{ struct pair made = {{x, y}}; return made; }}
int flags(enum flag first, enum flag second) {{ return (int)first | (int)second; }}
int mixed(int a, unsigned b, long c, char *d) {{ return a + (int)b + (int)c + d[0]; }}
void quiet(int a) {{ (void)a; }}
int printed(const char *form, ...) {{ return form[0]; }}
float worded(union word one) {{ return one.f; }}
struct hidden *hidden_of(struct box *one) {{ return (struct hidden *)one->last; }}
number numbered(number one) {{ return one; }}
/* variables */
int table[4] = {{1, 2, 3, 4}};
struct pair origin = {{0, 0}};
unsigned counter = 7;
"""


# name, [(text, instead)], rule, class, verdict
C_MUTATIONS = [
    ("field added in front", [("    char tag;", "    long fresh;\n    char tag;")], "DIFF-FIELD-MOVED", "breaking", "breaking"),
    ("field removed", [("    int count;\n", ""), ("made.count = count; ", "(void)count; "), ("one->count + ", "")], "DIFF-FIELD-REMOVED", "breaking", "breaking"),
    ("fields swapped", [("    int a;\n    short b;", "    short b;\n    int a;")], "DIFF-FIELD-MOVED", "breaking", "breaking"),
    ("field appended, by pointer only", [("    void *last;", "    void *last;\n    long fresh;")], "DIFF-FIELD-APPENDED", "risky", "compatible"),
    ("field appended, by value", [("int x; int y; }", "int x; int y; int z[6]; }"), ("{x, y}", "{x, y, {0}}"), ("{0, 0}", "{0, 0, {0}}")], "DIFF-ARGUMENT-MOVED", "breaking", "breaking"),
    ("field appended, exported variable", [("int x; int y; }", "int x; int y; int z; }"), ("{x, y}", "{x, y, 0}")], "DIFF-OBJECT-SIZE-CHANGED", "breaking", "breaking"),
    ("field in padding", [("    char tag;", "    char tag;\n    char fresh;")], "DIFF-FIELD-IN-PADDING", "risky", "compatible"),
    ("reserved field used", [("    long reserved[4];", "    long fresh;\n    long reserved[3];")], "DIFF-RESERVED-FIELD-USED", "risky", "compatible"),
    ("field renamed", [("    short b;", "    short bee;")], "DIFF-FIELD-RENAMED", "harmless", "compatible"),
    ("field wider", [("    short b;", "    long b;")], "DIFF-FIELD-TYPE-CHANGED", "breaking", "breaking"),
    ("field's sign", [("    short b;", "    unsigned short b;")], "DIFF-FIELD-RETYPED", "risky", "compatible"),
    ("bit-field wider", [("unsigned low : 3", "unsigned low : 4")], "DIFF-BIT-FIELD-CHANGED", "breaking", "breaking"),
    ("enumerator appended", [("FOUR = 4 }", "FOUR = 4, EIGHT = 8 }")], "DIFF-ENUMERATOR-ADDED", "risky", "compatible"),
    ("enumerator's value", [("TWO = 2,", "TWO = 3,")], "DIFF-ENUMERATOR-VALUE-CHANGED", "breaking", "breaking"),
    ("enumerator removed", [("TWO = 2, ", "")], "DIFF-ENUMERATOR-REMOVED", "breaking", "breaking"),
    ("enumerator renamed", [("TWO = 2", "ZWEI = 2")], "DIFF-ENUMERATOR-RENAMED", "harmless", "compatible"),
    ("enumerator before the count", [("BLUE = 20, COLOR_MAX", "BLUE = 20, BLACK, COLOR_MAX")], "DIFF-ENUMERATOR-COUNT-CHANGED", "risky", "compatible"),
    ("union member added", [("union word { int i; float f; }", "union word { int i; float f; char c; }")], "DIFF-UNION-MEMBER-ADDED", "harmless", "compatible"),
    ("union grows", [("union word { int i; float f; }", "union word { int i; float f; double d[3]; }")], "DIFF-TYPE-SIZE-CHANGED", "breaking", "breaking"),
    ("function removed", [("void quiet(int a) { (void)a; }\n", "")], "DIFF-SYMBOL-REMOVED", "breaking", "breaking"),
    ("function added", [("/* variables */", "int fresh(void) { return 1; }\n/* variables */")], "DIFF-SYMBOL-ADDED", "harmless", "compatible"),
    ("variable removed", [("unsigned counter = 7;\n", "")], "DIFF-SYMBOL-REMOVED", "breaking", "breaking"),
    ("variable grows", [("int table[4]", "int table[5]")], "DIFF-OBJECT-SIZE-CHANGED", "breaking", "breaking"),
    ("variable's sign", [("unsigned counter", "int counter")], "DIFF-VARIABLE-RETYPED", "risky", "compatible"),
    ("variable becomes constant", [("unsigned counter", "const unsigned counter")], "DIFF-VARIABLE-RETYPED", "risky", "compatible"),
    ("parameter added", [("void quiet(int a) { (void)a; }", "void quiet(int a, int b) { (void)a; (void)b; }")], "DIFF-PARAMETER-ADDED", "breaking", "breaking"),
    ("last parameter removed", [("int pair_add(struct pair one, int extra) { return one.x + one.y + extra; }", "int pair_add(struct pair one) { return one.x + one.y; }")],
     "DIFF-LAST-PARAMETER-REMOVED", "risky", "compatible"),
    ("parameter removed in front", [("int mixed(int a, unsigned b,", "int mixed(unsigned b,"), ("return a + (int)b", "return (int)b")], "DIFF-PARAMETER-REMOVED", "breaking", "breaking"),
    ("parameter's sign", [("int mixed(int a,", "int mixed(unsigned a,"), ("return a + (int)b", "return (int)a + (int)b")], "DIFF-PARAMETER-RETYPED", "risky", "compatible"),
    ("parameter becomes double", [("int mixed(int a,", "int mixed(double a,"), ("return a + (int)b", "return (int)a + (int)b")], "DIFF-PARAMETER-TYPE-CHANGED", "breaking", "breaking"),
    ("parameter wider", [("int mixed(int a,", "int mixed(long a,"), ("return a + (int)b", "return (int)a + (int)b")], "DIFF-PARAMETER-TYPE-CHANGED", "breaking", "breaking"),
    ("parameter to void *", [("char *d) { return a + (int)b + (int)c + d[0]; }", "void *d) { return a + (int)b + (int)c + *(char *)d; }")], "DIFF-PARAMETER-RETYPED", "risky", "compatible"),
    ("pointer deeper", [("char *d) { return a + (int)b + (int)c + d[0]; }", "char **d) { return a + (int)b + (int)c + d[0][0]; }")], "DIFF-PARAMETER-TYPE-CHANGED", "breaking", "breaking"),
    ("parameter only read", [("struct hidden *hidden_of(struct box *one)", "struct hidden *hidden_of(const struct box *one)")], "DIFF-PARAMETER-RESPELLED", "harmless", "compatible"),
    ("result appears", [("void quiet(int a) { (void)a; }", "int quiet(int a) { return a; }")], "DIFF-RESULT-ADDED", "harmless", "compatible"),
    ("result goes", [("number numbered(number one) { return one; }", "void numbered(number one) { (void)one; }")], "DIFF-RESULT-TYPE-CHANGED", "breaking", "breaking"),
    ("typedef wider", [("typedef int number;", "typedef long number;")], "DIFF-TYPEDEF-CHANGED", "breaking", "breaking"),
    ("typedef's sign", [("typedef int number;", "typedef unsigned number;")], "DIFF-TYPEDEF-RETYPED", "risky", "compatible"),
    ("callback takes more", [("typedef int (*callback)(struct box *, number);", "typedef int (*callback)(struct box *, number, int);"), ("call(one, 1)", "call(one, 1, 2)")],
     "DIFF-TYPEDEF-CHANGED", "breaking", "breaking"),
    ("no more ...", [("int printed(const char *form, ...)", "int printed(const char *form)")], "DIFF-VARIADIC-CHANGED", "risky", "compatible"),
    ("struct becomes union", [("struct pair { int x; int y; }", "union pair { int x; int y; }"), ("struct pair", "union pair"), ("{x, y}", "{x + y}"), ("{0, 0}", "{0}")], "DIFF-TYPE-KIND-CHANGED", "breaking", "breaking"),
]
# No change at all.
C_REBUILDS = [
    ("parameters renamed", [("void quiet(int a) { (void)a; }", "void quiet(int other) { (void)other; }")]),
    ("comment and order of functions", [("/* functions */", "/* functions, all of them */"), ("void quiet(int a) { (void)a; }\n", ""), ("/* variables */", "void quiet(int a) { (void)a; }\n/* variables */")]),
    ("code only", [("return one->count + one->in.a", "return one->in.a + 2 * one->count")]),
    ("private function and type", [("/* functions */", "struct mine { int a[9]; };\nstatic int used(struct mine *m) { return m->a[0]; }\nint (*volatile keep_)(struct mine *) __attribute__((visibility(\"hidden\"))) = used;\n")]),
]

CXX_LIBRARY = """#line 1 "widget.h"
struct part { int p; virtual ~part(); virtual int size() const; };
struct side { int s; virtual int edge(); };
class widget : public part {
public:
    widget();
    ~widget() override;
    int size() const override;
    virtual int draw(int depth);
    virtual int move(long by);
    int plain(int value);
    static int shared;
private:
    int kept;
};
part::~part() {}
int part::size() const { return p; }
int side::edge() { return s; }
widget::widget() : kept(1) {}
widget::~widget() {}
int widget::size() const { return kept; }
int widget::draw(int depth) { return depth + kept; }
int widget::move(long by) { return static_cast<int>(by); }
int widget::plain(int value) { return value; }
int widget::shared = 3;
struct plain_pair { int a; int b; };
int take(plain_pair one, const widget &w) { return one.a + w.size(); }
template <typename T> struct holder { T held; };
int hold(holder<int> *one) { return one->held; }
side *sided(side *one) { return one; }
enum class kind : unsigned char { first, second };
kind kind_of(const widget &) { return kind::first; }
"""

CXX_MUTATIONS = [
    ("virtual function at the end", [("    virtual int move(long by);", "    virtual int move(long by);\n    virtual int fresh();"), ("int widget::shared", "int widget::fresh() { return 1; }\nint widget::shared")],
     "DIFF-VIRTUAL-FUNCTION-ADDED", "risky", "compatible"),
    ("virtual function in the middle", [("    virtual int move(long by);", "    virtual int fresh();\n    virtual int move(long by);"), ("int widget::shared", "int widget::fresh() { return 1; }\nint widget::shared")],
     "DIFF-VIRTUAL-FUNCTION-MOVED", "breaking", "breaking"),
    ("virtual functions swapped", [("    virtual int draw(int depth);\n    virtual int move(long by);", "    virtual int move(long by);\n    virtual int draw(int depth);")], "DIFF-VIRTUAL-FUNCTION-MOVED", "breaking", "breaking"),
    ("virtual function no longer virtual", [("    virtual int move(long by);", "    int move(long by);")], "DIFF-VIRTUAL-FUNCTION-REMOVED", "breaking", "breaking"),
    ("virtual function in the base", [("virtual int size() const; };", "virtual int size() const; virtual int more(); };"), ("int side::edge()", "int part::more() { return 0; }\nint side::edge()")],
     "DIFF-VIRTUAL-FUNCTION-MOVED", "breaking", "breaking"),
    ("override goes", [("    int size() const override;\n", ""), ("int widget::size() const { return kept; }\n", "")], "DIFF-SYMBOL-REMOVED", "breaking", "breaking"),
    ("base added", [("class widget : public part {", "class widget : public part, public side {")], "DIFF-BASE-CHANGED", "breaking", "breaking"),
    ("bases swapped for another", [("class widget : public part {", "class widget : public side, public part {")], "DIFF-BASE-CHANGED", "breaking", "breaking"),
    ("first virtual function", [("struct plain_pair { int a; int b; };", "struct plain_pair { int a; int b; virtual void v(); };\nvoid plain_pair::v() {}")], "DIFF-VTABLE-INTRODUCED", "breaking", "breaking"),
    ("definition that is elsewhere", [("struct plain_pair { int a; int b; };", "struct plain_pair { int a; int b; virtual void v() {} };")], ("DIFF-DEBUG-INFORMATION-DAMAGED", "DIFF-VTABLE-INTRODUCED"), ("unknown", "breaking"),
     ("unknown", "breaking")),
    ("member of a class with exported constructor", [("    int kept;", "    int kept;\n    long fresh[2];")], "DIFF-TYPE-SIZE-CHANGED", "breaking", "breaking"),
    ("base grows", [("struct part { int p;", "struct part { int p; int q[2];")], "DIFF-FIELD-MOVED", "breaking", "breaking"),
    ("no longer trivial", [("struct plain_pair { int a; int b; };", "struct plain_pair { int a; int b; ~plain_pair() {} };")], "DIFF-ARGUMENT-MOVED", "breaking", "breaking"),
    ("member of a template", [("struct holder { T held; };", "struct holder { long before; T held; };")], "DIFF-FIELD-MOVED", "breaking", "breaking"),
    ("enumeration of another size", [("enum class kind : unsigned char", "enum class kind : unsigned")], "DIFF-TYPE-SIZE-CHANGED", "breaking", "breaking"),
    ("member function's parameter", [("    int plain(int value);", "    int plain(long value);"), ("int widget::plain(int value) { return value; }", "int widget::plain(long value) { return (int)value; }")],
     "DIFF-SYMBOL-REMOVED", "breaking", "breaking"),
    ("static member removed", [("    static int shared;\n", ""), ("int widget::shared = 3;\n", "")], "DIFF-SYMBOL-REMOVED", "breaking", "breaking"),
]


def mutated(text, changes):
    for before, after in changes:
        if before not in text:
            raise ValueError(f"a mutation does not apply: {before!r}")
        text = text.replace(before, after)
    return text
