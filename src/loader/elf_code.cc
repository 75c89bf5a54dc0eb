#include "loader/elf_code.h"

#include <algorithm>
#include <iterator>

#include "elf/function_starts.h"
#include "elf/symbols.h"

namespace abiscope::loader {

std::optional<disasm::Architecture> code_architecture(const elf::Image& image) {
    using disasm::Architecture;
    bool wide = image.encoding().wide;
    switch (image.header().machine) {
        case elf::em_x86_64: return Architecture::x86_64;
        case elf::em_386:
        case elf::em_486: return Architecture::x86;
        case elf::em_aarch64: return Architecture::arm64;
        case elf::em_arm: return Architecture::arm;
        case elf::em_riscv: return wide ? Architecture::riscv64 : Architecture::riscv32;
        case elf::em_ppc64: return Architecture::ppc64;
        case elf::em_ppc: return Architecture::ppc32;
        case elf::em_mips: return wide ? Architecture::mips64 : Architecture::mips32;
        case elf::em_s390: return Architecture::s390x;
        case elf::em_sparcv9: return Architecture::sparc64;
        case elf::em_sparc: return Architecture::sparc;
        default: return std::nullopt;
    }
}

std::optional<disasm::Code> elf_code(const elf::Image& image, const std::vector<elf::Section>& sections, GoTables& go) {
    auto architecture = code_architecture(image);
    if (!architecture) return std::nullopt;
    std::vector<disasm::CodeRange> ranges;
    constexpr std::uint64_t code_flags = elf::shf_alloc | elf::shf_execinstr;
    for (const elf::Section& section : sections) {
        if ((section.flags & code_flags) != code_flags || section.type == elf::sht_nobits) continue;
        View bytes = elf::section_bytes(image, section);
        if (!bytes.empty()) ranges.push_back({bytes, section.addr});
    }
    if (ranges.empty()) {
        for (const elf::Segment& segment : image.segments()) {
            if (segment.type != elf::pt_load || !segment.executable()) continue;
            View bytes = image.bytes().clamped(segment.offset, segment.filesz);
            if (!bytes.empty()) ranges.push_back({bytes, segment.vaddr});
        }
    }
    std::vector<disasm::Function> functions;
    for (const elf::Function& function : elf::functions(image, sections))
        functions.push_back({function.address, function.size, function.name});
    std::vector<elf::FunctionExtent> extents = elf::function_starts(image);
    const elf::Section* frames = extents.empty() ? elf::find_section(sections, ".eh_frame") : nullptr;
    if (frames != nullptr && (frames->flags & elf::shf_alloc) != 0) extents = elf::frame_extents(image, frames->addr, frames->size);
    // Beside Go's table, unwind tables and dynamic symbols tell the C functions of a program alone.
    if (elf::find_section(sections, ".symtab") == nullptr) std::ranges::copy(go.functions(), std::back_inserter(functions));
    for (const elf::FunctionExtent& function : extents) functions.push_back({function.address, function.size, {}});
    if (image.header().entry != 0) functions.push_back({image.header().entry, 0, {}});
    Endian order = *architecture == disasm::Architecture::arm64 ? Endian::little : image.encoding().order;
    return disasm::Code(*architecture, order, std::move(ranges), std::move(functions), {});
}

}  // namespace abiscope::loader
