#include "abi/recorded.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "abi/layout_engine.h"

namespace abiscope::abi {

namespace {

constexpr unsigned deepest_anonymous = 16;

std::string place(std::uint64_t bits) { return bits % 8 == 0 ? fmt::format("byte {}", bits / 8) : fmt::format("bit {}", bits); }

std::string quoted(const std::string& name, const char* otherwise) { return name.empty() ? std::string(otherwise) : "`" + name + "`"; }

// Whether a file can say where it lies: static places only, and those of anonymous members as if they were the record's own.
std::string difference(const TypeTable& types, TypeId id, const Layout& computed, const Profile& profile, unsigned depth) {
    TypeId resolved = types.resolve(id);
    const Record* record = types.record(resolved);
    if (record == nullptr) return {};
    if (auto size = types.at(resolved).observed.size; size && *size != computed.size)
        return fmt::format("the size is recorded as {}, and computed as {}", *size, computed.size);
    for (const Placed& placed : computed.placed) {
        if (!placed.index) continue;
        bool base = placed.role == Role::base;
        if (!base && placed.role != Role::member && placed.role != Role::bit_field) continue;
        const Observed& observed = base ? record->bases[*placed.index].observed : record->fields[*placed.index].observed;
        if (observed.bit_offset && *observed.bit_offset != placed.bit_offset) {
            return fmt::format("{} is recorded at {}, and computed at {}", quoted(placed.name, "an anonymous member"),
                               place(*observed.bit_offset), place(placed.bit_offset));
        }
        if (base || !placed.name.empty() || depth >= deepest_anonymous || types.record(types.resolve(placed.type)) == nullptr) continue;
        auto inner = lay_out_one_reading(types, placed.type, profile);
        if (!inner) return inner.error().what;
        if (std::string found = difference(types, placed.type, *inner, profile, depth + 1); !found.empty()) return found;
    }
    return {};
}

class FromRecord {
public:
    FromRecord(const TypeTable& types, const Type& type, const Record& record) : types_(types), type_(type), record_(record) {}

    Result<Layout> layout() {
        if (!record_.complete) return fail(Error{.code = ErrorCode::bad_value, .what = "it is only declared"});
        if (!type_.observed.size || *type_.observed.size > most_size)
            return fail(Error{.code = ErrorCode::bad_value, .what = "its size is not recorded"});
        layout_.size = layout_.data_size = layout_.nonvirtual_size = *type_.observed.size;
        layout_.alignment = type_.observed.alignment.value_or(0);
        for (std::uint32_t i = 0; i < record_.bases.size(); ++i) {
            const Base& base = record_.bases[i];
            // Where a virtual base lies is read from a table when the program runs.
            if (base.is_virtual) continue;
            add(Role::base, types_.contains(base.type) ? types_.at(base.type).name : std::string(), base.type, base.observed, {}, i);
        }
        if (record_.discriminant) add(*record_.discriminant, Role::discriminant, {}, {});
        for (std::uint32_t i = 0; i < record_.fields.size(); ++i) {
            const Field& field = record_.fields[i];
            // Inferred, not recorded.
            if (field.bit_width && field.name.empty() && !field.observed.bit_offset) continue;
            add(field, field.bit_width ? Role::bit_field : Role::member, {}, i);
        }
        for (const Variant& variant : record_.variants) {
            for (const Field& field : variant.fields) add(field, Role::member, variant.name, {});
        }
        if (!unplaced_.empty()) return fail(Error{.code = ErrorCode::bad_value, .what = "the place of " + unplaced_ + " is not recorded"});
        std::ranges::stable_sort(layout_.placed, {}, &Placed::bit_offset);
        size_descriptors();
        add_padding();
        return std::move(layout_);
    }

private:
    static constexpr std::uint64_t most_size = std::uint64_t{1} << 60;
    // Bytes: a pointer, an offset and what is known of one dimension, on 32 bits. No padding of Fortran is as long.
    static constexpr std::uint64_t smallest_descriptor = 24;

    void add(const Field& field, Role role, const std::string& variant, std::optional<std::uint32_t> index) {
        std::string name = variant.empty() || variant == field.name ? field.name : variant + "." + field.name;
        add(role, std::move(name), field.type, field.observed, field.bit_width, index);
    }

