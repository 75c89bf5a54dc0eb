#include "debuginfo/elf_relocations.h"

#include "base/checked.h"
#include "bytes/endian.h"
#include "elf/spec.h"

namespace abiscope::debuginfo {

namespace {

struct Record {
    std::uint64_t offset = 0;
    std::uint64_t symbol = 0;
    std::uint32_t type = 0;
    std::optional<std::uint64_t> addend;   // of RELA
};

class Patcher {
public:
    Patcher(const elf::Image& image, std::span<std::byte> contents)
        : machine_(image.header().machine), encoding_(image.encoding()), contents_(contents) {}

    bool apply(const Record& record, std::uint64_t symbol) {
        auto kind = relocation_kind(machine_, record.type);
        if (!kind) return false;
        if (kind->patch == Patch::none) return true;
        if (kind->patch == Patch::set_leb || kind->patch == Patch::subtract_leb)
            return leb(*kind, record, symbol + record.addend.value_or(0));
        std::uint64_t width = kind->bits == 6 ? 1 : kind->bits / 8;
        if (!range_fits(record.offset, width, contents_.size())) return false;
        std::uint64_t had = read(record.offset, width);
        std::uint64_t value = symbol + record.addend.value_or(had);
        switch (kind->patch) {
            case Patch::add: value = had + value; break;
            case Patch::subtract: value = had - value; break;
            case Patch::relative: value -= record.offset; break;
            default: break;
        }
        // RISC-V's six bits keep the two above them.
        if (kind->bits == 6) value = (had & 0xc0) | (value & 0x3f);
        write(record.offset, width, value);
        return true;
    }

private:
    std::uint64_t read(std::uint64_t offset, std::uint64_t width) const {
        std::uint64_t value = 0;
        for (std::uint64_t i = 0; i < width; ++i) value |= std::to_integer<std::uint64_t>(contents_[offset + i]) << shift(i, width);
        return value;
    }
    void write(std::uint64_t offset, std::uint64_t width, std::uint64_t value) {
        for (std::uint64_t i = 0; i < width; ++i) contents_[offset + i] = static_cast<std::byte>(value >> shift(i, width));
    }
    [[nodiscard]] std::uint64_t shift(std::uint64_t i, std::uint64_t width) const {
        return 8 * (encoding_.order == Endian::little ? i : width - 1 - i);
    }

    // A ULEB128 keeps its length: the assembler left room.
    bool leb(const RelocationKind& kind, const Record& record, std::uint64_t value) {
        std::uint64_t end = record.offset;
        std::uint64_t had = 0;
        for (unsigned bits = 0; end < contents_.size(); ++end, bits += 7) {
            if (bits < 64) had |= (std::to_integer<std::uint64_t>(contents_[end]) & 0x7f) << bits;
            if (std::to_integer<unsigned>(contents_[end]) < 0x80) break;
        }
        if (end >= contents_.size()) return false;
        if (kind.patch == Patch::subtract_leb) value = had - value;
        for (std::uint64_t at = record.offset; at <= end; ++at, value >>= 7) {
            contents_[at] = static_cast<std::byte>((value & 0x7f) | (at == end ? 0U : 0x80U));
        }
        return true;
    }

    std::uint16_t machine_;
    elf::Encoding encoding_;
    std::span<std::byte> contents_;
};

// "64-bit ELF Object File Specification" of MIPS, 2.9.1: three types of a byte each behind the symbol, the first one last.
void set_mips64(Record& record, std::uint64_t info, Endian order) {
    if (order == Endian::big) {
        record.type = static_cast<std::uint32_t>(info & 0xffffff);
        return;
    }
    record.symbol = info & 0xffffffff;
    record.type = static_cast<std::uint32_t>((info >> 56) | (info >> 48 & 0xff) << 8 | (info >> 40 & 0xff) << 16);
}

Record read_record(const std::byte* at, elf::Encoding encoding, std::uint16_t machine, bool with_addend) {
    Record record;
    if (encoding.wide) {
        record.offset = load<std::uint64_t>(at, encoding.order);
        auto info = load<std::uint64_t>(at + 8, encoding.order);
        record.symbol = info >> 32;
        record.type = static_cast<std::uint32_t>(info);
        if (machine == elf::em_mips) set_mips64(record, info, encoding.order);
        if (with_addend) record.addend = load<std::uint64_t>(at + 16, encoding.order);
    } else {
        record.offset = load<std::uint32_t>(at, encoding.order);
        auto info = load<std::uint32_t>(at + 4, encoding.order);
        record.symbol = info >> 8;
        record.type = info & 0xff;
        if (with_addend) record.addend = static_cast<std::uint64_t>(static_cast<std::int64_t>(load<std::int32_t>(at + 8, encoding.order)));
    }
    return record;
}

}  // namespace

RelocationSections relocation_sections(const std::vector<elf::Section>& sections) {
    RelocationSections found;
    for (const elf::Section& section : sections) {
        if (section.type == elf::sht_rela || section.type == elf::sht_rel) found.emplace(section.info, &section);
    }
    return found;
}

std::uint64_t apply_relocations(const elf::Image& image, const std::vector<elf::Section>& sections, const elf::Section& relocations,
                                std::span<std::byte> contents) {
    elf::Encoding encoding = image.encoding();
    bool with_addend = relocations.type == elf::sht_rela;
    auto records = elf::section_contents(image, relocations);
    if (!records || relocations.link >= sections.size()) return 1;
    std::uint64_t failed = 0;
    Patcher patcher(image, contents);
    View symbols = elf::section_bytes(image, sections[relocations.link]);
    std::uint64_t size = (encoding.wide ? 16 : 8) + (with_addend ? (encoding.wide ? 8U : 4U) : 0U);
    std::uint64_t symbol_size = encoding.wide ? 24 : 16;
    for (std::uint64_t at = 0; at + size <= records->view.size(); at += size) {
        Record record = read_record(records->view.data() + at, encoding, image.header().machine, with_addend);
        std::uint64_t place = record.symbol * symbol_size + (encoding.wide ? 8 : 4);
        std::uint64_t value = 0;
        if (range_fits(place, encoding.wide ? 8 : 4, symbols.size())) {
            const std::byte* data = symbols.data() + place;
            value = encoding.wide ? load<std::uint64_t>(data, encoding.order) : load<std::uint32_t>(data, encoding.order);
        }
        if (!patcher.apply(record, value)) ++failed;
    }
    return failed;
}

}  // namespace abiscope::debuginfo
