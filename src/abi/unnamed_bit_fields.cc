#include "abi/unnamed_bit_fields.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "abi/element_type.h"
#include "abi/layout_engine.h"

namespace abiscope::abi {

namespace {

constexpr std::size_t most_searches = 4096;    // in one table
constexpr std::size_t most_layouts = 20'000;   // tried for one record
constexpr std::size_t most_readings = 256;     // kept of one record
constexpr unsigned deepest = 64;

// What is believed to stand before a member (or at the end): unnamed bit-fields, or an alignment of the member that was not recorded.
struct Reading {
    std::vector<Field> fields;
    std::uint32_t alignment = 0;
};
using Readings = std::map<std::size_t, Reading>;   // by the index of the member behind them

bool has_bit_fields(const Record& record) {
    return std::ranges::any_of(record.fields, [](const Field& field) { return field.bit_width.has_value(); });
}

class Search {
public:
    Search(TypeTable& types, TypeId id, const Profile& profile) : types_(types), id_(id), profile_(profile), original_(*types.record(id)) {}

    // True when the record now agrees with what is recorded, be it as it was.
    bool run() {
        std::optional<std::size_t> first = difference({});
        if (!first) return true;
        Readings found;
        if (!has_bit_fields(original_) || !solve(found, *first)) {
            *types_.record(id_) = original_;
            return false;
        }
        keep(found);
        return true;
    }

    [[nodiscard]] bool had_to_look() const { return layouts_ > 1; }

private:
    static constexpr std::array sizes{Scalar::unsigned_char, Scalar::unsigned_short, Scalar::unsigned_int, Scalar::unsigned_long,
                                      Scalar::unsigned_long_long};

    [[nodiscard]] TypeId unit(Scalar scalar) {
        auto [at, fresh] = units_.try_emplace(scalar, TypeId::none);
        constexpr std::array names{"unsigned char", "unsigned short", "unsigned int", "unsigned long", "unsigned long long"};
        const char* name = names[static_cast<std::size_t>(std::ranges::find(sizes, scalar) - sizes.begin())];
        if (fresh) at->second = types_.add({.kind = Kind::scalar, .language = types_.at(id_).language, .scalar = scalar, .name = name});
        return at->second;
    }
    [[nodiscard]] std::uint64_t bits(Scalar scalar) const { return profile_.scalar(scalar).size * std::uint64_t{8}; }
    [[nodiscard]] Field field(Scalar scalar, std::uint64_t width) {
        return {.name = {}, .type = unit(scalar), .bit_width = static_cast<std::uint32_t>(width)};
    }

    [[nodiscard]] Record with(const Readings& readings) const {
        Record out = original_;
        out.fields.clear();
        for (std::size_t i = 0; i <= original_.fields.size(); ++i) {
            auto at = readings.find(i);
            if (at != readings.end()) out.fields.insert(out.fields.end(), at->second.fields.begin(), at->second.fields.end());
            if (i == original_.fields.size()) break;
            out.fields.push_back(original_.fields[i]);
            if (at != readings.end() && at->second.alignment != 0) out.fields.back().alignment = at->second.alignment;
        }
        return out;
    }

    // The first member that does not lie where it is recorded; the number of members where only the size is another; nothing when all
    // agree. A record that cannot be laid out differs from the start.
    std::optional<std::size_t> difference(const Readings& readings) {
        if (++layouts_ > most_layouts) return 0;
        Record tried = with(readings);
        *types_.record(id_) = tried;
        auto layout = lay_out_one_reading(types_, id_, profile_);
        if (!layout) return 0;
        std::vector<std::optional<std::uint64_t>> placed(tried.fields.size());
        for (const Placed& one : layout->placed) {
            if (one.index && (one.role == Role::member || one.role == Role::bit_field)) placed[*one.index] = one.bit_offset;
        }
        std::size_t index = 0;
        for (std::size_t i = 0; i < tried.fields.size(); ++i) {
            if (is_unnamed(tried.fields[i])) continue;
            const auto& recorded = original_.fields[index].observed.bit_offset;
            if (recorded && placed[i] && *recorded != *placed[i]) return index;
            ++index;
        }
        if (layout->size != types_.at(id_).observed.size) return original_.fields.size();
        return std::nullopt;
    }
    static bool is_unnamed(const Field& field) { return field.bit_width && field.name.empty(); }

