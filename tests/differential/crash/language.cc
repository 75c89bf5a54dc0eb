// What the runtime of C++ stops. The first argument picks the crash.
#include <pthread.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <future>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

volatile long zero;

struct Base {
    Base() { call(); }
    virtual ~Base() = default;
    void call() { hook(); }
    virtual void hook() = 0;
};
struct Derived : Base {
    void hook() override { std::puts("derived"); }
};
struct Shape {
    virtual ~Shape() {}
    virtual int area(int x) = 0;
    long pad = 0;
};
struct Square : Shape {
    int area(int x) override { return x * x; }
};
struct Circle : Shape {
    int area(int x) override { return 3 * x * x; }
};
[[gnu::noinline]] int area_of(Shape* shape) { return shape->area(3) + 1; }
struct Own : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct Telling : std::runtime_error {
    using std::runtime_error::runtime_error;
    const char* what() const noexcept override { return "told by the class itself"; }
};
struct Making : std::runtime_error {
    using std::runtime_error::runtime_error;
    const char* what() const noexcept override {
        static char made[64];
        std::snprintf(made, sizeof(made), "made of %s", std::runtime_error::what());
        return made;
    }
};
struct Coded : std::exception {
    int code = 2;
    const char* what() const noexcept override { return code == 1 ? "the first code" : "the second code"; }
};
struct Holding : std::exception {
    std::string text = "held in a string of the class itself";
    const char* what() const noexcept override { return text.c_str(); }
};
struct Plain {
    int value = 7;
};

struct Tagged {
    virtual ~Tagged() = default;
    long tag = 5;
};
struct Joined : Tagged, std::logic_error {
    Joined() : std::logic_error("the second base keeps this text") {}
};
class Hidden : std::runtime_error {
public:
    Hidden() : std::runtime_error("a private base keeps this text") {}
};
struct Shared : virtual std::runtime_error {
    Shared() : std::runtime_error("a virtual base keeps this text") {}
};
[[gnu::noinline]] void throw_nested() {
    try {
        try {
            throw std::runtime_error("the disk is full");
        } catch (...) {
            std::throw_with_nested(std::logic_error("nothing is saved"));
        }
    } catch (...) {
        std::throw_with_nested(Own("the request failed"));
    }
}

// libc++'s way out, and a member that takes it.
namespace std {
inline namespace __1 {
[[noreturn, gnu::noinline]] void __libcpp_verbose_abort(const char* format, ...) {
    std::fputs(format, stderr);
    std::abort();
}
}  // namespace __1
}  // namespace std
// As libc++'s members do with _LIBCPP_HARDENING_MODE_FAST: without a word, or with the one that clang keeps in the debug information.
namespace std {
inline namespace __1 {
inline int trapping(const int* values, std::size_t at, std::size_t count) {
    if (at >= count) __builtin_trap();
    return values[at];
}
inline int explaining(const int* values, std::size_t at, std::size_t count) {
#ifdef __clang__
#if __has_builtin(__builtin_verbose_trap)
    if (at >= count) __builtin_verbose_trap("libc++", "vector[] index out of bounds");
#endif
#endif
    return values[at];
}
}  // namespace __1
}  // namespace std
[[gnu::noinline]] int trap(const char* what, std::size_t at) {
    const int values[] = {1, 2, 3};
    return std::strcmp(what, "libcxx_trap") ? std::__1::explaining(values, at, 3) : std::__1::trapping(values, at, 3);
}
[[gnu::noinline]] int checked(const int* values, std::size_t at, std::size_t count) {
    if (at >= count)
        std::__1::__libcpp_verbose_abort("%s", "v1/vector:1393: assertion __n < size() failed: vector[] index out of bounds\n");
    return values[at];
}

