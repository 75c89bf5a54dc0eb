#include <algorithm>
#include <utility>

#include "abi/recorded_size.h"
#include "dwarf/builder.h"
#include "dwarf/places.h"
#include "dwarf/scopes.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

using abi::Access;
using abi::Field;
using abi::Record;
using abi::Type;
using abi::TypeId;

namespace {

// DW_ACCESS_*: section 5.7.? of the standard gives members of a class private access where nothing is said, those of others public.
Access access_of(const Entry& entry, Access otherwise) {
    switch (entry.number(Slot::accessibility)) {
        case 1: return Access::public_;
        case 2: return Access::protected_;
        case 3: return Access::private_;
        default: return otherwise;
    }
}

// rustc describes a variant as a record within the enumeration, and the discriminant, which lies in its bytes too, only with the
// enumeration.
bool find_part_around(EntryReader& reader, const Scopes& scopes, const Entry& entry, Entry& part) {
    constexpr unsigned most_before = 64;   // parameters of types stand in front of it
    std::uint32_t around = scope_around(scopes, entry.ref.offset - entry.unit().header);
    Entry parent;
    if (around == Scope::none || !reader.read({entry.ref.unit, entry.unit().header + scopes[around].begin}, parent)) return false;
    if (parent.tag != tag::structure_type) return false;
    unsigned seen = 0;
    reader.children(parent, [&](const Entry& child) {
        if (child.tag == tag::variant_part) part = child;
        return part.tag == 0 && ++seen < most_before;
    });
    return part.tag == tag::variant_part;
}

bool overlaps(const Field& one, const Field& other) {
    if (!one.observed.bit_offset || !other.observed.bit_offset) return false;
    std::uint64_t a = *one.observed.bit_offset / 8, b = *other.observed.bit_offset / 8;
    return a < b ? b - a < one.observed.size.value_or(0) : a - b < other.observed.size.value_or(0);
}

}  // namespace

// Whether a type holds, by value, a record whose members are being read: then it would hold itself.
bool TypeBuilder::is_unfinished(TypeId id) const {
    for (int steps = 0; steps < 64 && table_.contains(id); ++steps) {
        abi::Kind kind = table_.at(id).kind;
        if (kind == abi::Kind::record) {
            auto found = records_.find(id);
            return found != records_.end() && found->second.state == State::being_built;
        }
        if (kind != abi::Kind::alias && kind != abi::Kind::qualified && kind != abi::Kind::atomic && kind != abi::Kind::array) return false;
        id = table_.at(id).target;
    }
    return false;
}

void TypeBuilder::set_sizes(Type& type, const Entry& entry) {
    type.observed.size = constant(entry, Slot::byte_size);
    if (auto alignment = constant(entry, Slot::alignment); alignment && *alignment <= 0xffffffff) {
        type.observed.alignment = alignment;
        type.alignment = static_cast<std::uint32_t>(*alignment);
    }
    if (options_.sources) type.declared = lines_.place(entry);
}

abi::Enumeration TypeBuilder::read_enumeration(const Entry& entry, Type& type) {
    abi::Enumeration read;
    type.target = target_of(entry, 0);
    read.scoped = entry.flag(Slot::enum_class);
    bool is_signed = true;
    if (table_.contains(type.target)) {
        TypeId underlying = table_.resolve(type.target);
        if (table_.contains(underlying) && table_.at(underlying).kind == abi::Kind::scalar) {
            switch (table_.at(underlying).scalar) {
                case abi::Scalar::unsigned_char:
                case abi::Scalar::unsigned_short:
                case abi::Scalar::unsigned_int:
                case abi::Scalar::unsigned_long:
                case abi::Scalar::unsigned_long_long:
                case abi::Scalar::fixed_unsigned:
                case abi::Scalar::unsigned_word:
                case abi::Scalar::boolean: is_signed = false; break;
                default: break;
            }
        }
    }
    reader_.children(entry, [&](const Entry& child) {
        if (child.tag != tag::enumerator || !child.has(Slot::const_value)) return true;
        FormCode form = child.attributes.form_of(Slot::const_value);
        bool written_signed = form == form::sdata || form == form::implicit_const;
        std::int64_t value = is_signed && !written_signed ? signed_number(child, Slot::const_value)
                                                          : static_cast<std::int64_t>(child.number(Slot::const_value));
        if (form == form::udata || form == form::data8) value = static_cast<std::int64_t>(child.number(Slot::const_value));
        bool negative = value < 0 && (is_signed || written_signed) && form != form::udata;
        if (options_.details) read.enumerators.push_back({kept(reader_.name(child)), value});
        if (negative) {
            read.least = std::min(read.least, value);
        } else {
            read.greatest = std::max(read.greatest, static_cast<std::uint64_t>(value));
        }
        return true;
    });
    // Compilers name the underlying type whether the source does or not. It does when it could not be chosen otherwise.
    std::uint64_t size = type.observed.size.value_or(4);
    bool fits_int = read.least >= -0x80000000LL && read.greatest <= (read.least < 0 ? 0x7fffffffULL : 0xffffffffULL);
    if (read.scoped) {
        read.fixed = true;
    } else if (type.language == abi::Language::cxx) {
        read.fixed = table_.contains(type.target) && (size < 4 || (size == 8 && fits_int));
    } else if (type.language == abi::Language::c) {
        read.packed = size < 4;
    } else {
        read.fixed = true;
    }
    return read;
}

