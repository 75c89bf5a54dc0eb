// Attributes of the source that DWARF has no words for, read from where members lie.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "dwarf/builder.h"

namespace abiscope::dwarf {

using abi::Field;
using abi::Kind;
using abi::Record;
using abi::Type;
using abi::TypeId;
using abi::TypeTable;

namespace {

constexpr int most_nesting = 16;

struct Extent {
    std::uint64_t size = 0;        // bytes
    std::uint64_t alignment = 1;   // the least it can have by nature: never more than the real one
};

// The largest power of two that divides a size: scalars of odd sizes (x87's 12 bytes) are aligned to less than their size.
std::uint64_t natural(std::uint64_t size, std::uint64_t most) { return size == 0 ? 1 : std::min(most, size & -size); }

std::optional<Extent> extent_of(const TypeTable& table, TypeId id, std::uint64_t most, int depth = 0) {
    if (!table.contains(id) || depth > most_nesting) return std::nullopt;
    const Type& type = table.at(id);
    auto inner = [&] { return extent_of(table, type.target, most, depth + 1); };
    switch (type.kind) {
        case Kind::alias: {
            auto extent = inner();
            if (extent && type.alignment != 0) extent->alignment = type.alignment;
            return extent;
        }
        case Kind::qualified: return inner();
        case Kind::array: {
            auto extent = inner();
            if (!extent || __builtin_mul_overflow(extent->size, type.count.value_or(0), &extent->size)) return std::nullopt;
            return extent;
        }
        case Kind::complex: {
            auto extent = inner();
            if (extent) extent->size *= 2;
            return extent;
        }
        case Kind::record: {
            const Record* record = table.record(id);
            if (record == nullptr || !record->complete || !type.observed.size) return std::nullopt;
            Extent extent{*type.observed.size, 1};
            if (type.alignment != 0) return Extent{extent.size, type.alignment};
            if (record->pack != 0) extent.alignment = type.observed.alignment.value_or(1);
            if (record->packed || record->pack != 0 || !record->variants.empty()) return extent;
            for (const Field& field : record->fields) {
                auto held = field.bit_width ? std::nullopt : extent_of(table, field.type, most, depth + 1);
                if (held) extent.alignment = std::max(extent.alignment, held->alignment);
            }
            // A record whose size is no multiple of what its members ask for is packed inside.
            if (extent.size % extent.alignment != 0) extent.alignment = 1;
            return extent;
        }
        default:
            if (!type.observed.size) return std::nullopt;
            return Extent{*type.observed.size, natural(*type.observed.size, most)};
    }
}

struct Placed {
    std::uint64_t offset = 0;
    Extent extent;
};

// Whether members laid one behind the other with their alignment capped at `cap` lie where they were seen.
bool explains(const std::vector<Placed>& members, std::uint64_t size, std::uint64_t cap) {
    std::uint64_t end = 0;
    std::uint64_t alignment = 1;
    for (const Placed& member : members) {
        std::uint64_t own = std::min(member.extent.alignment, cap);
        alignment = std::max(alignment, own);
        if (member.offset != (end + own - 1) / own * own) return false;
        end = member.offset + member.extent.size;
    }
    return size == (end + alignment - 1) / alignment * alignment;
}

void infer_packed(const TypeTable& table, Record& record, std::uint64_t size, std::uint64_t alignment, std::uint64_t most) {
    std::vector<Placed> members;
    bool off = false;
    bool simple = record.bases.empty() && record.kind != abi::RecordKind::union_;
    std::uint64_t largest = 1;
    for (const Field& field : record.fields) {
        auto extent = extent_of(table, field.type, most);
        if (field.bit_width) {
            simple = false;
            if (!extent || !field.observed.bit_offset || extent->size == 0) continue;
            // A bit-field that is not packed lies within one unit of its type, and its type aligns the record.
            std::uint64_t unit = extent->size * 8;
            std::uint64_t last = *field.observed.bit_offset + std::max<std::uint64_t>(*field.bit_width, 1) - 1;
            off = off || *field.observed.bit_offset / unit != last / unit;
            if (!field.name.empty()) largest = std::max(largest, extent->alignment);
            continue;
        }
        if (!extent || !field.observed.bit_offset || *field.observed.bit_offset % 8 != 0 || field.alignment != 0) {
            simple = false;
            continue;
        }
        std::uint64_t offset = *field.observed.bit_offset / 8;
        off = off || offset % extent->alignment != 0;
        largest = std::max(largest, extent->alignment);
        members.push_back({offset, *extent});
    }
    off = off || size % largest != 0;
    if (!off) return;
    if (simple) {
        for (std::uint64_t cap : {std::uint64_t{8}, std::uint64_t{4}, std::uint64_t{2}}) {
            // clang records the alignment that a cap leaves as if an attribute had asked for it.
            if (cap >= largest || (alignment != 0 && alignment != cap) || !explains(members, size, cap)) continue;
            // Nothing tells packed from a cap that no padding shows; packed is what is written more often.
            if (explains(members, size, 1)) break;
            record.pack = static_cast<std::uint32_t>(cap);
            return;
        }
    }
    record.packed = true;
}

// A class of one byte in which there is nothing but such classes. It is empty unless one of them is a member with an address of its own.
bool may_be_empty(const TypeTable& table, TypeId id, int depth = 0) {
    id = table.resolve(id);
    const Record* record = table.record(id);
    if (record == nullptr || !record->complete || record->kind == abi::RecordKind::union_ || !record->virtual_functions.empty() ||
        table.at(id).observed.size != 1U || depth > most_nesting)
        return false;
    return std::ranges::all_of(record->bases,
                               [&](const abi::Base& base) { return !base.is_virtual && may_be_empty(table, base.type, depth + 1); }) &&
        std::ranges::all_of(record->fields,
                            [&](const Field& field) { return !field.bit_width && may_be_empty(table, field.type, depth + 1); });
}

bool has_members(const TypeTable& table, TypeId id, int depth = 0) {
    const Record* record = table.record(table.resolve(id));
    return record != nullptr && depth <= most_nesting &&
        (!record->fields.empty() ||
         std::ranges::any_of(record->bases, [&](const abi::Base& base) { return has_members(table, base.type, depth + 1); }));
}

// It was seen to be empty: its members are [[no_unique_address]].
void make_empty(TypeTable& table, TypeId id, int depth = 0) {
    Record* record = table.record(table.resolve(id));
    if (record == nullptr || depth > most_nesting) return;
    for (Field& field : record->fields) {
        field.no_unique_address = true;
        make_empty(table, field.type, depth + 1);
    }
    for (const abi::Base& base : record->bases) make_empty(table, base.type, depth + 1);
}

struct Part {
    TypeId type = TypeId::none;
    std::uint64_t begin = 0, end = 0;   // bits
    bool may_be_empty = false;
};

// Whether a base that may be empty is: it begins where something begins that is not. Of two that may both be empty and have members, one
// with an address of its own would have sent the other elsewhere.
bool is_empty_base(const TypeTable& table, const Part& base, const std::vector<Part>& parts) {
    return base.may_be_empty && std::ranges::any_of(parts, [&](const Part& other) {
               if (&other == &base || other.begin != base.begin) return false;
               return !other.may_be_empty || (has_members(table, base.type) && has_members(table, other.type));
           });
}

// Whether a member of class type overlaps another, or is an empty class where a base begins that is not empty.
bool shares_its_place(const Part& field, std::span<const Part> bases, std::span<const Part> fields) {
    auto over_field = [&](const Part& other) {
        if (&other == &field) return false;
        // A class whose tail holds another member, or an empty class that shares its byte.
        bool in_tail = other.begin > field.begin && other.begin < field.end;
        return in_tail || (field.may_be_empty && other.begin <= field.begin && other.end > field.begin);
    };
    auto over_base = [&](const Part& base) { return field.may_be_empty && !base.may_be_empty && base.begin == field.begin; };
    return std::ranges::any_of(fields, over_field) || std::ranges::any_of(bases, over_base);
}

void infer_overlap(TypeTable& table, TypeId id) {
    const Record& record = *table.record(id);
    if (record.kind == abi::RecordKind::union_) return;
    std::vector<Part> parts;
    std::vector<std::size_t> places;   // of the fields that have one
    auto add = [&](TypeId type, const abi::Observed& observed) {
        std::uint64_t begin = *observed.bit_offset;
        parts.push_back({type, begin, begin + observed.size.value_or(0) * 8, may_be_empty(table, type)});
    };
    for (const abi::Base& base : record.bases) {
        if (base.observed.bit_offset && !base.is_virtual) add(base.type, base.observed);
    }
    std::size_t bases = parts.size();
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (!record.fields[i].observed.bit_offset) continue;
        add(record.fields[i].type, record.fields[i].observed);
        places.push_back(i);
    }
    std::span<const Part> all(parts);
    for (std::size_t i = 0; i < bases; ++i) {
        if (is_empty_base(table, parts[i], parts)) make_empty(table, parts[i].type);
    }
    for (std::size_t i = bases; i < parts.size(); ++i) {
        Field& field = table.record(id)->fields[places[i - bases]];
        bool is_class = table.record(table.resolve(field.type)) != nullptr;
        if (!is_class || field.bit_width || !field.observed.size || !shares_its_place(parts[i], all.first(bases), all.subspan(bases)))
            continue;
        field.no_unique_address = true;
        if (parts[i].may_be_empty) make_empty(table, field.type);
    }
}

// rustc records the alignment of every type and member: an attribute asked for it only where the members' own come to another.
void infer_rust_attributes(Type& type, Record& record) {
    std::uint64_t natural = 1;
    for (Field& field : record.fields) {
        field.alignment = 0;
        natural = std::max(natural, field.observed.alignment.value_or(1));
    }
    std::uint32_t recorded = std::exchange(type.alignment, 0);
    if (recorded > natural) type.alignment = recorded;
    if (recorded == 1 && natural > 1) record.packed = true;
    if (recorded > 1 && recorded < natural) record.pack = recorded;
}

}  // namespace

void infer_attributes(TypeTable& table, TypeId id, std::uint64_t most_alignment) {
    Record* record = table.record(id);
    const Type& type = table.at(id);
    if (record == nullptr || !type.observed.size) return;
    if (type.language == abi::Language::c || type.language == abi::Language::cxx) {
        infer_packed(table, *record, *type.observed.size, type.alignment, most_alignment);
        if (record->pack != 0) table.at(id).alignment = 0;
    }
    if (type.language == abi::Language::cxx) infer_overlap(table, id);
    if (type.language == abi::Language::rust) infer_rust_attributes(table.at(id), *record);
}

}  // namespace abiscope::dwarf
