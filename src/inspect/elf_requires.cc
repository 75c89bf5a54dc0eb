#include "inspect/elf_requires.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/names.h"

namespace abiscope::inspect {

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
    return out;
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
