#include "dwarf/call_frames.h"

#include <algorithm>

#include "base/checked.h"
#include "bytes/limits.h"
#include "bytes/reader.h"

namespace abiscope::dwarf {

namespace {

// DW_EH_PE_*: LSB Core, 10.5.1 "DWARF Exception Header Encoding".
constexpr std::uint8_t omit = 0xff;
constexpr std::uint8_t table_of_relative_words = 0x3b;   // DW_EH_PE_datarel | DW_EH_PE_sdata4

std::optional<std::uint64_t> read_pointer(Reader& reader, std::uint8_t encoding, std::uint64_t place, std::uint8_t address_size,
                                          std::uint64_t data_base = 0) {
    std::uint64_t value = 0;
    switch (encoding & 0x0f) {
        case 0x00: value = reader.word(address_size == 8); break;
        case 0x01: value = reader.uleb128(); break;
        case 0x02: value = reader.u16(); break;
        case 0x03: value = reader.u32(); break;
        case 0x04:
        case 0x0c: value = reader.u64(); break;
        case 0x09: value = static_cast<std::uint64_t>(reader.sleb128()); break;
        case 0x0a: value = static_cast<std::uint64_t>(std::int64_t{reader.i16()}); break;
        case 0x0b: value = static_cast<std::uint64_t>(std::int64_t{reader.i32()}); break;
        default: return std::nullopt;
    }
    switch (encoding & 0x70) {
        case 0x00: break;
        case 0x10: value += place; break;
        case 0x30: value += data_base; break;
        default: return std::nullopt;   // relative to text or to the function: not used for call frames
    }
    if (!reader.ok()) return std::nullopt;
    return address_size == 4 ? value & 0xffffffff : value;
}

struct Length {
    std::uint64_t bytes = 0;
    bool wide = false;
};

Length read_length(Reader& reader) {
    Length length{.bytes = reader.u32()};
    if (length.bytes == 0xffffffff) length = {.bytes = reader.u64(), .wide = true};
    return length;
}

struct Cie {
    FrameEntry entry;          // what the FDE takes over
    bool augmented = false;    // FDEs have augmentation data
};

}  // namespace

CallFrames::CallFrames(FrameSection section, View header, std::uint64_t header_address, std::uint8_t address_size, Endian order)
    : section_(section), header_(header), header_address_(header_address), address_size_(address_size), order_(order) {}

namespace {

std::optional<Cie> read_cie(const FrameSection& section, std::uint64_t offset, std::uint8_t address_size, Endian order) {
    Reader head(section.bytes.from(offset), order, "CIE");
    Length length = read_length(head);
    auto body = section.bytes.from(offset).try_slice(head.position(), length.bytes);
    if (!head.ok() || !body) return std::nullopt;
    Reader reader(*body, order, "CIE");
    std::uint64_t id = reader.word(length.wide);
    if (section.eh_frame ? id != 0 : id != (length.wide ? ~std::uint64_t{0} : 0xffffffff)) return std::nullopt;
    std::uint8_t version = reader.u8();
    // Read for every FDE that refers to it: a hostile one must not be long.
    constexpr std::uint64_t longest_augmentation = 32;
    auto text = body->from(reader.position()).clamped(0, longest_augmentation).c_string(0);
    if (!text) return std::nullopt;
    std::string_view augmentation = *text;
    reader.skip(augmentation.size() + 1);
    if (version == 4) {
        address_size = reader.u8();
        reader.skip(1);   // segment selector size
        if (address_size != 4 && address_size != 8) return std::nullopt;
    } else if (version != 1 && version != 3) {
        return std::nullopt;
    }
    Cie cie;
    cie.entry.code_alignment = reader.uleb128();
    cie.entry.data_alignment = reader.sleb128();
    cie.entry.return_register = version == 1 ? reader.u8() : reader.uleb128();
    if (augmentation.starts_with('z')) {
        cie.augmented = true;
        std::uint64_t size = reader.uleb128();
        std::uint64_t end = reader.position() + size;
        if (size > reader.remaining()) return std::nullopt;
        for (char letter : augmentation.substr(1)) {
            if (letter == 'R') cie.entry.pointer_encoding = reader.u8();
            else if (letter == 'L') reader.skip(1);
            else if (letter == 'S') cie.entry.signal_frame = true;
            else if (letter == 'P') {
                // The personality is not needed, so what its pointer is relative to does not matter.
                std::uint8_t encoding = reader.u8();
                if (!read_pointer(reader, encoding & 0x0f, 0, address_size)) return std::nullopt;
            } else if (letter != 'B' && letter != 'G') {
                break;   // nobody knows how long its data are, and nothing that is needed comes behind it
            }
        }
        reader.seek(end);
    } else if (!augmentation.empty()) {
        return std::nullopt;
    }
    if (!reader.ok()) return std::nullopt;
    cie.entry.initial_instructions = body->from(reader.position());
    return cie;
}

}  // namespace

std::optional<FrameEntry> CallFrames::entry_at(std::uint64_t offset) const {
    Reader head(section_.bytes.from(offset), order_, "FDE");
    Length length = read_length(head);
    std::uint64_t start = offset + head.position();
    auto body = section_.bytes.try_slice(start, length.bytes);
    if (!head.ok() || !body) return std::nullopt;
    Reader reader(*body, order_, "FDE");
    std::uint64_t pointer = reader.word(length.wide);
    if (!reader.ok() || (section_.eh_frame && (pointer == 0 || pointer > start))) return std::nullopt;
    auto cie = read_cie(section_, section_.eh_frame ? start - pointer : pointer, address_size_, order_);
    if (!cie) return std::nullopt;
    FrameEntry entry = cie->entry;
    entry.file_offset = section_.bytes.file_offset(offset);
    std::uint64_t place = section_.address + start + reader.position();
    auto first = read_pointer(reader, entry.pointer_encoding, place, address_size_);
    auto size = read_pointer(reader, entry.pointer_encoding & 0x0f, 0, address_size_);
    if (!first || !size) return std::nullopt;
    entry.start = *first;
    entry.size = *size;
    if (cie->augmented) reader.skip(reader.uleb128());
    if (!reader.ok()) return std::nullopt;
    entry.instructions = body->from(reader.position());
    return entry;
}

std::optional<std::uint64_t> CallFrames::offset_by_header(std::uint64_t address) const {
    Reader reader(header_, order_, ".eh_frame_hdr");
    std::uint8_t version = reader.u8();
    std::uint8_t frame_encoding = reader.u8();
    std::uint8_t count_encoding = reader.u8();
    std::uint8_t table_encoding = reader.u8();
    if (!reader.ok() || version != 1 || count_encoding == omit || table_encoding != table_of_relative_words) return std::nullopt;
    auto frames = read_pointer(reader, frame_encoding, header_address_ + reader.position(), address_size_, header_address_);
    auto count = read_pointer(reader, count_encoding, header_address_ + reader.position(), address_size_, header_address_);
    if (!frames || !count) return std::nullopt;
    View table = header_.from(reader.position());
    std::uint64_t low = 0;
    std::uint64_t high = std::min<std::uint64_t>(*count, table.size() / 8);
    auto word = [&](std::uint64_t index) {
        auto value = static_cast<std::uint64_t>(std::int64_t{load<std::int32_t>(table.data() + index * 4, order_)}) + header_address_;
        return address_size_ == 4 ? value & 0xffffffff : value;
    };
    if (high == 0 || address < word(0)) return std::nullopt;
    while (high - low > 1) {
        std::uint64_t middle = low + (high - low) / 2;
        (word(middle * 2) <= address ? low : high) = middle;
    }
    return word(low * 2 + 1) - section_.address;
}

void CallFrames::index() const {
    indexed_ = true;
    for (std::uint64_t at = 0; at < section_.bytes.size();) {
        Reader head(section_.bytes.from(at), order_, "call frame entry");
        Length length = read_length(head);
        if (!head.ok() || length.bytes == 0 || length.bytes > head.remaining()) {
            // A terminator may stand between the parts that a linker joined.
            if (head.ok() && length.bytes == 0) {
                at += head.position();
                continue;
            }
            break;
        }
        if (auto entry = entry_at(at); entry && entry->size != 0) rows_.push_back({entry->start, entry->size, at});
        at += head.position() + length.bytes;
    }
    std::ranges::sort(rows_, {}, &Row::start);
}

std::optional<FrameEntry> CallFrames::find(std::uint64_t address) const {
    if (!header_.empty()) {
        if (auto offset = offset_by_header(address)) {
            auto entry = entry_at(*offset);
            if (entry && entry->holds(address)) return entry;
            return std::nullopt;
        }
    }
    if (!indexed_) index();
    auto after = std::ranges::upper_bound(rows_, address, {}, &Row::start);
    if (after == rows_.begin()) return std::nullopt;
    const Row& row = *std::prev(after);
    if (!range_contains(row.start, row.size, address)) return std::nullopt;
    return entry_at(row.offset);
}

}  // namespace abiscope::dwarf
