#include "source/go_constraint.h"

#include <algorithm>
#include <charconv>

namespace abiscope::source {

namespace {

// go/build/syslist.go
constexpr std::string_view systems[] = {"aix",   "android", "darwin", "dragonfly", "freebsd", "hurd",    "illumos", "ios",     "js",
                                        "linux", "nacl",    "netbsd", "openbsd",   "plan9",   "solaris", "wasip1",  "windows", "zos"};
constexpr std::string_view unix_systems[] = {"aix",     "android", "darwin", "dragonfly", "freebsd", "hurd",
                                             "illumos", "ios",     "linux",  "netbsd",    "openbsd", "solaris"};
constexpr std::string_view architectures[] = {"386",     "amd64",  "amd64p32", "arm",      "armbe",     "arm64",       "arm64be", "loong64",
                                              "mips",    "mipsle", "mips64",   "mips64le", "mips64p32", "mips64p32le", "ppc",     "ppc64",
                                              "ppc64le", "riscv",  "riscv64",  "s390",     "s390x",     "sparc",       "sparc64", "wasm"};

template <typename List>
bool holds(const List& list, std::string_view word) {
    return std::ranges::find(list, word) != std::end(list);
}

constexpr unsigned deepest = 100;

class Reader {
public:
    Reader(std::string_view text, const GoBuild& build) : text_(text), build_(build) {}

    bool run() {
        bool value = any(0);
        skip();
        return value && !failed_ && at_ == text_.size();
    }

private:
    void skip() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
    }
    bool accept(std::string_view word) {
        skip();
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }
    bool any(unsigned depth) {
        bool value = all(depth);
        while (accept("||")) value = all(depth) || value;
        return value;
    }
    bool all(unsigned depth) {
        bool value = one(depth);
        while (accept("&&")) value = one(depth) && value;
        return value;
    }
    bool one(unsigned depth) {
        if (depth > deepest) return fail();
        if (accept("!")) return !one(depth + 1);
        if (accept("(")) {
            bool value = any(depth + 1);
            return accept(")") ? value : fail();
        }
        skip();
        std::size_t start = at_;
        auto in_tag = [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
        };
        while (at_ < text_.size() && in_tag(text_[at_])) ++at_;
        return at_ == start ? fail() : tag(text_.substr(start, at_ - start));
    }
    bool fail() {
        failed_ = true;
        at_ = text_.size();
        return false;
    }
    [[nodiscard]] bool tag(std::string_view word) const {
        if (word == build_.os || word == build_.architecture || word == "gc" || holds(build_.tags, word)) return true;
        if (word == "unix") return holds(unix_systems, build_.os);
        if (word == "linux") return build_.os == "android";
        if (word == "darwin") return build_.os == "ios";
        if (word == "solaris") return build_.os == "illumos";
        std::uint32_t minor = 0;
        if (!word.starts_with("go1.")) return false;
        auto done = std::from_chars(word.data() + 4, word.data() + word.size(), minor);
        return done.ec == std::errc() && done.ptr == word.data() + word.size() && minor < 100 && 100 + minor <= build_.version;
    }

    std::string_view text_;
    const GoBuild& build_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

}  // namespace

bool go_constraint_holds(std::string_view expression, const GoBuild& build) { return Reader(expression, build).run(); }

bool go_file_name_fits(std::string_view path, const GoBuild& build) {
    std::string_view name = path.substr(path.rfind('/') + 1);
    name = name.substr(0, name.find('.'));
    if (name.ends_with("_test")) name.remove_suffix(5);
    // The part before the first _ is never a constraint.
    std::size_t first = name.find('_');
    if (first == std::string_view::npos) return true;
    name.remove_prefix(first + 1);
    std::size_t last = name.rfind('_');
    std::string_view end = last == std::string_view::npos ? name : name.substr(last + 1);
    std::string_view before = last == std::string_view::npos ? std::string_view() : name.substr(0, last);
    before = before.substr(before.rfind('_') + 1);
    auto os_fits = [&](std::string_view os) { return go_constraint_holds(os, build); };
    if (holds(architectures, end)) return end == build.architecture && (!holds(systems, before) || os_fits(before));
    return !holds(systems, end) || os_fits(end);
}

}  // namespace abiscope::source
