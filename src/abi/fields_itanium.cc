// Placement::itanium: members as clang places them where the C++ ABI is Itanium's, C included (clang/lib/AST/RecordLayoutBuilder.cpp:
// ItaniumRecordLayoutBuilder::LayoutField, LayoutBitField, LayoutWideBitField). Everything here counts bits.
#include <algorithm>
#include <bit>

#include "abi/field_placer.h"
#include "base/checked.h"

namespace abiscope::abi {

namespace {

class ItaniumPlacer final : public FieldPlacer {
public:
    ItaniumPlacer(const RecordRules& record, const LayoutRules& rules) : record_(record), rules_(rules) {}

    Place place(const Member& member) override;
    [[nodiscard]] Place preview(const Member& member) const override;
    [[nodiscard]] Place retry(const Member& /*member*/, const Place& refused) override {
        return {.offset = refused.offset + std::uint64_t{refused.alignment} * 8, .alignment = refused.alignment};
    }
    void occupy(std::uint64_t offset, std::uint64_t bytes) override {
        unit_ = 0;
        cursor.data_bits = cursor.next_bit = record_.is_union ? std::max(cursor.data_bits, bytes * 8) : (offset + bytes) * 8;
    }
    void pass() override {
        unit_ = 0;
        cursor.next_bit = cursor.data_bits;
    }

private:
    Place place_bit_field(const Member& member);
    Place place_wide_bit_field(const Member& member);

    void raise(std::uint64_t bits) { cursor.alignment = std::max(cursor.alignment, static_cast<std::uint32_t>(bits / 8)); }
    [[nodiscard]] std::uint64_t left() const { return cursor.data_bits - cursor.next_bit; }

    RecordRules record_;
    const LayoutRules& rules_;
    std::uint64_t unit_ = 0;  // Microsoft's rules: the size of the storage unit of the last bit-field; 0: there is none
};

Place ItaniumPlacer::preview(const Member& member) const {
    std::uint64_t alignment = member.type.alignment;
    bool as_builtin = record_.microsoft_bit_fields && !member.type.flexible && std::has_single_bit(member.builtin_size);
    if (as_builtin) alignment = std::max(alignment, member.builtin_size);
    std::uint64_t packed = std::max<std::uint64_t>(1, member.explicit_alignment);
    alignment = std::max<std::uint64_t>(alignment, member.explicit_alignment);
    if (record_.pack != 0) {
        packed = std::min<std::uint64_t>(packed, record_.pack);
        alignment = std::min<std::uint64_t>(alignment, record_.pack);
    }
    if (member.packed) alignment = packed;
    return {.offset = record_.is_union ? 0 : align_up(cursor.data_bits, alignment * 8), .alignment = static_cast<std::uint32_t>(alignment)};
}

Place ItaniumPlacer::place(const Member& member) {
    if (member.container_size != 0) return place_wide_bit_field(member);
    if (member.is_bit_field()) return place_bit_field(member);
    Place result = preview(member);
    raise_alignment(result.alignment);
    occupy(result.offset / 8, member.size);
    return result;
}

Place ItaniumPlacer::place_wide_bit_field(const Member& member) {
    std::uint64_t alignment = std::uint64_t{member.container_alignment} * 8;
    unit_ = 0;
    Place result{.alignment = member.container_alignment};
    if (record_.is_union) {
        cursor.data_bits = cursor.next_bit = std::max(cursor.data_bits, align_up(member.bits(), 8));
    } else {
        result.offset = align_up(cursor.data_bits, alignment);
        cursor.next_bit = result.offset + member.bits();
        cursor.data_bits = align_up(cursor.next_bit, 8);
    }
    raise(alignment);
    return result;
}

Place ItaniumPlacer::place_bit_field(const Member& member) {
    const bool microsoft = record_.microsoft_bit_fields;
    std::uint64_t width = member.bits();
    std::uint64_t type_size = member.type.size * 8;
    std::uint64_t alignment = microsoft ? type_size : std::uint64_t{member.type.alignment} * 8;
    std::uint64_t unfilled = left();
    if (microsoft && (unit_ != type_size || unfilled < width)) {
        // Zero-width bit-fields count only behind another bit-field.
        if (unit_ == 0 && width == 0) alignment = 1;
        unfilled = 0;
        cursor.next_bit = cursor.data_bits;
        unit_ = 0;
    }
    std::uint64_t offset = record_.is_union ? 0 : cursor.data_bits - unfilled;
    std::uint64_t unpacked = alignment;
    if (!microsoft && member.packed && width != 0) alignment = 1;
    std::uint64_t explicit_alignment = std::uint64_t{member.explicit_alignment} * 8;
    alignment = std::max(alignment, explicit_alignment);
    unpacked = std::max(unpacked, explicit_alignment);
    std::uint64_t pack = std::uint64_t{record_.pack} * 8;
    if (pack != 0 && width != 0) {
        unpacked = std::min(unpacked, pack);
        alignment = member.packed ? unpacked : std::min(alignment, pack);
    }
    if (microsoft && record_.is_union) alignment = 1;
    if (microsoft) {
        if (width == 0 || width > unfilled) {
            offset = align_up(offset, alignment);
            unfilled = 0;
        }
    } else if (width == 0 || (pack == 0 && (offset & (alignment - 1)) + width > type_size)) {
        // #pragma pack, with any value, lets a bit-field cross the boundaries of its type.
        offset = align_up(offset, alignment);
    } else if (explicit_alignment != 0 && (pack == 0 || explicit_alignment <= pack)) {
        offset = align_up(offset, explicit_alignment);
    }
    Place result{.offset = offset, .alignment = static_cast<std::uint32_t>(std::max<std::uint64_t>(alignment / 8, 1))};
    if (!microsoft && !rules_.unnamed_bit_fields_align && !member.named) alignment = 1;
    if (record_.is_union) {
        std::uint64_t bits = align_up(width, 8);
        if (microsoft) bits = width != 0 ? type_size : 8;
        cursor.data_bits = std::max(cursor.data_bits, bits);
        cursor.next_bit = cursor.data_bits;
    } else if (microsoft && width != 0) {
        if (unfilled == 0) {
            cursor.data_bits = offset + type_size;
            unfilled = type_size;
        }
        cursor.next_bit = cursor.data_bits - (unfilled - width);
        unit_ = type_size;
    } else {
        cursor.next_bit = offset + width;
        cursor.data_bits = align_up(cursor.next_bit, 8);
        unit_ = 0;
    }
    raise(alignment);
    return result;
}

}  // namespace

std::unique_ptr<FieldPlacer> make_itanium_placer(const RecordRules& record, const LayoutRules& rules) {
    return std::make_unique<ItaniumPlacer>(record, rules);
}

}  // namespace abiscope::abi
