#include "cli/layout_one.h"

#include <algorithm>
#include <utility>

#include "abi/better_order.h"
#include "abi/layout.h"
#include "abi/recorded.h"

namespace abiscope::cli {

namespace {

// What follows from a layout.
void complete(report::ProfileLayout& out) {
    report::fill_items(out);
    if (out.profile->compiler == abi::Compiler::go) {
        if (auto pointers = abi::go_pointers(*out.types, out.type, *out.profile)) out.pointers = *std::move(pointers);
    }
    out.better = abi::better_order(*out.types, out.type, *out.layout);
}

}  // namespace

report::ProfileLayout lay_out_one(report::ProfileLayout place) {
    report::ProfileLayout out = std::move(place);
    if (out.error) return out;
    const abi::TypeTable& types = *out.types;
    if (types.at(out.type).language == abi::Language::rust) {
        out.error = Error{.code = ErrorCode::unsupported,
                          .what = "Rust orders the members as it likes, for every target anew: only what a file records is known"};
        return out;
    }
    auto layout = abi::lay_out(types, out.type, *out.profile);
    if (!layout) {
        out.error = layout.error();
        return out;
    }
    out.layout = *std::move(layout);
    complete(out);
    return out;
}

std::vector<report::ProfileLayout> lay_out_recorded(const report::ProfileLayout& place, bool known_machine) {
    std::vector<report::ProfileLayout> out;
    report::ProfileLayout recorded = place;
    const abi::TypeTable& types = *place.types;
    recorded.recorded = true;
    if (!known_machine) {
        recorded.computed = false;
        if (auto alone = abi::recorded_alone(types, recorded.type)) recorded.layout = *std::move(alone);
        else recorded.error = alone.error();
        report::fill_items(recorded);
        out.push_back(std::move(recorded));
        return out;
    }
    auto read = abi::recorded_layout(types, recorded.type, *place.profile);
    if (read && read->computed) {
        recorded.layout = std::move(read->layout);
        complete(recorded);
        out.push_back(std::move(recorded));
        return out;
    }
    recorded.computed = false;
    if (read) {
        recorded.layout = std::move(read->layout);
        recorded.differs = std::move(read->differs);
        report::fill_items(recorded);
    } else {
        recorded.error = read.error();
    }
    // Where nothing differs and nothing is computed, what is not recorded decides: the record's alignment.
    bool compared = recorded.error || !recorded.differs.empty();
    bool rust = types.at(recorded.type).language == abi::Language::rust;
    out.push_back(std::move(recorded));
    if (!rust && compared) out.push_back(lay_out_one(place));
    return out;
}

bool leaves_open(const report::TypeLayouts& type) {
    return std::ranges::any_of(type.profiles, [](const auto& one) { return one.error.has_value() || !one.differs.empty(); });
}

bool is_shown(const LayoutRequest& request, const report::TypeLayouts& type) {
    return (!request.differs_only || type.differs()) && type.waste() >= request.min_waste;
}

SortKey sort_key(const LayoutRequest& request, const report::TypeLayouts& type) {
    if (request.sort == "name") return {.below = 0, .name = type.name};
    std::uint64_t figure = 0;
    if (request.sort == "waste") figure = type.waste();
    if (request.sort == "saving") figure = type.saved();
    if (request.sort == "size" && type.first() != nullptr) figure = type.first()->layout->size;
    return {.below = ~figure, .name = {}};
}

}  // namespace abiscope::cli