    struct Gap {
        std::uint64_t from = 0, to = 0;   // bits
        bool before_bit_field = false;
    };

    // Before member `index`, where a bit-field is at one side of it.
    [[nodiscard]] std::optional<Gap> gap_before(std::size_t index) const {
        Gap gap;
        for (std::size_t i = 0; i < index; ++i) {
            const Observed& observed = original_.fields[i].observed;
            if (!observed.bit_offset) return std::nullopt;
            std::uint64_t width = original_.fields[i].bit_width ? *original_.fields[i].bit_width : observed.size.value_or(0) * 8;
            gap.from = std::max(gap.from, *observed.bit_offset + width);
        }
        bool at_end = index == original_.fields.size();
        gap.before_bit_field = !at_end && original_.fields[index].bit_width;
        bool behind_bit_field = index > 0 && original_.fields[index - 1].bit_width;
        if (!gap.before_bit_field && !behind_bit_field) return std::nullopt;
        gap.to = at_end ? types_.at(id_).observed.size.value_or(0) * 8 : original_.fields[index].observed.bit_offset.value_or(0);
        constexpr std::uint64_t longest = 128;
        if (gap.to <= gap.from || gap.to - gap.from > longest) return std::nullopt;
        return gap;
    }

    // Every way of one or two unnamed bit-fields to get from the end of the member before to the member. What a source would most likely
    // say comes first: one field of the neighbour's type.
    std::vector<Reading> candidates(std::size_t index, const Gap& gap) {
        std::vector<Reading> out;
        std::uint64_t width = gap.to - gap.from;
        std::vector<Scalar> order = scalars_by_neighbour(index);
        for (Scalar scalar : order) {
            if (width <= bits(scalar)) out.push_back({{field(scalar, width)}});
        }
        for (Scalar scalar : order) out.push_back({{field(scalar, 0)}});
        // What follows at a place of its own choice leaves room for narrower ones.
        for (Scalar scalar : order) {
            for (std::uint64_t narrow = 1; narrow < std::min(width, bits(scalar) + 1); ++narrow) out.push_back({{field(scalar, narrow)}});
        }
        for (Scalar first : order) {
            std::uint64_t rest = gap.from % bits(first) == 0 ? bits(first) : bits(first) - gap.from % bits(first);
            if (rest >= width) continue;
            for (std::uint64_t taken : {std::uint64_t{0}, rest, std::uint64_t{1}}) {
                for (Scalar second : order) {
                    if (width - rest <= bits(second)) out.push_back({{field(first, taken), field(second, width - rest)}});
                    for (std::uint64_t narrow : {0, 1}) out.push_back({{field(first, taken), field(second, narrow)}});
                }
            }
        }
        if (!gap.before_bit_field && index < original_.fields.size() && original_.fields[index].alignment == 0) {
            auto alignment = std::uint64_t{1} << std::min(std::countr_zero(gap.to / 8), 12);
            for (; alignment > 1; alignment /= 2) out.push_back({{}, static_cast<std::uint32_t>(alignment)});
        }
        return out;
    }

    [[nodiscard]] std::vector<Scalar> scalars_by_neighbour(std::size_t index) const {
        std::vector<Scalar> order(sizes.begin(), sizes.end());
        std::size_t neighbour = index > 0 && original_.fields[index - 1].bit_width ? index - 1 : index;
        if (neighbour >= original_.fields.size()) return order;
        TypeId type = types_.resolve(original_.fields[neighbour].type);
        std::uint64_t size = types_.contains(type) ? types_.at(type).observed.size.value_or(4) : 4;
        std::ranges::stable_partition(order, [&](Scalar scalar) { return bits(scalar) == size * 8; });
        return order;
    }

    // Goes from difference to difference; each is explained by what brings the first one behind it.
    bool solve(Readings& found, std::size_t first) {
        constexpr std::size_t most_gaps = 64;
        while (found.size() < most_gaps) {
            auto gap = gap_before(first);
            if (!gap || found.contains(first)) return false;
            bool explained = false;
            for (Reading& candidate : candidates(first, *gap)) {
                Readings tried = found;
                tried[first] = std::move(candidate);
                auto next = difference(tried);
                if (next && *next <= first) continue;
                found = std::move(tried);
                if (!next) return true;
                first = *next;
                explained = true;
                break;
            }
            if (!explained) return false;
        }
        return false;
    }

