#include "diff/fields.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "abi/recorded_size.h"
#include "base/text.h"

namespace abiscope::diff {

namespace {

class Collector {
public:
    Collector(const abi::TypeTable& types, bool is_union) : types_(types), is_union_(is_union) {}

    void add(const abi::Field& field, const std::string& prefix) {
        std::optional<std::uint64_t> begin = field.observed.bit_offset;
        if (!begin && is_union_) begin = 0;
        if (!begin) return;
        std::uint64_t bytes =
            std::min(field.observed.size ? *field.observed.size : abi::recorded_size(types_, field.type).value_or(0), most_bytes);
        std::uint64_t bits = field.bit_width ? *field.bit_width : bytes * 8;
        std::string name = field.name.empty() ? fmt::format("(anonymous {})", ++unnamed_) : prefix + field.name;
        bool reserved = is_reserved_name(field.name);
        std::uint64_t end = 0;
        if (__builtin_add_overflow(*begin, bits, &end)) return;
        members.push_back({&field, std::move(name), *begin, end, reserved, {}});
    }

    std::vector<Member> members;

private:
    static constexpr std::uint64_t most_bytes = std::uint64_t{1} << 59;
    const abi::TypeTable& types_;
    bool is_union_;
    unsigned unnamed_ = 0;
};

}  // namespace

bool is_reserved_name(std::string_view name) {
    std::string lower = text::lower(name);
    std::string_view bare = lower;
    while (bare.starts_with('_')) bare.remove_prefix(1);
    constexpr std::string_view anywhere[] = {"reserved", "unused", "padding", "rsvd", "rsrvd", "filler"};
    if (std::ranges::any_of(anywhere, [&](std::string_view word) { return bare.find(word) != std::string_view::npos; })) return true;
    auto numbered = [&](std::string_view word) {
        return bare.starts_with(word) && bare.find_first_not_of("0123456789_", word.size()) == std::string_view::npos;
    };
    return numbered("pad") || numbered("spare") || numbered("dummy") || numbered("resv") || numbered("res");
}

std::vector<Member> members_of(const abi::TypeTable& types, const abi::Record& record) {
    Collector collector(types, record.kind == abi::RecordKind::union_);
    if (record.discriminant) collector.add(*record.discriminant, {});
    for (const abi::Field& field : record.fields) collector.add(field, {});
    for (const abi::Variant& variant : record.variants) {
        for (const abi::Field& field : variant.fields)
            collector.add(field, variant.name == field.name ? std::string() : variant.name + ".");
    }
    return std::move(collector.members);
}

void match_by_name(std::vector<Member>& old, std::vector<Member>& now) {
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < now.size(); ++i) places.try_emplace(now[i].name, i);
    for (std::size_t i = 0; i < old.size(); ++i) {
        auto found = places.find(old[i].name);
        if (found == places.end() || now[found->second].other) continue;
        old[i].other = found->second;
        now[found->second].other = i;
    }
}

bool overlaps(const std::vector<Member>& members, std::uint64_t begin, std::uint64_t end) {
    return std::ranges::any_of(members, [&](const Member& one) { return one.begin < end && begin < one.end; });
}

const Member* reserved_around(const std::vector<Member>& members, std::uint64_t begin, std::uint64_t end) {
    auto found = std::ranges::find_if(members, [&](const Member& one) { return one.reserved && one.begin <= begin && end <= one.end; });
    return found == members.end() ? nullptr : &*found;
}

}  // namespace abiscope::diff
