#include "report/demangle.h"

#include <cstdlib>
#include <memory>

#include <libiberty/demangle.h>

#include "base/text.h"
#include "report/demangle_growth.h"

namespace abiscope::report {

namespace {

using Text = std::unique_ptr<char, decltype(&std::free)>;

constexpr int options = DMGL_PARAMS | DMGL_ANSI;
constexpr std::size_t longest = 4096;
constexpr unsigned most_references = 24;
constexpr unsigned references_per_expansion = 12;
constexpr std::uint64_t most_written = std::uint64_t{1} << 18;

// Of base 36 in C++, of base 62 in Rust.
bool is_index_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// Of a name that is not taken apart before it is written: n references that feed each other give at most 3^(n/3) copies, and a pack
// expansion repeats its pattern for every element.
bool few_references(std::string_view name) {
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

Text from_rust(const std::string& name) {
    if (name.starts_with("_R") && !few_references(name)) return {nullptr, &std::free};
    return {rust_demangle(name.c_str(), options), &std::free};
}

Text from_cplusplus(const std::string& name) {
    void* block = nullptr;
    demangle_component* tree = cplus_demangle_v3_components(name.c_str(), options, &block);
    std::unique_ptr<void, decltype(&std::free)> owner(block, &std::free);
    // No tree of names with the `sr` of older compilers, which libiberty takes up in a second attempt of its own.
    if (tree == nullptr) return {few_references(name) ? cplus_demangle_v3(name.c_str(), options) : nullptr, &std::free};
    std::size_t allocated = 0;
    if (written_size(*tree) > most_written) return {nullptr, &std::free};
    return {cplus_demangle_print(options, tree, static_cast<int>(2 * name.size()), &allocated), &std::free};
}

}  // namespace

std::string demangled(std::string_view name) {
    bool cplusplus = name.starts_with("_Z") || name.starts_with("__Z");
    bool rust = name.starts_with("_R") || name.starts_with("__R");
    if ((!cplusplus && !rust) || name.size() > longest) return text::printable(name);
    // Mach-O puts an underscore before every name of a compiled language.
    std::string mangled(name.starts_with("__") ? name.substr(1) : name);
    Text plain = from_rust(mangled);   // `_ZN...17h<hash>E` is Rust's old form
    if (!plain && cplusplus) plain = from_cplusplus(mangled);
    return text::printable(plain ? std::string_view(plain.get()) : name);
}

}  // namespace abiscope::report
