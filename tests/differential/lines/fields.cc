// Members of classes reached through null. The first argument picks the crash.
#include <cstdio>
#include <cstdlib>
#include <cstring>

struct Base {
    long serial;
    int kind;
};

namespace shop {
class Order : public Base {
public:
    __attribute__((noinline)) int total() const { return price_ + 1; }
    __attribute__((noinline)) int inherited() const { return kind + 1; }

private:
    double weight_;
    int price_;
};

template <typename T>
struct Link {
    T value;
    Link* next;
};
}  // namespace shop

__attribute__((noinline)) static long reference(const shop::Link<long>& link) { return link.value + 1; }
__attribute__((noinline)) static long links(shop::Link<long>* list) { return list->next->value + 1; }

int main(int count, char** words) {
    const char* name = count > 1 ? words[1] : "";
    auto* nothing = std::getenv("abiscope_never_set");
    shop::Link<long> one{1, nullptr};
    long out = 0;
    if (!std::strcmp(name, "member")) out += reinterpret_cast<shop::Order*>(nothing)->total();
    if (!std::strcmp(name, "inherited")) out += reinterpret_cast<shop::Order*>(nothing)->inherited();
    if (!std::strcmp(name, "reference")) out += reference(*reinterpret_cast<shop::Link<long>*>(nothing));
    if (!std::strcmp(name, "links")) out += links(&one);
    std::printf("%ld\n", out);
}
