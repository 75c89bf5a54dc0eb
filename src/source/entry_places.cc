#include "source/entry_places.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "abi/convention.h"
#include "base/text.h"

namespace abiscope::source {

namespace {

// DWARF's numbers of the registers that arguments travel in: runs of numbered ones, and those of x86-64 that have names (System V psABI,
// figure 3.36). Go writes them in capitals.
struct Run {
    std::string_view architecture;
    std::string_view letters;
    unsigned first;                    // DWARF's number of the register with number 0
};
constexpr Run runs[] = {
    {"amd64", "X", 17},   {"amd64", "R", 0},     {"arm64", "R", 0},     {"arm64", "F", 64},    {"riscv64", "X", 0},   {"riscv64", "F", 32},
    {"loong64", "R", 0},  {"loong64", "F", 32},  {"ppc64", "R", 0},     {"ppc64", "F", 32},    {"ppc64le", "R", 0},   {"ppc64le", "F", 32},
    {"i386", "xmm", 21},  {"i686", "xmm", 21},   {"x86_64", "xmm", 17}, {"x86_64", "ymm", 17}, {"x86_64", "zmm", 17}, {"x86_64", "r", 0},
    {"aarch64", "x", 0},  {"aarch64", "q", 64},  {"aarch64", "d", 64},  {"aarch64", "s", 64},  {"aarch64", "h", 64},  {"aarch64", "v", 64},
    {"arm64", "x", 0},    {"arm64", "q", 64},    {"arm64", "d", 64},    {"arm64", "s", 64},    {"arm64", "h", 64},    {"arm64", "v", 64},
    {"riscv64", "a", 10}, {"riscv64", "fa", 42},
};
using Named = std::pair<std::string_view, unsigned>;
constexpr std::array<Named, 6> amd64_named{{{"RAX", 0}, {"RDX", 1}, {"RBX", 3}, {"RCX", 2}, {"RDI", 5}, {"RSI", 4}}};
constexpr std::array<Named, 6> x86_64_named{{{"rax", 0}, {"rdx", 1}, {"rcx", 2}, {"rbx", 3}, {"rsi", 4}, {"rdi", 5}}};

std::optional<unsigned> dwarf_number(std::string_view architecture, std::string_view name) {
    if (architecture == "amd64" || architecture == "x86_64") {
        const auto& named = architecture == "amd64" ? amd64_named : x86_64_named;
        const auto* at = std::ranges::find(named, name, &Named::first);
        if (at != named.end()) return at->second;
    }
    for (const Run& run : runs) {
        if (run.architecture != architecture || !name.starts_with(run.letters)) continue;
        auto number = text::parse_unsigned(name.substr(run.letters.size()));
        if (number) return run.first + static_cast<unsigned>(*number);
    }
    return std::nullopt;
}

const abi::Location* nth(const abi::Travels& travels, std::size_t index) {
    return index < travels.locations.size() ? &travels.locations[index] : nullptr;
}

const abi::Location* holding(const abi::Travels& travels, std::uint64_t byte) {
    auto at = std::ranges::find_if(travels.locations,
                                   [&](const abi::Location& one) { return byte >= one.byte_offset && byte < one.byte_offset + one.size; });
    return at == travels.locations.end() ? nullptr : &*at;
}

}  // namespace

Evidence held_against(const abi::Travels& computed, const dwarf::CodeParameter& recorded, const abi::Profile& own) {
    Evidence out = Evidence::none;
    if (computed.passed != abi::Passed::directly) return out;
    std::uint64_t from = 0;
    for (std::size_t i = 0; i < recorded.at_entry.size(); ++i) {
        const dwarf::LocationPiece& piece = recorded.at_entry[i];
        std::uint64_t begin = std::exchange(from, from + piece.size);
        if (!piece.place || piece.place->kind != dwarf::Location::Kind::in_register) continue;
        // Go leaves padding out of the pieces; others may have two in one register.
        const abi::Location* at = own.compiler == abi::Compiler::go ? nth(computed, i) : holding(computed, begin);
        if (at == nullptr || at->kind == abi::LocationKind::stack) return Evidence::against;
        auto number = dwarf_number(abi::processor(own), at->name);
        if (number && *number != piece.place->number) return Evidence::against;
        if (number) out = Evidence::agrees;
    }
    return out;
}

AtEntry held_against(const abi::TypeTable& types, const dwarf::FunctionSignature& function, const abi::Signature& signature,
                     const abi::Profile& own) {
    AtEntry out;
    auto call = abi::place_call(types, signature, own);
    if (!call) return out;   // says why itself
    for (const abi::Travels& travels : call->arguments) {
        auto recorded = std::ranges::find(function.code.parameters, travels.name, &dwarf::CodeParameter::name);
        if (travels.name.empty() || recorded == function.code.parameters.end()) continue;
        // The parameters of a pack have one name.
        if (std::ranges::count(function.code.parameters, travels.name, &dwarf::CodeParameter::name) > 1) continue;
        switch (held_against(travels, *recorded, own)) {
            case Evidence::none: break;
            case Evidence::agrees: out.agree.push_back(text::printable(travels.name)); break;
            case Evidence::against: out.against = text::printable(travels.name); return out;
        }
    }
    return out;
}

std::string settle_by_entry(const abi::TypeTable& types, const dwarf::FunctionSignature& function, abi::Signature& signature,
                            const abi::Profile& own) {
    AtEntry entry = held_against(types, function, signature, own);
    if (entry.against.empty()) return {};
    auto adopted = [&](auto&& change) {
        abi::Signature changed = signature;
        change(changed);
        AtEntry other = held_against(types, function, changed, own);
        bool fits = other.against.empty() && !other.agree.empty();
        if (fits) signature = std::move(changed);
        return fits;
    };
    for (const char* registers : {"-mavx", "-mavx512f"}) {
        if (adopted([&](abi::Signature& changed) { changed.switches.emplace_back(registers); })) return {};
    }
    // Of the others only its unit knows how they are called.
    bool other_system = function.external && abi::processor(own) == "x86_64" && !signature.convention && !signature.named;
    if (other_system) {
        bool windows = own.convention == abi::Convention::win64;
        bool found = adopted([&](abi::Signature& changed) {
            changed.convention = windows ? abi::Convention::sysv_amd64 : abi::Convention::win64;
            changed.convention_recorded = true;
        });
        if (found) return {};
    }
    return fmt::format(
        "{} arrives elsewhere than its ABI puts it, as recorded of its first instruction (DW_AT_location): an attribute, or its "
        "compiler, has it called in another way",
        entry.against);
}

}  // namespace abiscope::source
