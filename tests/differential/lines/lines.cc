// Templates, lambdas, members and exceptions whose lines are looked up. The first argument picks a crash.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace shapes {

struct Base {
    virtual ~Base() = default;
    virtual int area() const = 0;
};

template <typename T>
struct Box final : Base {
    T* side;
    explicit Box(T* s) : side(s) {}
    inline __attribute__((always_inline)) T get() const { return *side; }
    int area() const override {
        T one = get();
        return static_cast<int>(one * get());
    }
};

namespace {
inline __attribute__((always_inline)) int scaled(const Base& shape, int by) { return shape.area() * by; }
}  // namespace

template <typename F>
__attribute__((noinline)) int apply(F f, int n) {
    if (n == 0) return f(1);
    return apply(f, n - 1) + 1;
}

}  // namespace shapes

__attribute__((noinline)) static int work(const shapes::Base& shape, std::vector<int>& values) {
    std::sort(values.begin(), values.end(), [](int a, int b) { return a > b; });
    std::map<std::string, int> counts;
    for (int v : values) counts[std::to_string(v)] += v;
    int total = 0;
    for (const auto& [name, count] : counts) total += count + static_cast<int>(name.size());
    return shapes::apply([&](int by) { return shapes::scaled(shape, by); }, 2) + total;
}

int main(int count, char** words) {
    const char* name = count > 1 ? words[1] : "";
    std::vector<int> values{3, 1, 2};
    long three = 3;
    shapes::Box<long> good(&three);
    std::printf("%d\n", work(good, values));
    try {
        if (count > 5) throw std::runtime_error("many");
    } catch (const std::exception& e) {
        std::puts(e.what());
    }
    if (!std::strcmp(name, "null")) return work(shapes::Box<long>(nullptr), values);
    if (!std::strcmp(name, "throw")) throw std::out_of_range("far");
}
