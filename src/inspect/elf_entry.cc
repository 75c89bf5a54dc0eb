#include "inspect/elf_entry.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "elf/symbols.h"
#include "inspect/instructions.h"
#include "loader/elf_code.h"

namespace abiscope::inspect {

using finding::Address;
using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

Evidence entry_evidence(const elf::Image& image, std::string reading) {
    elf::FieldPlace place = elf::place_of(elf::HeaderField::entry, image.encoding());
    return Evidence::value("elf/header.e_entry", image.bytes().file_offset(place.offset), place.size, std::move(reading));
}

std::uint64_t lowest_load_address(const elf::Image& image) {
    std::uint64_t lowest = ~std::uint64_t{0};
    for (const elf::Segment& segment : image.segments()) {
        if (segment.type == elf::pt_load) lowest = std::min(lowest, segment.vaddr);
    }
    return lowest;
}

std::size_t segment_index(const elf::Image& image, const elf::Segment* segment) {
    return static_cast<std::size_t>(segment - image.segments().data());
}

// An entry that names the right byte in the wrong way of counting: as a file offset, or as a distance from the load address.
std::optional<std::string> off_by_load_address(const elf::Image& image, std::uint64_t entry) {
    std::uint64_t base = lowest_load_address(image);
    if (base == 0 || base == ~std::uint64_t{0}) return std::nullopt;
    if (auto moved = checked_add(base, entry)) {
        const elf::Segment* segment = image.load_segment_at(*moved);
        if (segment != nullptr && segment->executable())
            return fmt::format("{:#x} plus the load address {:#x} is {:#x}, which is executable code", entry, base, *moved);
    }
    return std::nullopt;
}

void check(const elf::Image& image, const std::vector<elf::Section>& sections, Entry& out, finding::Sink& sink) {
    const elf::Segment* segment = image.load_segment_at(out.address);
    if (out.address == 0) {
        sink.add(Finding(RuleId::ELF_ENTRY_ZERO, entry_evidence(image, "0x0")));
        return;
    }
    if (segment == nullptr) {
        if (auto hint = off_by_load_address(image, out.address)) {
            sink.add(Finding(RuleId::ELF_ENTRY_OFF_BY_LOAD_ADDRESS, entry_evidence(image, text::hex(out.address)))
                         .with("entry", Address{out.address})
                         .add(Evidence::derived("elf/segments", *hint)));
            return;
        }
        sink.add(Finding(RuleId::ELF_ENTRY_OUTSIDE_SEGMENTS, entry_evidence(image, text::hex(out.address)))
                     .with("entry", Address{out.address})
                     .add(Evidence::absence("elf/segments", fmt::format("no PT_LOAD of {} holds this address", image.segments().size()))));
        return;
    }
    std::size_t index = segment_index(image, segment);
    if (!segment->executable()) {
        sink.add(Finding(RuleId::ELF_ENTRY_NOT_EXECUTABLE, entry_evidence(image, text::hex(out.address)))
                     .with("entry", Address{out.address})
                     .add(Evidence::value(fmt::format("elf/segment[{}].p_flags", index),
                                          segment->record_offset + (image.encoding().wide ? 4 : 24), 4,
                                          flag_names(elf::segment_flags(), segment->flags))));
    }
    if (!image.offset_of(out.address)) {
        sink.add(Finding(RuleId::ELF_ENTRY_NOT_IN_FILE, entry_evidence(image, text::hex(out.address)))
                     .with("entry", Address{out.address})
                     .add(Evidence::value(fmt::format("elf/segment[{}].p_filesz", index), segment->record_offset,
                                          image.encoding().wide ? 56 : 32,
                                          fmt::format("segment at {:#x}: {:#x} bytes from offset {:#x} of a file of {:#x} bytes",
                                                      segment->vaddr, segment->filesz, segment->offset, image.bytes().size()))));
    }
    if (!sections.empty() && elf::section_at(sections, out.address) == nullptr) {
        sink.add(Finding(RuleId::ELF_ENTRY_IN_NO_SECTION, entry_evidence(image, text::hex(out.address)))
                     .with("entry", Address{out.address})
                     .add(Evidence::absence("elf/sections", fmt::format("none of {} sections holds this address", sections.size()))));
    }
}

void name_nearest_symbol(const elf::Image& image, const std::vector<elf::Section>& sections, Entry& out) {
    const elf::Section* home = elf::section_at(sections, out.address);
    elf::SymbolTable table = elf::static_symbols(image, sections);
    // _start carries no type in some start files, so untyped symbols count too when they name the entry exactly.
    for (std::uint64_t i = 0; i < table.size(); ++i) {
        elf::Symbol symbol = table.at(i);
        if (symbol.value == out.address && symbol.defined() && !symbol.name.empty() && symbol.type() <= elf::stt_func) {
            out.symbol = std::string(symbol.name);
            out.symbol_covers = true;
            if (symbol.binding() != elf::stb_local) return;
        }
    }
    if (!out.symbol.empty()) return;
    // Sorted by address: the last one that holds the entry is the innermost; else the last one before it, which is only a landmark.
    for (const elf::Function& function : elf::functions(image, sections)) {
        if (function.address > out.address) break;
        if (home != nullptr && !range_contains(home->addr, home->size, function.address)) continue;
        bool covers = function.address == out.address || range_contains(function.address, function.size, out.address);
        if (out.symbol_covers && !covers) continue;
        out.symbol = std::string(function.name);
        out.symbol_offset = out.address - function.address;
        out.symbol_covers = covers;
    }
}

}  // namespace

std::optional<Entry> elf_entry(const elf::Image& image, const std::vector<elf::Section>& sections, const Linkage& linkage,
                               const Options& options, finding::Sink& sink) {
    std::uint16_t type = image.header().type;
    if (type != elf::et_exec && type != elf::et_dyn) return std::nullopt;
    if (linkage.kind == LinkageKind::shared_library && image.header().entry == 0) return std::nullopt;
    Entry out;
    out.address = image.header().entry;
    std::uint64_t base = lowest_load_address(image);
    if (base != ~std::uint64_t{0} && out.address >= align_down(base, 0x1000)) out.rva = out.address - align_down(base, 0x1000);
    if (auto offset = image.offset_of(out.address)) out.file_offset = image.bytes().file_offset(*offset);
    if (const elf::Section* section = elf::section_at(sections, out.address)) out.section = std::string(section->name);
    if (const elf::Segment* segment = image.load_segment_at(out.address)) {
        out.segment = fmt::format("LOAD #{}", segment_index(image, segment));
        out.permissions = permissions(segment->readable(), segment->writable(), segment->executable());
    }
    check(image, sections, out, sink);
    if (options.symbols && !out.segment.empty()) name_nearest_symbol(image, sections, out);
    if (options.instructions) {
        auto architecture = loader::code_architecture(image);
        std::uint64_t at = out.address;
        // ELF for the Arm Architecture, "Program header": the lowest bit of an entry says Thumb.
        if (architecture == disasm::Architecture::arm && (at & 1) != 0) {
            architecture = disasm::Architecture::thumb;
            at &= ~std::uint64_t{1};
        }
        bool by_data = architecture == disasm::Architecture::mips32 || architecture == disasm::Architecture::mips64 ||
            architecture == disasm::Architecture::ppc64;
        out.instructions =
            first_instructions(architecture, image.view_at(at), at, by_data ? std::optional(image.encoding().order) : std::nullopt);
    }
    return out;
}

}  // namespace abiscope::inspect
