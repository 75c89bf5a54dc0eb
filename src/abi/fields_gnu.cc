// Placement::stor_layout: members as GCC places them (gcc/stor-layout.cc: layout_decl, update_alignment_for_field, place_field). Its System
// V bit-fields and, for -mms-bitfields and attribute ms_struct, its reading of Microsoft's. Everything here counts bits.
#include <algorithm>
#include <bit>

#include "abi/field_placer.h"
#include "base/checked.h"

namespace abiscope::abi {

namespace {

constexpr std::uint64_t no_limit = std::uint64_t{1} << 62;

class GnuPlacer final : public FieldPlacer {
public:
    GnuPlacer(const RecordRules& record, const LayoutRules& rules) : record_(record), rules_(rules) {}

    Place place(const Member& member) override;
    [[nodiscard]] Place preview(const Member& member) const override {
        GnuPlacer copy(record_, rules_);
        copy.cursor = cursor;
        copy.run_ = run_;
        copy.run_left_ = run_left_;
        return copy.place(member);
    }
    // GCC starts again from where it was, one alignment of the type further, packed or not.
    [[nodiscard]] Place retry(const Member& member, const Place& /*refused*/) override {
        cursor.next_bit += std::uint64_t{member.type.alignment} * 8;
        cursor.data_bits = align_up(cursor.next_bit, 8);
        return preview(member);
    }
    [[nodiscard]] std::uint64_t end() const override { return cursor.next_bit / 8; }
    void occupy(std::uint64_t offset, std::uint64_t bytes) override {
        run_.reset();
        run_left_ = 0;
        cursor.next_bit = cursor.data_bits = (offset + bytes) * 8;
    }

private:
    // A bit-field that others may still join, under Microsoft's rules.
    struct Run {
        std::uint64_t width = 0;
        std::uint64_t type_size = 0;
    };
    struct Wanted {
        std::uint64_t alignment = 1;  // DECL_ALIGN
        bool by_user = false;  // DECL_USER_ALIGN: an attribute that asks for less than the type has does not count
        bool as_bit_field = false;  // DECL_BIT_FIELD: not one that fills whole bytes at an offset that suits them
    };

    [[nodiscard]] std::uint64_t capped(const Member& member, std::uint64_t alignment) const {
        bool caps = rules_.integer_field_alignment_cap != 0 && member.type.capped;
        return caps ? std::min(alignment, std::uint64_t{rules_.integer_field_alignment_cap} * 8) : alignment;
    }
    [[nodiscard]] std::uint64_t packed_to(std::uint64_t alignment) const {
        return record_.pack != 0 ? std::min(alignment, std::uint64_t{record_.pack} * 8) : alignment;
    }
    // GCC keeps a position as an offset, a multiple of unit(), and the bits behind it. Rounding the bits alone does not reach an alignment
    // above that unit, and which bits are behind the offset is settled once for each member.
    [[nodiscard]] std::uint64_t unit() const { return std::uint64_t{std::max(record_.alignment, rules_.biggest_alignment)} * 8; }
    void settle() { offset_ = align_down(cursor.next_bit, unit()); }
    void round_bits(std::uint64_t alignment) { cursor.next_bit = offset_ + align_up(cursor.next_bit - offset_, alignment); }
    void round_to(std::uint64_t alignment) {
        cursor.next_bit = align_up(cursor.next_bit, alignment);
        if (alignment >= unit()) offset_ = cursor.next_bit;
    }
    void raise(std::uint64_t bits) { cursor.alignment = std::max(cursor.alignment, static_cast<std::uint32_t>(bits / 8)); }

    [[nodiscard]] Wanted wanted(const Member& member, std::uint64_t known) const;
    void raise_record(const Member& member, const Wanted& want);
    void place_rest(std::uint64_t bits);
    void place_in_microsoft_run(const Member& member, std::uint64_t known, std::uint64_t desired);

