#include "report/layout_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "abi/recorded.h"
#include "abi/type_name.h"
#include "base/text.h"

namespace abiscope::report {

namespace {

constexpr unsigned deepest_anonymous = 16;

std::string label_of(const abi::TypeTable& types, const abi::Record& record, const abi::Placed& placed) {
    bool embedded = placed.index && *placed.index < record.fields.size() && record.fields[*placed.index].embedded;
    switch (placed.role) {
        case abi::Role::member:
            if (embedded) return text::printable(abi::declaration(types, placed.type, {})) + " (embedded)";
            return text::printable(abi::declaration(types, placed.type, placed.name));
        case abi::Role::bit_field:
            return fmt::format("{} : {}", text::printable(abi::declaration(types, placed.type, placed.name)), placed.bit_size);
        case abi::Role::base: return "base " + text::printable(placed.name);
        case abi::Role::virtual_base: return "virtual base " + text::printable(placed.name);
        case abi::Role::vfptr: return "pointer to the virtual functions";
        case abi::Role::vbptr: return "pointer to the table of virtual bases";
        case abi::Role::vtordisp: return "vtordisp";
        case abi::Role::discriminant: return "discriminant " + text::printable(placed.name);
    }
    return {};
}

// What the declaration does not say.
std::string order_words(abi::StorageOrder order) {
    return order == abi::StorageOrder::native ? "" : fmt::format(" ({}-endian)", to_string(order));
}

class Collector {
public:
    explicit Collector(ProfileLayout& profile) : profile_(profile), types_(*profile.types) {}

    void add(abi::TypeId type, const abi::Layout& layout, std::uint64_t base, unsigned depth, const std::string& prefix) {
        const abi::Record* record = types_.record(types_.resolve(type));
        if (record == nullptr) return;
        auto padding = layout.padding.begin();
        for (const abi::Placed& placed : layout.placed) {
            std::string key = fmt::format("{}{}:{}:{}", prefix, to_string(placed.role), placed.index.value_or(0), placed.name);
            std::string label = label_of(types_, *record, placed);
            for (unsigned n = 0; padding != layout.padding.end() && padding->bit_offset < placed.bit_offset; ++padding, ++n)
                add_padding(*padding, base, depth, fmt::format("{} before {}", n, key), label);
            LayoutItem item{.key = key,
                            .label = label + order_words(types_.storage_order(placed.type)),
                            .depth = depth,
                            .bit_offset = base + placed.bit_offset,
                            .bit_size = placed.bit_size,
                            .bits = placed.role == abi::Role::bit_field,
                            .placed = placed};
            item.placed.bit_offset = item.bit_offset;
            profile_.items.push_back(std::move(item));
            anonymous(placed, base, depth, key);
        }
        for (unsigned n = 0; padding != layout.padding.end(); ++padding, ++n)
            add_padding(*padding, base, depth, fmt::format("{}{} at the end", prefix, n), {});
    }

private:
    void add_padding(const abi::Padding& padding, std::uint64_t base, unsigned depth, std::string key, std::string_view next) {
        profile_.items.push_back({.key = std::move(key),
                                  .label = words(padding, next),
                                  .depth = depth,
                                  .bit_offset = base + padding.bit_offset,
                                  .bit_size = padding.bit_size,
                                  .bits = padding.bit_offset % 8 != 0 || padding.bit_size % 8 != 0,
                                  .padding = padding,
                                  .placed = {}});
    }

    void anonymous(const abi::Placed& placed, std::uint64_t base, unsigned depth, const std::string& key) {
        if (placed.role != abi::Role::member || !placed.name.empty() || depth >= deepest_anonymous) return;
        if (types_.record(types_.resolve(placed.type)) == nullptr) return;
        if (!profile_.computed) {
            auto inner = abi::recorded_alone(types_, placed.type);
            if (inner) add(placed.type, *inner, base + placed.bit_offset, depth + 1, key + "/");
            return;
        }
        auto inner = abi::lay_out(types_, placed.type, *profile_.profile);
        if (inner) add(placed.type, *inner, base + placed.bit_offset, depth + 1, key + "/");
    }

    ProfileLayout& profile_;
    const abi::TypeTable& types_;
};

bool same(const LayoutItem& a, const LayoutItem& b) {
    return a.key == b.key && a.label == b.label && a.bit_offset == b.bit_offset && a.bit_size == b.bit_size;
}

}  // namespace

void fill_items(ProfileLayout& profile) {
    profile.items.clear();
    if (profile.layout) Collector(profile).add(profile.type, *profile.layout, 0, 0, {});
}

std::vector<LayoutGroup> layout_groups(const TypeLayouts& type) {
    std::vector<LayoutGroup> groups;
    for (const ProfileLayout& profile : type.profiles) {
        if (!profile.layout) continue;
        auto at = std::ranges::find_if(groups, [&](const LayoutGroup& group) {
            return group.layout().size == profile.layout->size && group.layout().alignment == profile.layout->alignment &&
                std::ranges::equal(group.items(), profile.items, same);
        });
        if (at != groups.end()) at->profiles.push_back(&profile);
        else groups.push_back({.profiles = {&profile}});
    }
    return groups;
}

const LayoutItem& JoinedRow::any() const {
    return **std::ranges::find_if(cells, [](const LayoutItem* cell) { return cell != nullptr; });
}

std::vector<JoinedRow> join_rows(const std::vector<LayoutGroup>& groups) {
    std::vector<JoinedRow> rows;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        std::size_t after = 0;
        for (const LayoutItem& item : groups[i].items()) {
            auto free = [&](const JoinedRow& row) { return row.key == item.key && row.cells[i] == nullptr; };
            // Nearly always the next row: look behind the last match before looking everywhere.
            auto behind = rows.begin() + static_cast<std::ptrdiff_t>(after);
            auto found = std::find_if(behind, rows.end(), free);
            if (found == rows.end()) found = std::find_if(rows.begin(), rows.end(), free);
            if (found == rows.end()) found = rows.insert(behind, JoinedRow{item.key, std::vector<const LayoutItem*>(groups.size())});
            found->cells[i] = &item;
            after = static_cast<std::size_t>(found - rows.begin()) + 1;
        }
    }
    return rows;
}

}  // namespace abiscope::report
