// What C++ adds to a struct, each in its simplest form.

namespace outer {
struct Base {
    int a;
    char b;
};
class Private : private Base {
public:
    Private();

protected:
    char c;

private:
    int d = 3;
};
namespace inner {
struct Deep {
    struct Nested {
        short s;
        enum class Kind : unsigned char { one, two } kind;
    };
    Nested nested;
    class Hidden;
    Hidden* hidden;
};
class Deep::Hidden {
public:
    int value;
};
}  // namespace inner
namespace {
struct Unnamed {
    int x;
    char y;
};
}  // namespace
}  // namespace outer

struct NonPod {
    NonPod();
    int a;
    char b;
};
struct Reuses : NonPod {
    char c;
};                       // in the tail padding of its base
struct Empty {};
struct OtherEmpty {};
struct EmptyBase : Empty {
    int x;
};
struct TwoEmpty {
    [[no_unique_address]] Empty e;
    [[no_unique_address]] OtherEmpty f;
    int x;
};
struct Overlap {
    [[no_unique_address]] NonPod first;
    [[no_unique_address]] Empty second;
    char third;
};
struct Virtual {
    virtual ~Virtual();
    virtual int run(int) const;
    virtual void pure() = 0;
    int x;
};
struct Derived : Virtual {
    int run(int) const override;
    void pure() override;
    char y;
};
struct VirtualBase {
    int vb;
};
struct Left : virtual VirtualBase {
    int l;
};
struct Right : virtual VirtualBase {
    int r;
};
struct Diamond : Left, Right {
    int d;
};
struct Many : NonPod, Virtual, EmptyBase {
    void pure() override;
    int m;
};
struct alignas(64) Aligned {
    alignas(16) int a;
    char b;
};
struct Statics {
    static int count;
    static const int constant = 7;
    int x;
    static constexpr double pi = 3.14;
};
int Statics::count;
struct References {
    int& a;
    const NonPod& b;
    int&& c;
};
struct Members {
    int NonPod::* data;
    int (Virtual::*function)(int) const;
    decltype(nullptr) null;
};
template <typename T, int N>
struct Array {
    T items[N];
    T* begin;
};
template <typename T>
class Box {
public:
    T value;
    Box* next;
    struct Iterator {
        T* at;
    };
    Iterator first;
};
template <typename... T>
struct Pack {};
struct Uses {
    Array<double, 3> a;
    Box<int> b;
    Box<Box<char>> c;
    Pack<int, char> p;
    outer::inner::Deep d;
};
struct Lambda {
    char32_t wide;
    char16_t half;
    wchar_t w;
    bool b;
};
struct Special {
    Special() = default;
    Special(const Special&) = delete;
    Special(Special&&);
    Special& operator=(const Special&) = default;
    ~Special();
    int x;
};
union Union {
    int i;
    NonPod* p;
    Union();
};
enum Plain { plain_a, plain_b };
enum Fixed : unsigned short { fixed_a };
enum class Scoped { scoped_a = -1 };
struct Enums {
    Plain a;
    Fixed b;
    Scoped c;
    Plain d : 3;
};
struct Bits {
    unsigned char a : 3;
    bool b : 1;
    unsigned c : 12;
    long long d : 50;
};
struct Wide {
    char a : 8;
    int b : 7;
    Scoped c : 5;
};
struct Final final : Virtual {
    void pure() override;
};
typedef struct {
    int only, typedefed;
} TypedefName;
struct Friend {
    friend class Uses;
    struct {
        int inside;
    } anonymous_type;
    union {
        int one;
        float two;
    };
};

outer::Private::Private() {}
NonPod::NonPod() {}
Virtual::~Virtual() {}
int Virtual::run(int x) const { return x; }
int Derived::run(int y) const { return y; }
void Derived::pure() {}
void Many::pure() {}
void Final::pure() {}
Special::Special(Special&&) {}
Special::~Special() {}
Union::Union() {}

int use(Uses u, Overlap, TwoEmpty&, Members m) {
    struct Local {
        int inside_function;
    } local{1};
    return u.b.value + local.inside_function + (m.null == nullptr);
}
outer::Private p;
outer::inner::Deep deep;
outer::inner::Deep::Hidden hidden;
outer::Unnamed unnamed;
Reuses reuses;
EmptyBase eb;
TwoEmpty te;
Overlap ov;
Derived derived;
Diamond diamond;
Many many;
Aligned aligned;
Statics statics;
References* references;
Lambda lambda;
Special special;
Union un;
Enums enums;
Bits bits;
Wide wide;
Final final_one;
TypedefName typedef_name;
Friend friendly;
int main() { return use(Uses(), ov, te, Members()) + int(final_one.x); }