Field TypeBuilder::make_field(const Entry& member, Access access, unsigned depth) {
    Field field;
    field.name = kept(reader_.name(member));
    field.type = target_of(member, 0);
    complete(field.type, depth + 1);
    if (is_unfinished(field.type)) {
        invalid(member, "a record holds itself");
        field.type = TypeId::none;
    }
    field.access = access_of(member, access);
    if (auto width = constant(member, Slot::bit_size)) {
        field.bit_width = static_cast<std::uint32_t>(std::min<std::uint64_t>(*width, 0xffffffff));
    }
    if (auto alignment = constant(member, Slot::alignment); alignment && *alignment <= 0xffffffff) {
        field.alignment = static_cast<std::uint32_t>(*alignment);
        field.observed.alignment = alignment;
    }
    field.observed.bit_offset = bit_place(debug_, member, abi::recorded_size(table_, field.type));
    field.observed.size = abi::recorded_size(table_, field.type);
    field.embedded = member.flag(Slot::go_embedded_field);
    return field;
}

void TypeBuilder::add_variants(Record& record, const Entry& part, unsigned depth) {
    Entry discriminant;
    bool known = reader_.follow(part, Slot::discr, discriminant) && discriminant.tag == tag::member;
    if (known) record.discriminant = make_field(discriminant, Access::public_, depth);
    reader_.children(part, [&](const Entry& child) {
        if (child.tag != tag::variant) return true;
        abi::Variant variant;
        variant.discriminant = constant(child, Slot::discr_value);
        reader_.children(child, [&](const Entry& member) {
            if (member.tag == tag::member) variant.fields.push_back(make_field(member, Access::public_, depth));
            return true;
        });
        if (variant.fields.size() == 1) variant.name = variant.fields.front().name;
        record.variants.push_back(std::move(variant));
        return true;
    });
}

void TypeBuilder::fill_children(Record& record, const Entry& entry, unsigned depth, std::string_view own_name) {
    bool cxx = language_of(entry.unit()) == abi::Language::cxx;
    Access otherwise = entry.tag == tag::class_type ? Access::private_ : Access::public_;
    std::size_t virtual_functions = 0;
    reader_.children(entry, [&](const Entry& child) {
        switch (child.tag) {
            case tag::member: {
                // DW_TAG_member of a static data member, as DWARF 2 to 4 write it.
                if (child.has(Slot::external) || child.has(Slot::declaration)) break;
                Field field = make_field(child, otherwise, depth);
                // The pointer to the virtual function table is no member of the source; that there is one follows from the virtual
                // functions.
                if (child.flag(Slot::artificial) && field.name.starts_with("_vptr")) break;
                record.fields.push_back(std::move(field));
                break;
            }
            case tag::inheritance: {
                abi::Base base;
                base.type = target_of(child, 0);
                complete(base.type, depth + 1);
                base.is_virtual = child.number(Slot::virtuality) != 0;
                base.access = access_of(child, otherwise);
                base.observed.bit_offset = bit_place(debug_, child, std::nullopt);
                if (base.is_virtual && child.has(Slot::member_location) && child.attributes.length_of(Slot::member_location) == 0)
                    base.observed.bit_offset.reset();
                base.observed.size = abi::recorded_size(table_, base.type);
                if (is_unfinished(base.type)) {
                    invalid(child, "a record is its own base");
                    base.type = TypeId::none;
                }
                record.bases.push_back(base);
                break;
            }
            case tag::subprogram:
                if (cxx) read_member_function(reader_, child, own_name, record);
                if (options_.details && record.virtual_functions.size() != virtual_functions) {
                    virtual_functions = record.virtual_functions.size();
                    TypeId type = make_function(child, child, depth);
                    abi::VirtualFunction& function = record.virtual_functions.back();
                    function.type = type;
                    function.linkage_name = kept(reader_.text(child, Slot::linkage_name));
                    function.slot = vtable_slot(debug_, child);
                }
                break;
            case tag::template_type_parameter:
                if (options_.details) record.template_arguments.push_back(target_of(child, depth));
                break;
            case tag::variant_part: add_variants(record, child, depth); break;
            default: break;
        }
        return true;
    });
}

void TypeBuilder::fill_record(TypeId id, const Entry& entry, unsigned depth) {
    Record read;
    read.kind = table_.record(id)->kind;
    fill_children(read, entry, depth, own_name(reader_, entry));
    table_.at(id).language = language_of(entry.unit());
    set_sizes(table_.at(id), entry);
    read.complete = true;
    Entry part, discriminant;
    if (table_.at(id).language == abi::Language::rust && read.variants.empty() &&
        find_part_around(reader_, scopes_.of(entry.unit()), entry, part) && reader_.follow(part, Slot::discr, discriminant) &&
        discriminant.tag == tag::member) {
        Field field = make_field(discriminant, Access::public_, depth);
        // In a value that the member cannot have (a niche) there is no byte of its own.
        if (std::ranges::none_of(read.fields, [&](const Field& other) { return overlaps(field, other); }))
            read.discriminant = std::move(field);
    }
    std::uint64_t passed = entry.number(Slot::calling_convention);
    if (passed == cc::pass_by_reference || passed == cc::pass_by_value) read.passed_by_value = passed == cc::pass_by_value;
    *table_.record(id) = std::move(read);
    infer_attributes(table_, id, entry.unit().encoding.address_size);
}

}  // namespace abiscope::dwarf