    RecordRules record_;
    const LayoutRules& rules_;
    std::optional<Run> run_;
    std::uint64_t run_left_ = 0;
    std::uint64_t offset_ = 0;
};

std::uint64_t width_of(const Member& member) {
    return member.container_size != 0 ? std::uint64_t{member.container_size} * 8 : member.bits();
}

GnuPlacer::Wanted GnuPlacer::wanted(const Member& member, std::uint64_t known) const {
    std::uint64_t explicit_alignment = std::uint64_t{member.explicit_alignment} * 8;
    std::uint64_t type_alignment = std::uint64_t{member.type.alignment} * 8;
    if (member.container_size != 0) explicit_alignment = std::uint64_t{member.container_alignment} * 8;
    Wanted result{.alignment = std::max<std::uint64_t>(explicit_alignment, 1), .as_bit_field = member.is_bit_field()};
    bool by_user = member.container_size == 0 && explicit_alignment != 0;
    const bool was_by_user = by_user;
    bool packed = member.packed;
    bool zero = member.is_zero_width() && !record_.microsoft_bit_fields;
    auto align_as_type = [&] {
        if (type_alignment > result.alignment) {
            result.alignment = type_alignment;
            by_user = member.type.by_attribute;
        }
    };
    if (member.is_bit_field()) {
        if (zero) {
            packed = false;
            align_as_type();
        }
        // A bit-field of 8, 16, 32, 64 or 128 bits at an offset that suits it is a plain member.
        std::uint64_t width = width_of(member);
        if (member.type.mode == Mode::integer && width >= 8 && std::has_single_bit(width) &&
            width <= std::uint64_t{rules_.widest_container} * 8 && (width == 8 || !member.packed) && (known == 0 || known >= width)) {
            result.alignment = std::max(result.alignment, width);
            result.as_bit_field = false;
        }
    } else if (!(packed && by_user)) {
        align_as_type();
    }
    if (packed && !was_by_user) result.alignment = std::min<std::uint64_t>(result.alignment, 8);
    if (!packed && !by_user) result.alignment = capped(member, result.alignment);
    if (!zero) result.alignment = packed_to(result.alignment);
    result.by_user = by_user;
    return result;
}

void GnuPlacer::raise_record(const Member& member, const Wanted& want) {
    std::uint64_t desired = want.alignment;
    cursor.by_attribute = cursor.by_attribute || want.by_user;
    bool bit_field = member.is_bit_field() && member.type.size != 0;
    std::uint64_t alignment = std::uint64_t{member.type.alignment} * 8;
    if (record_.microsoft_bit_fields) {
        bool counts = !bit_field || (member.is_zero_width() ? run_ && run_->width != 0 : !member.packed);
        if (!counts) return;
        alignment = !bit_field && member.packed ? desired : std::max(alignment, desired);
        raise(packed_to(alignment));
    } else if (bit_field) {
        if (!member.named && member.container_size == 0 && !rules_.unnamed_bit_fields_align) return;
        if (!member.type.by_attribute) alignment = capped(member, alignment);
        if (!member.is_zero_width()) {
            if (record_.pack != 0) {
                alignment = packed_to(alignment);
            } else if (member.packed) {
                alignment = std::min<std::uint64_t>(alignment, 8);
            }
        }
        raise(desired);
        raise(alignment);
        cursor.by_attribute = cursor.by_attribute || member.type.by_attribute;
    } else {
        raise(desired);
    }
}

void GnuPlacer::place_in_microsoft_run(const Member& member, std::uint64_t known, std::uint64_t desired) {
    std::uint64_t width = width_of(member);
    std::uint64_t type_size = member.type.size * 8;
    bool has_width = member.is_bit_field() && !member.is_zero_width();
    std::optional<Run> before = run_;
    if (run_) {
        bool realign = known < desired;
        if (has_width && run_->width != 0 && type_size == run_->type_size) {
            if (run_left_ < width) {
                cursor.next_bit += run_left_;
                run_ = Run{.width = width, .type_size = type_size};
                run_left_ = type_size < width ? 0 : type_size - width;
            } else {
                run_left_ -= width;
                realign = false;
            }
        } else {
            if (run_->width != 0) {
                cursor.next_bit += run_left_;
            } else {
                before.reset();
            }
            if (!has_width) run_.reset();
        }
        if (realign) round_to(desired);
        settle();
    }
    if (!member.is_bit_field() || (before ? type_size != before->type_size : has_width)) {
        std::uint64_t alignment = 8;
        if (!member.type.flexible) run_left_ = type_size < width ? 0 : type_size - width;
        if (!member.packed) alignment = std::max<std::uint64_t>(std::uint64_t{member.type.alignment} * 8, 8);
        round_bits(packed_to(alignment));
        run_.reset();
    }
}

// gcc/cp/class.cc, layout_class_type: the rest of a bit-field wider than its type, in a union all of it, is a member of its own, an unnamed
// bit-field of char. It is in no list, and so it always passes for the last one.
void GnuPlacer::place_rest(std::uint64_t bits) {
    Member rest{.bit_width = static_cast<std::uint32_t>(bits), .named = false, .last = true};
    rest.type = {.size = 1, .alignment = 1, .natural = 1, .mode = Mode::integer};
    static_cast<void>(place(rest));
}

Place GnuPlacer::place(const Member& member) {
    if (record_.is_union) {
        Wanted want = wanted(member, 0);
        raise_record(member, want);
        std::uint64_t bits = align_up(member.bits(), 8);
        cursor.data_bits = std::max(cursor.data_bits, bits);
        cursor.next_bit = cursor.data_bits;
        if (member.container_size != 0) place_rest(member.bits());
        return {.offset = 0, .alignment = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(want.alignment / 8))};
    }
    std::uint64_t known = cursor.next_bit == 0 ? 0 : cursor.next_bit & (~cursor.next_bit + 1);
    Wanted want = wanted(member, known);
    raise_record(member, want);
    if (known == 0) known = no_limit;
    settle();
    if (known < want.alignment && (!record_.microsoft_bit_fields || !run_)) round_to(want.alignment);
    Place result{.offset = 0, .alignment = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(want.alignment / 8))};
    std::uint64_t width = width_of(member);
    if (record_.microsoft_bit_fields) {
        place_in_microsoft_run(member, known, want.alignment);
    } else if (want.as_bit_field && !member.is_zero_width() && !member.packed && record_.pack == 0) {
        std::uint64_t alignment = std::uint64_t{member.type.alignment} * 8;
        if (!member.type.by_attribute) alignment = capped(member, alignment);
        // "A bit field may not span more units of alignment of its type than its type itself."
        if ((cursor.next_bit % alignment + width + alignment - 1) / alignment > member.type.size * 8 / alignment) {
            round_bits(alignment);
            result.alignment = static_cast<std::uint32_t>(alignment / 8);
        }
        if (member.type.by_attribute) cursor.by_attribute = true;
    }
    result.offset = cursor.next_bit;
    if (record_.microsoft_bit_fields && !run_ && member.is_bit_field()) run_ = Run{.width = width, .type_size = member.type.size * 8};
    cursor.next_bit += member.container_size != 0 ? std::min(width, member.bits()) : member.bits();
    // Only the last member fills its unit up: behind a bit-field, an empty [[no_unique_address]] member leaves the rest of it to others.
    if (record_.microsoft_bit_fields && member.is_bit_field() && !member.is_zero_width() && member.last) cursor.next_bit += run_left_;
    if (member.container_size != 0 && member.bits() > width) place_rest(member.bits() - width);
    cursor.data_bits = align_up(cursor.next_bit, 8);
    cursor.unit_bits = align_up(cursor.next_bit + (run_ && run_->width != 0 ? run_left_ : 0), 8);
    return result;
}

}  // namespace

std::unique_ptr<FieldPlacer> make_gnu_placer(const RecordRules& record, const LayoutRules& rules) {
    return std::make_unique<GnuPlacer>(record, rules);
}

}  // namespace abiscope::abi
