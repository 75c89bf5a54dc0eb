#include "report/layout_view.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::report {

namespace {

// Of what is placed; padding is where nothing is.
bool same_places(const std::vector<LayoutItem>& a, const std::vector<LayoutItem>& b) {
    auto next = [](std::vector<LayoutItem>::const_iterator at, const std::vector<LayoutItem>& of) {
        return std::find_if(at, of.end(), [](const LayoutItem& item) { return !item.padding; });
    };
    auto left = next(a.begin(), a), right = next(b.begin(), b);
    for (; left != a.end() && right != b.end(); left = next(left + 1, a), right = next(right + 1, b)) {
        if (left->key != right->key || left->bit_offset != right->bit_offset || left->bit_size != right->bit_size) return false;
    }
    return left == a.end() && right == b.end();
}

}  // namespace

bool TypeLayouts::differs() const {
    const ProfileLayout* reference = first();
    if (reference == nullptr) return false;
    return std::ranges::any_of(profiles, [&](const ProfileLayout& other) {
        if (!other.layout) return false;
        return other.layout->size != reference->layout->size || other.layout->alignment != reference->layout->alignment ||
            !same_places(other.items, reference->items);
    });
}

std::uint64_t TypeLayouts::waste() const {
    std::uint64_t most = 0;
    for (const ProfileLayout& profile : profiles) {
        most = std::max(most, profile.padding_bytes());
    }
    return most;
}

std::uint64_t TypeLayouts::saved() const {
    std::uint64_t most = 0;
    for (const ProfileLayout& profile : profiles) most = std::max(most, profile.better.saved);
    return most;
}

const ProfileLayout* TypeLayouts::first() const {
    auto at = std::ranges::find_if(profiles, [](const ProfileLayout& profile) { return profile.layout.has_value(); });
    return at == profiles.end() ? nullptr : &*at;
}

void LayoutSums::add(const TypeLayouts& type) {
    const ProfileLayout* first = type.first();
    std::uint64_t saves = type.saved();
    add({.types = 1,
         .size = first == nullptr ? 0 : first->layout->size,
         .waste = type.waste(),
         .saved = saves,
         .differ = type.differs() ? std::uint64_t{1} : 0,
         .better = saves != 0 ? std::uint64_t{1} : 0});
}

void LayoutSums::add(const LayoutSums& other) {
    types += other.types;
    size += other.size;
    waste += other.waste;
    saved += other.saved;
    differ += other.differ;
    better += other.better;
}

std::uint64_t ProfileLayout::padding_bytes() const {
    std::uint64_t bits = 0;
    for (const LayoutItem& item : items) bits += item.padding ? item.bit_size : 0;
    return bits / 8;
}

std::string mask_text(const std::vector<bool>& mask) {
    std::string out;
    for (bool pointer : mask) out += pointer ? '1' : '0';
    return out;
}

std::string_view to_string(abi::PaddingReason reason) {
    switch (reason) {
        case abi::PaddingReason::member_alignment: return "member_alignment";
        case abi::PaddingReason::record_tail: return "record_tail";
        case abi::PaddingReason::bit_field_unit: return "bit_field_unit";
        case abi::PaddingReason::bit_field_end: return "bit_field_end";
        case abi::PaddingReason::zero_width_bit_field: return "zero_width_bit_field";
        case abi::PaddingReason::unnamed_bit_field: return "unnamed_bit_field";
        case abi::PaddingReason::empty_record: return "empty_record";
        case abi::PaddingReason::go_trailing_zero_size: return "go_trailing_zero_size";
        case abi::PaddingReason::base_tail: return "base_tail";
        case abi::PaddingReason::vbase_alignment: return "virtual_base_alignment";
        case abi::PaddingReason::other: break;
    }
    return "other";
}

std::string_view to_string(abi::Role role) {
    switch (role) {
        case abi::Role::member: return "member";
        case abi::Role::bit_field: return "bit_field";
        case abi::Role::base: return "base";
        case abi::Role::virtual_base: return "virtual_base";
        case abi::Role::vfptr: return "vfptr";
        case abi::Role::vbptr: return "vbptr";
        case abi::Role::vtordisp: return "vtordisp";
        case abi::Role::discriminant: return "discriminant";
    }
    return "member";
}

std::string words(const abi::Padding& padding, std::string_view behind) {
    std::string next = fmt::format("`{}`", padding.before.empty() ? std::string(behind) : text::printable(padding.before));
    switch (padding.reason) {
        case abi::PaddingReason::member_alignment:
        case abi::PaddingReason::vbase_alignment: return fmt::format("{} is aligned to {}", next, padding.alignment);
        case abi::PaddingReason::record_tail: return fmt::format("the size is a multiple of the alignment, {}", padding.alignment);
        case abi::PaddingReason::bit_field_unit: return fmt::format("{} does not fit into what is left of its unit", next);
        case abi::PaddingReason::bit_field_end: return "left over in the unit of the bit-fields before";
        case abi::PaddingReason::zero_width_bit_field: return "a bit-field of width 0 ends the unit";
        case abi::PaddingReason::unnamed_bit_field: return "declared as padding: a bit-field without a name";
        case abi::PaddingReason::empty_record: return "every object has an address of its own";
        case abi::PaddingReason::go_trailing_zero_size: return "a pointer to the last field, which has no size, must stay inside";
        case abi::PaddingReason::base_tail: return "the tail of the base before is not used again";
        case abi::PaddingReason::other: break;
    }
    return "placed so";
}

}  // namespace abiscope::report
