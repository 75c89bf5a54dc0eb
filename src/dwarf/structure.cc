#include "dwarf/structure.h"

#include <algorithm>
#include <bit>

#include "dwarf/hash.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr std::uint64_t most_remembered = 1 << 15;
constexpr unsigned most_depth = 24;
constexpr std::uint64_t void_type = 0x766f6964;
constexpr std::uint64_t in_progress = 0x6379636c65;

// As many places as types fit in the largest unit; a power of two.
std::size_t remembered(const Debug& debug) {
    std::uint64_t largest = 0;
    for (const Unit& unit : debug.units()) largest = std::max(largest, unit.end - unit.header);
    return std::bit_ceil(std::min(most_remembered, largest / 4 + 1));
}

bool is_block(FormCode form) {
    switch (form) {
        case form::block:
        case form::block1:
        case form::block2:
        case form::block4:
        case form::exprloc: return true;
        default: return false;
    }
}

}  // namespace

SlotMask structure_slots(std::uint16_t tag) {
    switch (tag) {
        case tag::structure_type:
        case tag::class_type:
        case tag::union_type:
        case tag::interface_type:
            return mask_of(Slot::name, Slot::sibling, Slot::declaration, Slot::byte_size, Slot::specification, Slot::signature,
                           Slot::abstract_origin);
        case tag::enumeration_type:
            return mask_of(Slot::name, Slot::sibling, Slot::declaration, Slot::byte_size, Slot::specification, Slot::signature, Slot::type);
        case tag::typedef_:
        case tag::template_alias: return mask_of(Slot::name, Slot::type, Slot::sibling);
        case tag::base_type: return mask_of(Slot::name, Slot::byte_size, Slot::encoding, Slot::bit_size, Slot::endianity);
        case tag::unspecified_type: return mask_of(Slot::name);
        case tag::pointer_type:
        case tag::reference_type:
        case tag::rvalue_reference_type:
        case tag::const_type:
        case tag::volatile_type:
        case tag::restrict_type:
        case tag::atomic_type:
        case tag::packed_type:
        case tag::immutable_type: return mask_of(Slot::type, Slot::sibling);
        case tag::formal_parameter: return mask_of(Slot::type, Slot::sibling);
        case tag::ptr_to_member_type: return mask_of(Slot::type, Slot::containing_type, Slot::sibling);
        case tag::array_type: return mask_of(Slot::type, Slot::sibling, Slot::gnu_vector, Slot::byte_size);
        case tag::subrange_type:
        case tag::generic_subrange: return mask_of(Slot::count, Slot::upper_bound, Slot::sibling);
        case tag::subroutine_type: return mask_of(Slot::type, Slot::sibling);
        case tag::member:
            return mask_of(Slot::name, Slot::type, Slot::member_location, Slot::bit_size, Slot::data_bit_offset, Slot::bit_offset,
                           Slot::byte_size, Slot::declaration, Slot::external, Slot::sibling);
        case tag::inheritance: return mask_of(Slot::type, Slot::member_location, Slot::virtuality, Slot::sibling);
        case tag::enumerator: return mask_of(Slot::name, Slot::const_value);
        case tag::variant: return mask_of(Slot::discr_value, Slot::sibling);
        case tag::template_type_parameter: return mask_of(Slot::type, Slot::sibling);
        case tag::namespace_:
        case tag::module: return mask_of(Slot::name, Slot::sibling);
        default: return mask_of(Slot::sibling);
    }
}

StructureHasher::StructureHasher(const Debug& debug, Names names, SlotMask (*slots)(std::uint16_t))
    : debug_(debug), reader_(debug, slots), names_(names), memory_(remembered(debug)) {}

void StructureHasher::start_unit(const Unit& unit) { budget_ = 4096 + (unit.end - unit.header); }

std::uint64_t StructureHasher::text(const Unit& unit, const Attributes& attributes, Slot slot) const {
    if (!attributes.has(slot)) return 0;
    if (names_ == Names::by_content) return hash_text(debug_.text(unit, attributes, slot));
    FormCode form = attributes.form_of(slot);
    if (form == form::string) return hash_text(debug_.text(unit, attributes, slot));
    if (form == form::strp) return mix(attributes.number(slot), unit.file);
    auto place = debug_.strings(unit).place(unit, attributes, slot);
    if (!place) return 0;
    return mix(place->offset,
               place->supplementary
                   ? ~std::uint64_t{0}
                   : unit.file + (static_cast<std::uint64_t>(place->section) - static_cast<std::uint64_t>(SectionId::str)) * 0x100000000);
}

std::uint64_t StructureHasher::block(const Unit& unit, const Attributes& attributes, Slot slot) const {
    if (!attributes.has(slot)) return 0;   // its form and length are left over from another entry
    std::uint64_t value = attributes.number(slot);
    if (!is_block(attributes.form_of(slot))) return value;
    View bytes = debug_.sections(unit).at(unit.section).clamped(value, attributes.length_of(slot));
    return hash_text(bytes.as_text());
}

std::uint64_t StructureHasher::referred(const Unit& unit, const Attributes& attributes, Slot slot, unsigned depth) {
    if (!attributes.has(slot)) return void_type;
    return type(debug_.reference(unit, attributes, slot), depth);
}

std::uint64_t StructureHasher::start_record(std::uint16_t tag, const Attributes& attributes, std::uint64_t scope, std::uint64_t name) {
    // `class` and `struct` are the same type: a declaration may say the one, the definition the other.
    std::uint64_t kind = tag == tag::class_type ? tag::structure_type : tag;
    return mix(kind, name, scope, attributes.number(Slot::byte_size, ~std::uint64_t{0}));
}

