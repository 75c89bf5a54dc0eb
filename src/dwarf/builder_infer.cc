// Attributes of the source that DWARF has no words for, read from where members lie.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
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
    if (simple && alignment == 0) {
        for (std::uint64_t cap : {std::uint64_t{8}, std::uint64_t{4}, std::uint64_t{2}}) {
            if (cap >= largest || !explains(members, size, cap)) continue;
            // Nothing tells packed from a cap that no padding shows; packed is what is written more often.
            if (explains(members, size, 1)) break;
            record.pack = static_cast<std::uint32_t>(cap);
            return;
        }
    }
    record.packed = true;
}

void infer_overlap(const TypeTable& table, Record& record) {
    if (record.kind == abi::RecordKind::union_) return;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        Field& field = record.fields[i];
        TypeId id = table.resolve(field.type);
        const Record* held = table.record(id);
        if (held == nullptr || field.bit_width || !field.observed.bit_offset || !field.observed.size) continue;
        std::uint64_t begin = *field.observed.bit_offset;
        std::uint64_t end = begin + *field.observed.size * 8;
        bool empty = held->fields.empty() && held->bases.empty() && *field.observed.size == 1;
        for (std::size_t j = 0; j < record.fields.size(); ++j) {
            const Field& other = record.fields[j];
            if (i == j || !other.observed.bit_offset) continue;
            std::uint64_t at = *other.observed.bit_offset;
            // An empty class that shares its byte, or a class whose tail holds another member.
            if (at > begin && at < end) field.no_unique_address = true;
            if (empty && at <= begin && at + other.observed.size.value_or(0) * 8 > begin) field.no_unique_address = true;
        }
    }
}

}  // namespace

void infer_attributes(TypeTable& table, TypeId id, std::uint64_t most_alignment) {
    Record* record = table.record(id);
    const Type& type = table.at(id);
    if (record == nullptr || !type.observed.size) return;
    if (type.language == abi::Language::c || type.language == abi::Language::cxx) {
        infer_packed(table, *record, *type.observed.size, type.alignment, most_alignment);
    }
    if (type.language == abi::Language::cxx) infer_overlap(table, *record);
}

}  // namespace abiscope::dwarf
