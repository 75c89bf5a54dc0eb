#include "abi/field_at.h"

#include <optional>

#include <fmt/format.h>

#include "base/checked.h"

namespace abiscope::abi {

namespace {

constexpr unsigned most_depth = 32;
constexpr std::size_t most_found = 16;

class Search {
public:
    Search(const TypeTable& types, std::uint64_t size, std::uint64_t pointer) : types_(types), size_(size), pointer_(pointer) {}

    std::vector<FieldAt> in_record(TypeId id, std::uint64_t offset) {
        record(id, offset, {}, 0);
        return std::move(found_);
    }

private:
    // `offset` counts from the start of what is named `path`.
    void record(TypeId id, std::uint64_t offset, const std::string& path, unsigned depth) {
        const Record* record = types_.record(types_.resolve(id));
        if (record == nullptr || !record->complete || depth > most_depth) return;
        for (const Base& base : record->bases) {
            auto size = recorded_size(types_, base.type, pointer_);
            if (base.is_virtual || !base.observed.bit_offset || !size) continue;
            std::uint64_t start = *base.observed.bit_offset / 8;
            if (offset >= start && offset - start < *size) this->record(base.type, offset - start, path, depth + 1);
        }
        for (const Field& field : record->fields) {
            if (field.observed.bit_offset && found_.size() < most_found) member(field, offset, path, depth);
        }
    }

    void member(const Field& field, std::uint64_t offset, const std::string& path, unsigned depth) {
        std::string name = path;
        if (!field.name.empty()) name += (path.empty() ? "" : ".") + field.name;
        std::uint64_t bit = *field.observed.bit_offset;
        if (field.bit_width) {
            bool shared = bit < (offset + size_) * 8 && bit + *field.bit_width > offset * 8;
            if (shared && !field.name.empty()) found_.push_back({.path = name, .type = field.type});
            return;
        }
        auto size = recorded_size(types_, field.type, pointer_);
        std::uint64_t start = bit / 8;
        if (!size || offset < start || offset - start >= *size) return;
        value(field.type, offset - start, name, depth + 1);
    }

    void value(TypeId id, std::uint64_t offset, const std::string& path, unsigned depth) {
        TypeId meant = types_.resolve(id);
        if (!types_.contains(meant) || depth > most_depth) return;
        const Type& type = types_.at(meant);
        if (type.kind == Kind::record) {
            record(meant, offset, path, depth);
        } else if (type.kind == Kind::array) {
            auto element = recorded_size(types_, type.target, pointer_);
            if (!element || *element == 0) return;
            value(type.target, offset % *element, fmt::format("{}[{}]", path, offset / *element), depth + 1);
        } else if (!path.empty()) {
            found_.push_back({.path = path, .type = id, .into = offset});
        }
    }

    const TypeTable& types_;
    std::uint64_t size_;
    std::uint64_t pointer_;
    std::vector<FieldAt> found_;
};

}  // namespace

std::optional<std::uint64_t> recorded_size(const TypeTable& types, TypeId type, std::uint64_t pointer) {
    std::uint64_t count = 1;
    for (unsigned depth = 0; depth < most_depth; ++depth) {
        TypeId meant = types.resolve(type);
        if (!types.contains(meant)) return std::nullopt;
        const Type& at = types.at(meant);
        if (at.kind == Kind::pointer || at.kind == Kind::reference) return checked_mul(count, pointer);
        if (at.observed.size) return checked_mul(count, *at.observed.size);
        if (at.kind != Kind::array || !at.count) return std::nullopt;
        auto all = checked_mul(count, *at.count);
        if (!all) return std::nullopt;
        count = *all;
        type = at.target;
    }
    return std::nullopt;
}

std::vector<FieldAt> fields_at(const TypeTable& types, TypeId record, std::uint64_t offset, std::uint64_t size, std::uint64_t pointer) {
    constexpr std::uint64_t most_offset = std::uint64_t{1} << 40;
    if (offset > most_offset || size > most_offset) return {};
    return Search(types, size, pointer).in_record(record, offset);
}

}  // namespace abiscope::abi
