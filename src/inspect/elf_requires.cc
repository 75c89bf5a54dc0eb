#include "inspect/elf_requires.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "base/names.h"
#include "base/version.h"

namespace abiscope::inspect {

namespace {

// GLIBC_2.34 is 2.34; GLIBC_PRIVATE is no number.
std::optional<Version> glibc_version(std::string_view name) {
    // A name without a number, for the first release that reads DT_RELR (glibc 2.36, NEWS).
    if (name == "GLIBC_ABI_DT_RELR") return Version::parse("2.36");
    constexpr std::string_view prefix = "GLIBC_";
    return name.starts_with(prefix) ? Version::parse(name.substr(prefix.size())) : std::nullopt;
}

// The same prefix with numbers behind it (GLIBCXX_3.4.9 and GLIBCXX_3.4.29) is compared by the numbers, all else by its letters.
bool is_older(std::string_view a, std::string_view b) {
    std::size_t at_a = a.find_first_of("0123456789"), at_b = b.find_first_of("0123456789");
    if (at_a == std::string_view::npos || at_b == std::string_view::npos || a.substr(0, at_a) != b.substr(0, at_b)) return a < b;
    return Version::parse(a.substr(at_a)) < Version::parse(b.substr(at_b));
}

}  // namespace

std::vector<VersionRequirement> elf_version_requirements(const elf::Versions& versions, const std::vector<elf::Import>& imports) {
    std::vector<VersionRequirement> out;
    std::unordered_map<std::uint16_t, std::size_t> by_index;
    for (const elf::VersionNeed& need : versions.needs) {
        for (const elf::NeededVersion& version : need.versions) {
            by_index.emplace(version.index & elf::versym_index, out.size());
            out.push_back({.library = std::string(need.library),
                           .version = std::string(version.name),
                           .weak = (version.flags & elf::ver_flg_weak) != 0,
                           .symbols = {},
                           .file_offset = version.record_offset});
        }
    }
    for (const elf::Import& import : imports) {
        auto found = by_index.find(versions.index_of(import.index) & elf::versym_index);
        if (found != by_index.end()) out[found->second].symbols.emplace_back(import.symbol.name);
    }
    for (VersionRequirement& requirement : out) std::ranges::sort(requirement.symbols);
    for (auto first = out.begin(); first != out.end();) {
        auto last = std::find_if(first, out.end(), [&](const VersionRequirement& other) { return other.library != first->library; });
        std::stable_sort(first, last,
                         [](const VersionRequirement& a, const VersionRequirement& b) { return is_older(a.version, b.version); });
        first = last;
    }
    return out;
}

void set_libc_minimum(Card& card) {
    std::optional<Version> newest;
    for (const VersionRequirement& requirement : card.versions) {
        auto number = glibc_version(requirement.version);
        if (number && !requirement.weak && (!newest || *newest < *number)) newest = number;
    }
    if (!newest) return;
    card.libc_min = "glibc " + newest->to_string();
    for (const VersionRequirement& requirement : card.versions) {
        if (glibc_version(requirement.version) != newest) continue;
        card.libc_because.insert(card.libc_because.end(), requirement.symbols.begin(), requirement.symbols.end());
    }
    std::ranges::sort(card.libc_because);
}

std::string declared_isa(const elf::KnownNotes& notes) {
    if (!notes.x86_isa_needed || *notes.x86_isa_needed == 0) return {};
    std::string highest;
    for (const Name& level : elf::x86_isa_levels()) {
        if ((*notes.x86_isa_needed & level.value) != 0) highest = level.name;
    }
    return highest.empty() ? fmt::format("x86 ISA bits {:#x}", *notes.x86_isa_needed) : highest;
}

std::string elf_os_minimum(const elf::KnownNotes& notes) {
    if (!notes.abi_tag) return {};
    constexpr std::string_view systems[] = {"Linux", "Hurd", "Solaris", "FreeBSD", "NetBSD", "Syllable", "NaCl"};
    const elf::AbiTag& tag = *notes.abi_tag;
    std::string name = tag.os < std::size(systems) ? std::string(systems[tag.os]) : fmt::format("OS {}", tag.os);
    return fmt::format("{} {}.{}.{}", name, tag.version[0], tag.version[1], tag.version[2]);
}

}  // namespace abiscope::inspect