    void add(Role role, std::string name, TypeId type, const Observed& observed, std::optional<std::uint32_t> bits,
             std::optional<std::uint32_t> index) {
        std::optional<std::uint64_t> offset = observed.bit_offset;
        if (!offset && record_.kind == RecordKind::union_) offset = 0;
        if (!offset) {
            if (unplaced_.empty()) unplaced_ = quoted(name, "a member");
            return;
        }
        std::uint64_t bytes = observed.size.value_or(size_of(type));
        layout_.placed.push_back({.role = role,
                                  .name = std::move(name),
                                  .type = type,
                                  .bit_offset = *offset,
                                  .bit_size = bits ? *bits : std::min(bytes, most_size) * 8,
                                  .alignment = 0,
                                  .index = index});
    }

    // Of a base, whose entry has no size of its own.
    [[nodiscard]] std::uint64_t size_of(TypeId id) const {
        TypeId resolved = types_.resolve(id);
        return types_.contains(resolved) ? types_.at(resolved).observed.size.value_or(0) : 0;
    }

    // An array of Fortran that is allocated or pointed at is described as the array: what lies in the record is its descriptor, up to the
    // next member.
    void size_descriptors() {
        for (std::size_t i = 0; i < layout_.placed.size(); ++i) {
            Placed& placed = layout_.placed[i];
            TypeId type = types_.resolve(placed.type);
            bool unbounded = types_.contains(type) && types_.at(type).kind == Kind::array && !types_.at(type).count;
            std::uint64_t next = i + 1 < layout_.placed.size() ? layout_.placed[i + 1].bit_offset : layout_.size * 8;
            if (placed.bit_size == 0 && unbounded && record_.kind != RecordKind::union_ && next > placed.bit_offset &&
                next - placed.bit_offset >= smallest_descriptor * 8)
                placed.bit_size = next - placed.bit_offset;
        }
    }

    // None in a class with something that has no record: a pointer to virtual functions, a virtual base.
    void add_padding() {
        if (!record_.virtual_functions.empty() || std::ranges::any_of(record_.bases, &Base::is_virtual)) return;
        std::uint64_t end = 0;
        auto gap = [&](std::uint64_t to, const std::string& before) {
            if (to > end) layout_.padding.push_back({.bit_offset = end, .bit_size = to - end, .before = before, .rule = {}});
        };
        for (const Placed& placed : layout_.placed) {
            gap(placed.bit_offset, placed.name);
            end = std::max(end, placed.bit_offset + placed.bit_size);
        }
        gap(layout_.size * 8, {});
    }

    const TypeTable& types_;
    const Type& type_;
    const Record& record_;
    Layout layout_;
    std::string unplaced_;
};

// Where the readings of an unnamed bit-field part, it is over what is not recorded: one of them is held against the record.
std::string difference_from(const Result<Layout>& whole, const TypeTable& types, TypeId type, const Profile& profile) {
    auto computed = whole ? whole : lay_out_one_reading(types, type, profile);
    return computed ? difference(types, type, *computed, profile, 0) : computed.error().what;
}

}  // namespace

std::string recorded_difference(const TypeTable& types, TypeId type, const Profile& profile) {
    return difference_from(lay_out(types, type, profile), types, type, profile);
}

Result<Layout> recorded_alone(const TypeTable& types, TypeId type) {
    TypeId resolved = types.resolve(type);
    const Record* record = types.record(resolved);
    if (record == nullptr) return fail(Error{.code = ErrorCode::bad_value, .what = "no struct, class or union"});
    return FromRecord(types, types.at(resolved), *record).layout();
}

Result<Recorded> recorded_layout(const TypeTable& types, TypeId type, const Profile& profile) {
    TypeId resolved = types.resolve(type);
    const Record* record = types.record(resolved);
    if (record == nullptr) return fail(Error{.code = ErrorCode::bad_value, .what = "no struct, class or union"});
    Recorded out;
    // Rust orders the members as it likes: there is nothing to compute.
    if (types.at(resolved).language != Language::rust) {
        auto whole = lay_out(types, type, profile);
        out.differs = difference_from(whole, types, type, profile);
        if (whole && out.differs.empty()) {
            out.layout = *std::move(whole);
            out.computed = true;
            return out;
        }
    }
    ABISCOPE_TRY(out.layout, recorded_alone(types, type));
    return out;
}

}  // namespace abiscope::abi