[[gnu::noinline]] void thrower(const char* what) {
    if (!std::strcmp(what, "throw")) throw std::runtime_error("the disk is full");
    if (!std::strcmp(what, "throw_own")) throw Own("my own words");
    if (!std::strcmp(what, "throw_telling")) throw Telling("the kept text");
    if (!std::strcmp(what, "throw_making")) throw Making("the kept text");
    if (!std::strcmp(what, "throw_coded")) throw Coded();
    if (!std::strcmp(what, "throw_holding")) throw Holding();
    if (!std::strcmp(what, "throw_stream")) {
        std::ifstream file;
        file.exceptions(std::ios::failbit);
        file.open("/nonexistent");
    }
    if (!std::strcmp(what, "throw_files")) std::filesystem::create_directory("/nonexistent/folder");
    if (!std::strcmp(what, "throw_future")) {
        std::promise<int> promise;
        promise.set_value(1);
        promise.set_value(2);
    }
    if (!std::strcmp(what, "throw_cast")) {
        Square square;
        Shape& shape = square;
        std::printf("%d\n", dynamic_cast<Circle&>(shape).area(1));
    }
    if (!std::strcmp(what, "throw_odd")) throw std::runtime_error("C:\\temp\nline two");
    if (!std::strcmp(what, "throw_int")) throw 42;
    if (!std::strcmp(what, "throw_text")) throw "only text";
    if (!std::strcmp(what, "throw_plain")) throw Plain();
    if (!std::strcmp(what, "throw_number")) throw -1234567890123L;
    if (!std::strcmp(what, "throw_real")) throw 2.5;
    if (!std::strcmp(what, "throw_pointer")) throw static_cast<std::exception*>(new Joined);
    if (!std::strcmp(what, "throw_short_string")) throw std::string("short");
    if (!std::strcmp(what, "throw_kept")) {
        std::exception_ptr kept;
        try {
            throw std::runtime_error("kept for later");
        } catch (...) {
            kept = std::current_exception();
        }
        std::rethrow_exception(kept);
    }
    if (!std::strcmp(what, "throw_joined")) throw Joined();
    if (!std::strcmp(what, "throw_hidden")) throw Hidden();
    if (!std::strcmp(what, "throw_shared")) throw Shared();
    if (!std::strcmp(what, "throw_string")) throw std::string("a string of its own, and a long one");
    if (!std::strcmp(what, "throw_nested")) throw_nested();
    if (!std::strcmp(what, "libcxx_assertion")) {
        const int values[] = {1, 2, 3};
        std::printf("%d\n", checked(values, static_cast<std::size_t>(zero) + 9, 3));
    }
    if (!std::strcmp(what, "throw_range")) std::printf("%d\n", std::vector<int>(3).at(static_cast<std::size_t>(zero) + 9));
    if (!std::strcmp(what, "throw_long")) throw std::logic_error(std::string(300, 'x'));
}
[[gnu::noinline]] void never_throws(const char* what) noexcept { thrower(what); }

[[gnu::noinline]] int element(const std::vector<int>& v, std::size_t i) { return v[i]; }

int main(int argc, char** argv) {
    const char* what = argc > 1 ? argv[1] : "";
    if (!std::strcmp(what, "noexcept")) never_throws("throw");
    if (!std::strcmp(what, "assertion")) std::printf("%d\n", element(std::vector<int>(3), static_cast<std::size_t>(zero) + 9));
    if (!std::strcmp(what, "pure_virtual")) Derived();
    if (!std::strncmp(what, "libcxx_trap", 11)) return trap(what, static_cast<std::size_t>(zero) + 9);
    if (!std::strcmp(what, "rethrow_nothing")) throw;
    if (!std::strcmp(what, "deleted")) {
        Shape* volatile shape = new Square;
        delete shape;
        return area_of(shape);
    }
    if (!std::strcmp(what, "joinable"))
        std::thread([] {
            for (;;) std::this_thread::yield();
        });
    if (!std::strcmp(what, "cancelled")) {
        std::thread thread([]() noexcept {
            for (;;) ::sleep(1);
        });
        ::pthread_cancel(thread.native_handle());
        thread.join();
    }
    if (!std::strcmp(what, "ended_in_handler")) {
        try {
            throw std::runtime_error("the disk is full");
        } catch (const std::exception&) {
            try {
                throw std::out_of_range("dealt with");
            } catch (const std::exception&) {}
            std::terminate();
        }
    }
    // Exceptions that have nothing to do with it: caught, another thread's, only kept.
    if (!std::strcmp(what, "joinable_in_handler")) {
        try {
            throw std::runtime_error("dealt with");
        } catch (const std::exception&) {
            std::thread([] {
                for (;;) ::pause();
            });
        }
    }
    if (!std::strcmp(what, "joinable_beside")) {
        std::thread other([] {
            try {
                throw std::runtime_error("dealt with");
            } catch (const std::exception&) {
                for (;;) ::pause();
            }
        });
        ::usleep(200000);
        other.detach();
        std::thread([] {
            for (;;) ::pause();
        });
    }
    if (!std::strcmp(what, "joinable_and_kept")) {
        std::exception_ptr kept = std::make_exception_ptr(std::runtime_error("dealt with"));
        std::thread([] {
            for (;;) ::pause();
        });
    }
    if (!std::strcmp(what, "ended_and_kept")) {
        std::exception_ptr kept;
        try {
            throw std::runtime_error("dealt with");
        } catch (const std::exception&) {
            kept = std::current_exception();
        }
        std::terminate();
    }
    if (!std::strcmp(what, "thrown_once_more")) {
        std::exception_ptr kept = std::make_exception_ptr(std::runtime_error("the disk is full"));
        std::rethrow_exception(kept);
    }
    if (!std::strcmp(what, "second")) {
        try {
            throw std::logic_error("the first, caught");
        } catch (const std::exception&) {
            thrower("throw");
        }
    }
    thrower(what);
    std::puts("still alive");
    return 3;
}
