#include "report/demangle.h"

#include <cstdlib>
#include <memory>

#include <libiberty/demangle.h>

#include "base/text.h"

namespace abiscope::report {

namespace {

constexpr std::size_t longest = 1024;
constexpr unsigned most_references = 24;
constexpr unsigned references_per_expansion = 12;

// Of base 36 in C++, of base 62 in Rust.
bool is_index_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// A substitution repeats what came before it, so a hostile name can grow by a power of its length: n references that feed each other give
// at most 3^(n/3) copies, and a pack expansion repeats its pattern for every element. Names of real programs that are cut off by this
// bound are printed as they are.
bool bounded(std::string_view name) {
    if (name.size() > longest) return false;
    unsigned references = 0;
    for (std::size_t i = 0; i + 1 < name.size(); ++i) {
        if (name.substr(i, 2) == "Dp" || name.substr(i, 2) == "sp") references += references_per_expansion;
        if (name[i] != 'S' && name[i] != 'T' && name[i] != 'B') continue;
        std::size_t end = i + 1;
        while (end < name.size() && is_index_digit(name[end])) ++end;
        if (end < name.size() && name[end] == '_') ++references;
    }
    return references <= most_references;
}

}  // namespace

std::string demangled(std::string_view name) {
    bool cplusplus = name.starts_with("_Z") || name.starts_with("__Z");
    bool rust = name.starts_with("_R") || name.starts_with("__R");
    // Mach-O puts an underscore before every name of a compiled language.
    std::string mangled(name.starts_with("__") ? name.substr(1) : name);
    if ((!cplusplus && !rust) || !bounded(mangled)) return text::printable(name);
    constexpr int options = DMGL_PARAMS | DMGL_ANSI;
    std::unique_ptr<char, decltype(&std::free)> plain(nullptr, &std::free);
    if (char* as_rust = rust_demangle(mangled.c_str(), options)) plain.reset(as_rust);   // `_ZN...17h<hash>E` is Rust's old form
    else if (cplusplus) plain.reset(cplus_demangle_v3(mangled.c_str(), options));
    return text::printable(plain ? std::string_view(plain.get()) : name);
}

}  // namespace abiscope::report
