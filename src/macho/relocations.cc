#include "macho/relocations.h"

#include <fmt/format.h>

#include "macho/spec.h"
#include "macho/symbols.h"

namespace abiscope::macho {

using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

constexpr std::uint64_t relocation_size = 8;
constexpr std::uint32_t scattered_bit = 0x80000000;   // R_SCATTERED, where the processor has it

bool has_scattered(std::uint32_t cpu_type) { return cpu_type == cpu_x86 || cpu_type == cpu_arm || cpu_type == cpu_powerpc; }

// The bit fields of relocation_info start at the low end in little-endian files and at the high end in big-endian ones; those of
// scattered_relocation_info are declared the other way round for each, so that they lie alike.
Relocation decode(std::uint32_t first, std::uint32_t second, const Header& header) {
    Relocation relocation;
    if (has_scattered(header.cpu_type) && (first & scattered_bit) != 0) {
        relocation.scattered = true;
        relocation.address = first & 0xffffff;
        relocation.type = static_cast<std::uint8_t>(first >> 24 & 0xf);
        relocation.length_log2 = static_cast<std::uint8_t>(first >> 28 & 0x3);
        relocation.pc_relative = (first >> 30 & 1) != 0;
        relocation.value = second;
        return relocation;
    }
    relocation.address = first;
    if (header.order == Endian::little) {
        relocation.symbol = second & 0xffffff;
        relocation.pc_relative = (second >> 24 & 1) != 0;
        relocation.length_log2 = static_cast<std::uint8_t>(second >> 25 & 0x3);
        relocation.external = (second >> 27 & 1) != 0;
        relocation.type = static_cast<std::uint8_t>(second >> 28);
    } else {
        relocation.symbol = second >> 8;
        relocation.pc_relative = (second >> 7 & 1) != 0;
        relocation.length_log2 = static_cast<std::uint8_t>(second >> 5 & 0x3);
        relocation.external = (second >> 4 & 1) != 0;
        relocation.type = static_cast<std::uint8_t>(second & 0xf);
    }
    return relocation;
}

// In these types r_symbolnum is a number that the pair needs, not a symbol or section.
bool carries_number(const Relocation& relocation, std::uint32_t cpu_type) {
    if (cpu_type == cpu_arm64 || cpu_type == cpu_arm64_32) return relocation.type == 10;   // ARM64_RELOC_ADDEND
    return has_scattered(cpu_type) && relocation.type == 1;                                // *_RELOC_PAIR
}

class RelocationReader {
public:
    RelocationReader(const Image& image, finding::Sink& sink) : image_(image), sink_(sink), left_(image.bytes().size() / relocation_size) {
        if (const LoadCommand* command = image.find_command(lc_symtab)) {
            Reader reader = command->fields(image.header().order);
            reader.skip(4);
            symbol_count_ = reader.u32();
        }
    }

    void read(const LoadCommand& command, std::string what, std::optional<std::uint32_t> section, std::uint32_t offset, std::uint32_t count,
              std::vector<Relocation>& out) {
        if (count == 0) return;
        View table = image_.table(command, "the relocations of " + what, offset, count * relocation_size, sink_);
        std::uint64_t fit = table.size() / relocation_size;
        // Tables do not overlap in a sound file, so that all of them together have no more entries than the file has room for.
        if (fit > left_) {
            invalid("macho/relocations", table.file_offset(), table.size(),
                    fmt::format("the relocation tables overlap at those of {}", what));
            fit = left_;
        }
        left_ -= fit;
        Reader reader(table, image_.header().order, "the relocations");
        for (std::uint64_t i = 0; i < fit; ++i) {
            std::uint64_t at = reader.file_offset();
            std::uint32_t first = reader.u32();
            Relocation relocation = decode(first, reader.u32(), image_.header());
            relocation.section = section;
            relocation.file_offset = at;
            check(relocation, what, i);
            out.push_back(relocation);
        }
    }

private:
    void invalid(std::string path, std::uint64_t offset, std::uint64_t size, const std::string& reason) {
        sink_.add(Finding(RuleId::MACHO_RELOCATION_INVALID, Evidence::bytes(std::move(path), offset, size, reason)).with("reason", reason));
    }

    void check(const Relocation& relocation, const std::string& what, std::uint64_t index) {
        if (relocation.scattered || carries_number(relocation, image_.header().cpu_type)) return;
        std::uint64_t limit = relocation.external ? symbol_count_ : image_.sections().size() + 1;   // section 0 is R_ABS
        if (relocation.symbol < limit) return;
        invalid(fmt::format("macho/relocations[{}][{}]", what, index), relocation.file_offset, relocation_size,
                fmt::format("{} {} does not exist", relocation.external ? "symbol" : "section", relocation.symbol));
    }

    const Image& image_;
    finding::Sink& sink_;
    std::uint64_t left_;
    std::uint64_t symbol_count_ = 0;
};

}  // namespace

std::string Relocation::type_name(std::uint32_t cpu_type) const { return name_or_hex(relocation_types(cpu_type), type); }

Result<Relocations> read_relocations(const Image& image, finding::Sink& sink) {
    Relocations relocations;
    RelocationReader reader(image, sink);
    for (const Section& section : image.sections()) {
        if (section.relocation_count == 0) continue;
        std::uint32_t command_index = image.segments()[section.segment_index].command_index;
        reader.read(image.commands()[command_index], section.full_name(), section.index, section.relocation_offset,
                    section.relocation_count, relocations.of_sections);
    }
    if (const LoadCommand* command = image.find_command(lc_dysymtab)) {
        Reader fields = command->fields(image.header().order);
        fields.skip(56);   // to extreloff
        std::uint32_t external_offset = fields.u32();
        std::uint32_t external_count = fields.u32();
        std::uint32_t local_offset = fields.u32();
        std::uint32_t local_count = fields.u32();
        if (fields_fit(*command, fields, sink)) {
            reader.read(*command, "LC_DYSYMTAB (external)", std::nullopt, external_offset, external_count, relocations.external);
            reader.read(*command, "LC_DYSYMTAB (local)", std::nullopt, local_offset, local_count, relocations.local);
        }
    }
    return relocations;
}

}  // namespace abiscope::macho