    static bool narrows(const Reading& reading, const Gap& gap) {
        return reading.fields.size() == 1 && reading.fields[0].bit_width != 0U && *reading.fields[0].bit_width != gap.to - gap.from;
    }

    // The first reading into the record, and beside it those that differ from it in one gap. Of widths that do the same, the least stands
    // for all.
    void keep(const Readings& found) {
        std::vector<Record> others;
        for (const auto& [index, chosen] : found) {
            auto gap = gap_before(index);
            std::vector<TypeId> narrowed;
            for (Reading& candidate : candidates(index, *gap)) {
                bool narrow = narrows(candidate, *gap);
                if (narrow && std::ranges::find(narrowed, candidate.fields[0].type) != narrowed.end()) continue;
                Readings tried = found;
                tried[index] = candidate;
                if (difference(tried)) continue;
                if (narrow) narrowed.push_back(candidate.fields[0].type);
                others.push_back(with(tried));
            }
        }
        // Of two or more in a row each could be anything: no reading is more than an explanation of the places. So it is where more than
        // a unit of the usual types is left out.
        constexpr std::uint64_t usual_unit = 32;
        bool several = std::ranges::any_of(found, [&](const auto& one) {
            auto gap = gap_before(one.first);
            return one.second.fields.size() > 1 || (!one.second.fields.empty() && gap && gap->to - gap->from > usual_unit);
        });
        if (several) {
            others.push_back(original_);
            others.back().refused = "unnamed bit-fields in a row";
        }
        *types_.record(id_) = with(found);
        if (others.size() > most_readings || layouts_ > most_layouts) {
            *types_.record(id_) = original_;
            return;
        }
        std::vector<TypeId> readings;
        readings.reserve(others.size());
        for (Record& other : others) readings.push_back(types_.add(Type(types_.at(id_)), std::move(other)));
        types_.record(id_)->other_readings = std::move(readings);
    }

    TypeTable& types_;
    TypeId id_;
    const Profile& profile_;
    Record original_;
    std::map<Scalar, TypeId> units_;
    std::size_t layouts_ = 0;
};

class Inference {
public:
    Inference(TypeTable& types, const Profile& profile) : types_(types), profile_(profile) {}

    void run() {
        std::size_t last = types_.size();
        for (std::size_t i = 0; i < last; ++i) {
            TypeId id{static_cast<std::uint32_t>(i)};
            // Of the others it matters only whether one with bit-fields that holds them can be understood.
            const Record* record = types_.record(id);
            if (record != nullptr && has_bit_fields(*record)) settle(id, 0);
        }
    }

private:
    // Whether the type is, with all it holds by value, laid out as it is recorded. A gap behind a member whose own size is not understood
    // says nothing about unnamed bit-fields.
    bool settle(TypeId type, unsigned depth) {
        TypeId id = element_type(types_, type);
        if (types_.record(id) == nullptr) return true;
        auto [at, fresh] = settled_.try_emplace(id, false);
        if (!fresh) return at->second;
        const Type& record_type = types_.at(id);
        bool wanted = record_type.language == Language::c || record_type.language == Language::cxx;
        if (!wanted || !record_type.observed.size || depth > deepest) return false;
        Record record = *types_.record(id);
        if (!record.complete || record.kind == RecordKind::union_) return record.complete && settle_parts(record, depth);
        if (!settle_parts(record, depth)) return false;
        if (searches_ > most_searches) return false;
        Search search(types_, id, profile_);
        bool done = search.run();
        if (search.had_to_look()) ++searches_;
        settled_[id] = done;
        return done;
    }

    bool settle_parts(const Record& record, unsigned depth) {
        bool all = true;
        for (const Base& base : record.bases) all = settle(base.type, depth + 1) && all;
        for (const Field& field : record.fields) all = settle(field.type, depth + 1) && all;
        return all;
    }

    TypeTable& types_;
    const Profile& profile_;
    std::map<TypeId, bool> settled_;
    std::size_t searches_ = 0;
};

}  // namespace

void infer_unnamed_bit_fields(TypeTable& types, const Profile& profile) { Inference(types, profile).run(); }

}  // namespace abiscope::abi
