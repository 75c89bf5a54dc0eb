#include "elf/function_starts.h"

#include <algorithm>
#include <map>
#include <optional>

#include "bytes/limits.h"
#include "bytes/reader.h"
#include "elf/spec.h"

namespace abiscope::elf {

namespace {

// DW_EH_PE_*: the low nibble is the form, the next three bits what it is relative to.
constexpr std::uint8_t form_mask = 0x0f, form_native = 0, form_udata2 = 2, form_udata4 = 3, form_udata8 = 4, form_sdata2 = 10,
                       form_sdata4 = 11, form_sdata8 = 12;
constexpr std::uint8_t relative_mask = 0x70, pc_relative = 0x10;
constexpr std::uint64_t largest_cie = 256;   // of what is read here; real ones have 24 bytes or so
constexpr std::uint8_t omitted = 0xff, datarel_sdata4 = 0x3b, table_entry_size = 8;

// Bytes of a form; 0 for those whose size is in the bytes.
std::uint64_t size_of(std::uint8_t encoding, bool wide) {
    switch (encoding & form_mask) {
        case form_native: return wide ? 8 : 4;
        case form_udata2:
        case form_sdata2: return 2;
        case form_udata4:
        case form_sdata4: return 4;
        case form_udata8:
        case form_sdata8: return 8;
        default: return 0;
    }
}

// The encoding of addresses in FDEs of the CIE at `address` (its augmentation "R"); nothing when it cannot be told.
std::optional<std::uint8_t> encoding_of_cie(const Image& image, std::uint64_t address) {
    Reader reader(image.view_at(address, largest_cie), image.encoding().order, "CIE");
    std::uint32_t length = reader.u32(), id = reader.u32();
    std::uint8_t version = reader.u8();
    std::string_view augmentation = reader.c_string();
    bool known = version == 1 || version == 3 || version == 4;
    if (!reader.ok() || length == 0xffffffff || id != 0 || !known) return std::nullopt;
    if (augmentation.empty()) return form_native;
    if (augmentation.front() != 'z') return std::nullopt;
    static_cast<void>(reader.uleb128());
    static_cast<void>(reader.sleb128());
    if (version == 1) static_cast<void>(reader.u8());
    else static_cast<void>(reader.uleb128());
    static_cast<void>(reader.uleb128());
    std::uint8_t encoding = form_native;
    for (char letter : augmentation.substr(1)) {
        switch (letter) {
            case 'R': encoding = reader.u8(); break;
            case 'L': static_cast<void>(reader.u8()); break;
            case 'P': {
                std::uint64_t size = size_of(reader.u8(), image.encoding().wide);
                if (size == 0) return std::nullopt;
                reader.skip(size);
                break;
            }
            case 'S':
            case 'B':
            case 'G': break;
            default: return std::nullopt;
        }
    }
    if (!reader.ok()) return std::nullopt;
    return encoding;
}

class Frames {
public:
    // An address is looked for in every segment, and a file may have 65,535 of them.
    explicit Frames(const Image& image)
        : image_(image), left_(default_limits.steps / std::max<std::uint64_t>(image.segments().size(), 1)) {}

    // pc_begin and pc_range of the FDE at `address`; nothing when they cannot be told.
    std::optional<FunctionExtent> extent_of(std::uint64_t address) {
        if (left_ == 0) return std::nullopt;
        --left_;
        Reader reader(image_.view_at(address), image_.encoding().order, "FDE");
        std::uint32_t length = reader.u32(), back = reader.u32();
        if (!reader.ok() || length == 0xffffffff || back == 0) return std::nullopt;
        auto [at, added] = encodings_.try_emplace(address + 4 - back);
        if (added) at->second = encoding_of_cie(image_, at->first);
        if (!at->second) return std::nullopt;
        std::uint8_t form = *at->second & form_mask;
        std::uint64_t size = size_of(form, image_.encoding().wide);
        std::uint64_t begin = number(reader, size);
        if (form == form_sdata2) begin = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int16_t>(begin)});
        if (form == form_sdata4) begin = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(begin)});
        if ((*at->second & relative_mask) == pc_relative) begin += address + 8;
        std::uint64_t range = number(reader, size);
        if (!reader.ok()) return std::nullopt;
        return FunctionExtent{.address = image_.encoding().wide ? begin : begin & 0xffffffff, .size = range};
    }

private:
    static std::uint64_t number(Reader& reader, std::uint64_t size) {
        return size == 2 ? reader.u16() : size == 4 ? reader.u32() : size == 8 ? reader.u64() : 0;
    }

    const Image& image_;
    std::uint64_t left_;
    std::map<std::uint64_t, std::optional<std::uint8_t>> encodings_;   // by address of the CIE
};

}  // namespace

std::vector<FunctionExtent> function_starts(const Image& image) {
    std::vector<FunctionExtent> out;
    auto segment = std::ranges::find(image.segments(), pt_gnu_eh_frame, &Segment::type);
    if (segment == image.segments().end()) return out;
    Reader reader(image.bytes().clamped(segment->offset, segment->filesz), image.encoding().order, ".eh_frame_hdr");
    std::uint8_t version = reader.u8(), frame_encoding = reader.u8(), count_encoding = reader.u8(), table_encoding = reader.u8();
    bool usual =
        version == 1 && table_encoding == datarel_sdata4 && count_encoding != omitted && (count_encoding & form_mask) == form_udata4;
    if (!reader.ok() || !usual) return out;
    reader.skip(size_of(frame_encoding, image.encoding().wide));
    std::uint64_t count = std::min<std::uint64_t>(reader.u32(), reader.remaining() / table_entry_size);
    if (!reader.ok()) return out;
    out.reserve(count);
    Frames frames(image);
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t address = segment->vaddr + static_cast<std::uint64_t>(std::int64_t{reader.i32()});
        std::uint64_t frame = segment->vaddr + static_cast<std::uint64_t>(std::int64_t{reader.i32()});
        if (!image.encoding().wide) {
            address &= 0xffffffff;
            frame &= 0xffffffff;
        }
        out.push_back({.address = address, .size = frames.extent_of(frame).value_or(FunctionExtent{}).size});
    }
    return out;
}

std::vector<FunctionExtent> frame_extents(const Image& image, std::uint64_t address, std::uint64_t size) {
    std::vector<FunctionExtent> out;
    Reader reader(image.view_at(address, size), image.encoding().order, ".eh_frame");
    Frames frames(image);
    while (reader.remaining() >= 8) {
        std::uint64_t record = address + reader.position();
        std::uint32_t length = reader.u32();
        if (length == 0 || length == 0xffffffff || length > reader.remaining()) break;
        auto extent = frames.extent_of(record);     // a CIE is none: its id is zero
        if (extent && extent->address != 0) out.push_back(*extent);
        reader.skip(length);
    }
    return out;
}

}  // namespace abiscope::elf
