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
    explicit Collector(const abi::TypeTable& types) : types_(types) {}

    // Where the record lies whose members are added.
    struct Around {
        std::uint64_t begin = 0;       // bits
        bool is_union = false;         // this record
        bool in_union = false;         // one without a name, this or around it
        unsigned depth = 0;
    };

    void add(const abi::Field& field, const std::string& prefix, const Around& around) {
        std::optional<std::uint64_t> begin = field.observed.bit_offset;
        if (!begin && around.is_union) begin = 0;
        std::uint64_t offset = 0;
        if (!begin || __builtin_add_overflow(*begin, around.begin, &offset)) return;
        begin = offset;
        const abi::Record* inner = field.name.empty() && !field.bit_width ? types_.record(types_.resolve(field.type)) : nullptr;
        if (inner != nullptr && inner->complete && !inner->fields.empty() && inner->variants.empty() && around.depth < most_depth) {
            bool is_union = inner->kind == abi::RecordKind::union_;
            for (const abi::Field& one : inner->fields)
                add(one, prefix,
                    {.begin = *begin, .is_union = is_union, .in_union = is_union || around.in_union, .depth = around.depth + 1});
            return;
        }
        std::uint64_t bytes =
            std::min(field.observed.size ? *field.observed.size : abi::recorded_size(types_, field.type).value_or(0), most_bytes);
        std::uint64_t bits = field.bit_width ? *field.bit_width : bytes * 8;
        std::string name = field.name.empty() ? fmt::format("(anonymous {})", ++unnamed_) : prefix + field.name;
        bool reserved = is_reserved_name(field.name);
        std::uint64_t end = 0;
        if (__builtin_add_overflow(*begin, bits, &end)) return;
        members.push_back({&field, std::move(name), *begin, end, reserved, around.in_union, {}});
    }

    std::vector<Member> members;

private:
    static constexpr std::uint64_t most_bytes = std::uint64_t{1} << 59;
    static constexpr unsigned most_depth = 64;
    const abi::TypeTable& types_;
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
    Collector collector(types);
    Collector::Around whole{.is_union = record.kind == abi::RecordKind::union_};
    if (record.discriminant) collector.add(*record.discriminant, {}, whole);
    for (const abi::Field& field : record.fields) collector.add(field, {}, whole);
    for (const abi::Variant& variant : record.variants) {
        for (const abi::Field& field : variant.fields)
            collector.add(field, variant.name == field.name ? std::string() : variant.name + ".", whole);
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
