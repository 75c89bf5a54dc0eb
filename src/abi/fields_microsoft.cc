#include "abi/fields_microsoft.h"

#include "base/checked.h"

namespace abiscope::abi {

void MicrosoftFields::adjust(MicrosoftMember& member, const RecordInfo* record) {
    std::uint32_t required = member.explicit_alignment;
    if (member.type.by_attribute) required = std::max(required, member.type.alignment);
    member.alignment = member.type.natural;
    if (record != nullptr && !member.is_bit_field) required = std::max(required, record->required_alignment);
    if (member.is_bit_field) {
        member.alignment = std::max(member.alignment, required);
    } else {
        required_alignment = std::max(required_alignment, required);
    }
    member.alignment = capped(member.alignment);
    if (member.packed) member.alignment = 1;
    member.alignment = std::max(member.alignment, required);
}

std::uint64_t MicrosoftFields::place_bit_field(std::uint32_t width, const MicrosoftMember& member) {
    std::uint64_t unit = member.type.size;
    if (width == 0) {
        // Counts only directly behind a bit-field that has a width.
        if (!open_) return is_union ? 0 : size * 8;
        open_ = false;
        if (is_union) {
            size = std::max(size, unit);
            data_size = size;
            return 0;
        }
        size = data_size = align_up(size, member.alignment);
        raise(member.alignment);
        return size * 8;
    }
    if (!is_union && open_ && unit_size_ == unit && width <= bits_left_) {
        std::uint64_t offset = size * 8 - bits_left_;
        bits_left_ -= width;
        return offset;
    }
    open_ = true;
    unit_size_ = unit;
    if (is_union) {
        size = std::max(size, unit);
        data_size = size;
        return 0;
    }
    std::uint64_t offset = align_up(size, member.alignment);
    size = data_size = offset + unit;
    raise(member.alignment);
    bits_left_ = unit * 8 - width;
    return offset * 8;
}

}  // namespace abiscope::abi