std::uint64_t StructureHasher::with_child(std::uint64_t into, const Unit& unit, std::uint16_t tag, const Attributes& child,
                                          unsigned depth) {
    switch (tag) {
        case tag::member: {
            if (child.has(Slot::external) || child.has(Slot::declaration)) return into;   // static
            std::uint64_t place =
                child.has(Slot::data_bit_offset) ? ~child.number(Slot::data_bit_offset) : block(unit, child, Slot::member_location);
            std::uint64_t bits = child.number(Slot::bit_size) << 32 ^ child.number(Slot::bit_offset) << 16 ^ child.number(Slot::byte_size);
            return mix(into, text(unit, child, Slot::name), place, bits, referred(unit, child, Slot::type, depth));
        }
        case tag::inheritance:
            return mix(into, tag, block(unit, child, Slot::member_location), child.number(Slot::virtuality),
                       referred(unit, child, Slot::type, depth));
        case tag::variant: return mix(into, tag, block(unit, child, Slot::discr_value));
        case tag::template_type_parameter: return mix(into, tag, referred(unit, child, Slot::type, depth));
        case tag::enumerator: return mix(into, text(unit, child, Slot::name), block(unit, child, Slot::const_value));
        case tag::subrange_type:
        case tag::generic_subrange: return mix(into, tag, block(unit, child, Slot::count), block(unit, child, Slot::upper_bound));
        case tag::formal_parameter: return mix(into, tag, referred(unit, child, Slot::type, depth));
        case tag::unspecified_parameters: return mix(into, tag);
        default: return into;
    }
}

std::uint64_t StructureHasher::children(std::uint64_t into, const Entry& entry, unsigned depth) {
    if (depth > most_depth) return mix(into, entry.ref.offset, entry.unit().index);
    bool whole = reader_.children(entry, [&](const Entry& child) {
        if (budget_ == 0) return false;
        --budget_;
        into = with_child(into, child.unit(), child.tag, child.attributes, depth + 1);
        if (child.tag == tag::variant_part || child.tag == tag::variant) into = children(into, child, depth + 1);
        return true;
    });
    return whole && budget_ != 0 ? into : mix(into, entry.ref.offset, entry.unit().index);
}

std::uint64_t StructureHasher::record(const Entry& entry, std::uint64_t scope) {
    std::uint64_t start = start_record(entry.tag, entry.attributes, scope, text(entry.unit(), entry.attributes, Slot::name));
    return children(start, entry, 0);
}

std::uint64_t StructureHasher::signature(const Entry& entry) {
    return children(mix(entry.tag, referred(entry.unit(), entry.attributes, Slot::type, 1)), entry, 0);
}

std::uint64_t StructureHasher::type(EntryRef ref, unsigned depth) {
    if (!ref) return void_type;
    // Neighbours in the unit are neighbours here, and an entry that refers to another takes five bytes and more.
    std::uint64_t distance = ref.offset - ref.unit->header;
    std::size_t slot = distance >> 2 & (memory_.size() - 1);
    const Remembered& place = memory_[slot];
    if (place.offset == distance && place.unit == ref.unit->index) return place.hash;
    Entry entry;
    if (depth > most_depth || budget_ == 0 || !reader_.read(ref, entry)) return mix(ref.offset, ref.unit->index);
    --budget_;
    auto remember = [&](std::uint64_t hash) {
        if (distance <= 0xffffffff) memory_[slot] = {hash, static_cast<std::uint32_t>(distance), ref.unit->index};
    };
    remember(in_progress);
    std::uint64_t hash = compute(entry, depth);
    remember(hash);
    return hash;
}

std::uint64_t StructureHasher::compute(const Entry& entry, unsigned depth) {
    const Unit& unit = entry.unit();
    switch (entry.tag) {
        case tag::structure_type:
        case tag::class_type:
        case tag::union_type:
        case tag::interface_type:
        case tag::enumeration_type: {
            std::uint64_t kind = entry.tag == tag::class_type ? tag::structure_type : entry.tag;
            if (entry.has(Slot::name)) return mix(kind, text(unit, entry.attributes, Slot::name));
            if (entry.has(Slot::specification)) return referred(unit, entry.attributes, Slot::specification, depth + 1);
            if (entry.has(Slot::signature)) return mix(kind, entry.number(Slot::signature));
            return children(mix(kind, entry.number(Slot::byte_size)), entry, depth + 1);
        }
        case tag::typedef_:
        case tag::template_alias:
            return mix(entry.tag, text(unit, entry.attributes, Slot::name), referred(unit, entry.attributes, Slot::type, depth + 1));
        case tag::base_type:
            return mix(entry.tag, text(unit, entry.attributes, Slot::name), entry.number(Slot::byte_size), entry.number(Slot::encoding),
                       entry.number(Slot::endianity));
        case tag::unspecified_type: return mix(entry.tag, text(unit, entry.attributes, Slot::name));
        case tag::ptr_to_member_type:
            return mix(entry.tag, referred(unit, entry.attributes, Slot::type, depth + 1),
                       referred(unit, entry.attributes, Slot::containing_type, depth + 1));
        case tag::array_type:
        case tag::subroutine_type:
            return children(mix(entry.tag, referred(unit, entry.attributes, Slot::type, depth + 1), entry.number(Slot::byte_size)), entry,
                            depth + 1);
        default: return mix(entry.tag, referred(unit, entry.attributes, Slot::type, depth + 1));
    }
}

}  // namespace abiscope::dwarf
