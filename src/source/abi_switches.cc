#include "source/abi_switches.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "abi/call_values.h"
#include "base/text.h"

namespace abiscope::source {

namespace {

// `layouts` are recorded where a program is read, `classes` are passed otherwise, too.
enum class Changes : std::uint8_t { abi, layouts, long_double, classes, calls, stack, floating };
using enum Changes;

struct Row {
    std::string_view spelling;   // the whole flag; with * at its end, how it begins
    Changes changes;
    std::string_view what;
    std::string_view usual;      // ABIs, patterns between spaces, that are so without it
};

// GCC 12 manual: 3.16 Code Generation Conventions, 3.19.5 ARM, 3.19.43 RISC-V, 3.19.59 x86 Options; clang 19, "Clang command line argument
// reference". Of several rows the first that matches counts.
constexpr Row rows[] = {
    {"-m32", abi, "the ABI", "sysv-i386 win32-* aapcs32*"},
    {"-m64", abi, "the ABI", "sysv-amd64 win64-* aapcs64 apple-arm64 win-arm64 lp64d-riscv64"},
    {"-mx32", abi, "the ABI", ""},
    {"-m16", abi, "the ABI", ""},
    {"-target", abi, "the ABI", ""},
    {"--target=*", abi, "the ABI", ""},
    {"-arch", abi, "the ABI", ""},
    {"-mabi=sysv", calls, "the calling convention", "sysv-amd64"},
    {"-mabi=ms", calls, "the calling convention", "win64-*"},
    {"-mabi=lp64", abi, "the ABI", "aapcs64"},
    {"-mabi=lp64d", abi, "the ABI", "lp64d-riscv64"},
    {"-mabi=aapcs-linux", abi, "the ABI", "aapcs32*"},
    {"-mabi=*", abi, "the ABI", ""},
    {"-mfloat-abi=hard", floating, "where floating point travels", "aapcs32"},
    {"-mfloat-abi=soft", floating, "where floating point travels", "aapcs32-base"},
    {"-mfloat-abi=softfp", floating, "where floating point travels", "aapcs32-base"},
    {"-mfloat-abi=*", floating, "where floating point travels", ""},
    {"-msoft-float", floating, "where floating point travels", "aapcs32-base"},
    {"-mno-80387", floating, "where floating point travels", ""},
    {"-mno-fp-ret-in-387", floating, "where floating point travels", ""},
    {"-mno-sse", floating, "where floating point travels", "sysv-i386 win32-mingw"},
    {"-mno-sse2", floating, "where floating point travels", "sysv-i386 win32-mingw"},
    {"-mgeneral-regs-only", floating, "where floating point travels", ""},
    {"-mregparm=0", calls, "where arguments travel", "*"},
    {"-mregparm=*", calls, "where arguments travel", ""},
    {"-mrtd", calls, "who pops the arguments", "sysv-amd64 win64-*"},
    {"-msseregparm", floating, "where floating point travels", ""},
    {"-fdefault-calling-conv=*", calls, "the calling convention", ""},
    {"-fpcc-struct-return", calls, "where structs are returned", "sysv-i386"},
    {"-freg-struct-return", calls, "where structs are returned", "win32-*"},
    {"-mpreferred-stack-boundary=4", stack, "the alignment of the stack", "sysv-amd64 sysv-i386 win64-*"},
    {"-mpreferred-stack-boundary=*", stack, "the alignment of the stack", ""},
    {"-mstack-alignment=*", stack, "the alignment of the stack", ""},
    {"-malign-double", layouts, "the alignment of double, long long and long double",
     "sysv-amd64/gcc-12 win64-mingw/gcc-12 win32-mingw/gcc-12"},
    {"-mno-align-double", layouts, "the alignment of double and long long", "sysv-amd64 sysv-i386"},
    {"-mlong-double-80", long_double, "long double", "sysv-amd64 sysv-i386 win64-mingw win32-mingw"},
    {"-mlong-double-*", long_double, "long double", ""},
    {"-m96bit-long-double", long_double, "long double", "sysv-i386 win32-mingw"},
    {"-m128bit-long-double", long_double, "long double", "sysv-amd64 win64-mingw"},
    {"-mstructure-size-boundary=8", layouts, "the alignment of structs", "aapcs32*"},
    {"-mstructure-size-boundary=*", layouts, "the alignment of structs", ""},
    {"-fabi-version=0", classes, "layouts of C++", "*"},
    {"-fabi-version=17", classes, "layouts of C++", "*/gcc-12"},
    {"-fabi-version=*", classes, "layouts of C++", ""},
    {"-fclang-abi-compat=latest", classes, "layouts and calls", "*"},
    {"-fclang-abi-compat=*", classes, "layouts and calls", ""},
    {"-fms-compatibility-version=*", classes, "layouts of C++", ""},
};

// `profile`: its name.
bool is_usual(const Row& row, std::string_view profile) {
    std::string_view abi = profile.substr(0, profile.find('/'));
    return std::ranges::any_of(text::split(row.usual, " "),
                               [&](std::string_view pattern) { return text::glob_match(pattern, pattern.contains('/') ? profile : abi); });
}

// Asked for every word of every producer of a program: most differ in the first letters.
bool is_spelt(std::string_view flag, std::string_view spelling) {
    if (flag.size() < 3 || flag[1] != spelling[1] || flag[2] != spelling[2]) return false;
    if (!spelling.ends_with('*')) return flag == spelling;
    spelling.remove_suffix(1);
    return flag.starts_with(spelling);
}

const Row* row_of(std::string_view flag) {
    const auto* row = std::ranges::find_if(rows, [&](const Row& one) { return is_spelt(flag, one.spelling); });
    return row == std::end(rows) ? nullptr : row;
}

// The first flag that changes one of these.
struct Found {
    const Row* row = nullptr;
    std::string flag;
};
Found first_of(const std::vector<std::string>& flags, const abi::Profile& profile, std::initializer_list<Changes> wanted) {
    for (const std::string& flag : flags) {
        const Row* row = row_of(flag);
        if (row == nullptr || std::ranges::find(wanted, row->changes) == wanted.end() || is_usual(*row, profile.name)) continue;
        return {row, flag};
    }
    return {};
}

std::string reason(const Found& found, const abi::Profile& profile) {
    if (found.row->changes == abi)
        return fmt::format("{} asks for another ABI than {}: name one with --abi (`abiscope abi list`)", found.flag, profile.name);
    return fmt::format("{} changes {}, and {} is the ABI without it", found.flag, found.row->what, profile.name);
}

using Test = bool (*)(const abi::Type&);

// Whether a value of the type holds something that passes the test.
bool holds(const abi::TypeTable& types, abi::TypeId id, Test test, std::set<abi::TypeId>& met) {
    id = types.resolve(id);
    if (id == abi::TypeId::none || !met.insert(id).second) return false;
    const abi::Type& type = types.at(id);
    if (test(type)) return true;
    switch (type.kind) {
        case abi::Kind::complex:
        case abi::Kind::array:
        case abi::Kind::atomic: return holds(types, type.target, test, met);
        case abi::Kind::record: break;
        default: return false;
    }
    const abi::Record& record = *types.record(id);
    return std::ranges::any_of(record.bases, [&](const abi::Base& base) { return holds(types, base.type, test, met); }) ||
        std::ranges::any_of(record.fields, [&](const abi::Field& field) { return holds(types, field.type, test, met); });
}

bool takes(const abi::TypeTable& types, const abi::Signature& signature, Test test) {
    std::set<abi::TypeId> met;
    auto passes = [&](const abi::Parameter& one) { return holds(types, one.type, test, met); };
    return std::ranges::any_of(signature.parameters, passes) || std::ranges::any_of(signature.results, passes);
}

bool is_floating(const abi::Type& type) {
    return type.kind == abi::Kind::vector || (type.kind == abi::Kind::scalar && abi::is_floating(type.scalar));
}
bool is_long_double(const abi::Type& type) { return type.kind == abi::Kind::scalar && type.scalar == abi::Scalar::long_double; }
bool is_class(const abi::Type& type) { return type.kind == abi::Kind::record && type.language == abi::Language::cxx; }

using ChangesCall = bool (*)(const abi::TypeTable&, const abi::Signature&);
template <Test test>
bool takes_one(const abi::TypeTable& types, const abi::Signature& signature) {
    return takes(types, signature, test);
}

// Whether a function whose unit was compiled with such a switch is called in another way. Its ABI and its layouts are in its file.
ChangesCall changed_calls(Changes changes) {
    switch (changes) {
        case floating: return takes_one<is_floating>;
        case long_double: return takes_one<is_long_double>;
        case classes: return takes_one<is_class>;
        default: return nullptr;
    }
}

}  // namespace

std::optional<std::string> switch_against_layouts(const std::vector<std::string>& flags, const abi::Profile& profile) {
    Found found = first_of(flags, profile, {abi, layouts, long_double, classes});
    if (found.row == nullptr) return std::nullopt;
    return reason(found, profile);
}

std::vector<std::string> switches_for_clang(const std::vector<std::string>& flags, const abi::Profile& profile) {
    std::vector<std::string> kept;
    std::ranges::copy_if(flags, std::back_inserter(kept), [&](const std::string& flag) {
        const Row* row = row_of(flag);
        // clang is told of instruction sets in any case: the registers of vectors depend on them.
        bool moves_types = row != nullptr && row->changes != calls && row->changes != stack;
        return row == nullptr || row->changes == floating || (moves_types && !is_usual(*row, profile.name));
    });
    return kept;
}

bool has_switch_against_calls(const std::vector<std::string>& flags, const abi::Profile& profile) {
    return first_of(flags, profile, {calls, stack, floating}).row != nullptr;
}

void refuse_changed_calls(const std::vector<std::string>& flags, const abi::Profile& profile, Declarations& declarations) {
    Found all = first_of(flags, profile, {calls, stack});
    Found some = first_of(flags, profile, {floating});
    std::erase_if(declarations.functions, [&](const abi::Signature& signature) {
        const Found* found = all.row != nullptr ? &all : nullptr;
        if (found == nullptr && some.row != nullptr && takes(declarations.types, signature, is_floating)) found = &some;
        if (found == nullptr) return false;
        declarations.refused.emplace_back(signature.name, reason(*found, profile));
        return true;
    });
}

bool is_switch_of_calls(std::string_view flag, std::string_view profile) {
    const Row* row = row_of(flag);
    return row != nullptr && row->changes == calls && !is_usual(*row, profile);
}

std::vector<CallSwitch> recorded_call_switches(std::string_view producer, std::string_view profile) {
    std::vector<CallSwitch> found;
    for (std::string_view word : text::split(producer, " ")) {
        const Row* row = word.starts_with('-') ? row_of(word) : nullptr;
        if (row == nullptr || is_usual(*row, profile)) continue;
        if (ChangesCall changes = changed_calls(row->changes))
            found.push_back({fmt::format("its unit was compiled with {}, which changes {}", text::printable(word), row->what), changes});
    }
    return found;
}

}  // namespace abiscope::source
