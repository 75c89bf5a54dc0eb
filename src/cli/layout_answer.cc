#include "cli/layout_answer.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "abi/better_order.h"
#include "abi/layout.h"
#include "abi/recorded.h"
#include "base/text.h"

namespace abiscope::cli {

namespace {

// What one profile's compiler sees; or why it sees nothing.
struct Seen {
    const abi::Profile* profile = nullptr;
    Result<std::shared_ptr<const source::Declarations>> declared;
    std::map<std::string, std::vector<abi::TypeId>, std::less<>> by_name;
};

// A type among those of its name: the units of a program may disagree.
struct Which {
    std::string name;
    std::size_t number = 0;
};

bool wanted(const LayoutRequest& request, const std::string& name) {
    if (request.types.empty()) return true;
    return std::ranges::any_of(request.types, [&](const std::string& pattern) { return text::glob_match(pattern, name); });
}

// The types to show, in the order of the source. A type of a header is shown when it is asked for by name. A program's were chosen when
// they were read.
std::vector<Which> types_of(const LayoutRequest& request, const NamedSource& from, std::vector<Seen>& all) {
    std::vector<Which> types;
    std::map<std::string, std::size_t, std::less<>> known;
    for (Seen& seen : all) {
        if (!seen.declared) continue;
        const source::Declarations& declared = **seen.declared;
        auto add = [&](abi::TypeId id) {
            const std::string& name = declared.types.at(id).name;
            if (name.empty() || (from.program == nullptr && !wanted(request, name))) return;
            std::vector<abi::TypeId>& same = seen.by_name[name];
            if (from.program == nullptr && !same.empty()) return;
            same.push_back(id);
            std::size_t& shown = known[name];
            if (shown < same.size()) types.push_back({name, shown++});
        };
        for (abi::TypeId id : declared.roots) add(id);
        if (request.types.empty()) continue;
        for (abi::TypeId id : declared.others) add(id);
    }
    return types;
}

report::ProfileLayout layout_of(const Seen& seen, const Which& which) {
    report::ProfileLayout out{.profile = seen.profile};
    if (!seen.declared) {
        out.error = seen.declared.error();
        return out;
    }
    out.declared = *seen.declared;
    auto at = seen.by_name.find(which.name);
    if (at == seen.by_name.end() || which.number >= at->second.size()) {
        out.error = Error{.code = ErrorCode::not_found, .what = "the source does not declare it there"};
        return out;
    }
    out.type = at->second[which.number];
    if (out.declared->types.at(out.type).language == abi::Language::rust) {
        out.error = Error{.code = ErrorCode::unsupported,
                          .what = "Rust orders the members as it likes, for every target anew: only what a file records is known"};
        return out;
    }
    auto layout = abi::lay_out(out.declared->types, out.type, *seen.profile);
    if (!layout) {
        out.error = layout.error();
        return out;
    }
    out.layout = *std::move(layout);
    report::fill_items(out);
    if (seen.profile->compiler == abi::Compiler::go) {
        if (auto pointers = abi::go_pointers(out.declared->types, out.type, *seen.profile)) out.pointers = *std::move(pointers);
    }
    out.better = abi::better_order(out.declared->types, out.type, *out.layout);
    return out;
}

// What the program's debug information says, under its own ABI; and what that ABI comes to, where that is not the same.
std::vector<report::ProfileLayout> recorded_of(const Seen& seen, const Which& which, bool known_machine) {
    std::vector<report::ProfileLayout> out;
    report::ProfileLayout recorded{.profile = seen.profile};
    recorded.declared = *seen.declared;
    recorded.type = seen.by_name.find(which.name)->second[which.number];
    if (!known_machine) {
        recorded.recorded = true;
        recorded.computed = false;
        if (auto alone = abi::recorded_alone(recorded.declared->types, recorded.type)) recorded.layout = *std::move(alone);
        else recorded.error = alone.error();
        report::fill_items(recorded);
        out.push_back(std::move(recorded));
        return out;
    }
    auto read = abi::recorded_layout(recorded.declared->types, recorded.type, *seen.profile);
    if (read && read->computed) {
        out.push_back(layout_of(seen, which));
        out.back().recorded = true;
        return out;
    }
    recorded.recorded = true;
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
    bool rust = recorded.declared->types.at(recorded.type).language == abi::Language::rust;
    out.push_back(std::move(recorded));
    if (!rust && compared) out.push_back(layout_of(seen, which));
    return out;
}

// Whether it crosses the boundary, and where.
bool cross(const Boundary& boundary, report::TypeLayouts& type) {
    auto at = boundary.records.whole.find(type.name);
    if (at == boundary.records.whole.end()) return false;
    for (std::uint32_t symbol : at->second.symbols) type.crosses_in.push_back(boundary.surface.symbols[symbol].name);
    type.crosses_in_more = at->second.more;
    return true;
}

void sort_types(std::vector<report::TypeLayouts>& types, const std::string& how) {
    auto size = [](const report::TypeLayouts& type) { return type.first() == nullptr ? 0 : type.first()->layout->size; };
    if (how == "waste") std::ranges::stable_sort(types, std::greater(), &report::TypeLayouts::waste);
    if (how == "saving") std::ranges::stable_sort(types, std::greater(), &report::TypeLayouts::saved);
    if (how == "size") std::ranges::stable_sort(types, std::greater(), size);
    if (how == "name") std::ranges::stable_sort(types, {}, &report::TypeLayouts::name);
}

}  // namespace

Result<LayoutAnswer> lay_out_all(const LayoutRequest& request, const NamedSource& from, const std::vector<abi::Profile>& profiles) {
    std::vector<Seen> all;
    all.reserve(profiles.size());
    for (const abi::Profile& profile : profiles)
        all.push_back({.profile = &profile, .declared = from.types->declarations(profile), .by_name = {}});
    // What no compiler accepts is an error of the source, not an answer about one ABI.
    if (std::ranges::none_of(all, [](const Seen& seen) { return seen.declared.has_value(); })) {
        Error error = all.front().declared.error();
        return fail(std::move(error));
    }
    LayoutAnswer answer;
    std::set<std::string, std::less<>> crossed;
    for (const Which& which : types_of(request, from, all)) {
        report::TypeLayouts type{.name = which.name, .profiles = {}, .crosses_in = {}};
        if (request.boundary != nullptr) {
            if (!cross(*request.boundary, type)) continue;
            crossed.insert(type.name);
        }
        for (const Seen& seen : all) {
            if (from.program == nullptr || &seen != &all.front()) type.profiles.push_back(layout_of(seen, which));
            else type.profiles = recorded_of(seen, which, !from.program->own().profile.empty());
        }
        answer.cannot_tell = answer.cannot_tell ||
            std::ranges::any_of(type.profiles, [](const auto& one) { return one.error.has_value() || !one.differs.empty(); });
        if (request.differs_only && !type.differs()) continue;
        if (type.waste() < request.min_waste) continue;
        answer.types.push_back(std::move(type));
    }
    if (request.boundary != nullptr && request.types.empty()) {
        for (const auto& [name, where] : request.boundary->records.whole) {
            if (!crossed.contains(name)) answer.not_found.push_back(name);
        }
    }
    sort_types(answer.types, request.sort);
    return answer;
}

abi::Profile machine_profile(const debuginfo::ProgramAbi& own) {
    abi::Profile out;
    out.abi = out.name = own.machine;
    return out;
}

}  // namespace abiscope::cli
