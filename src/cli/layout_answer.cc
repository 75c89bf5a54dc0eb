#include "cli/layout_answer.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "cli/layout_one.h"

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

// A place for the answer of one profile; its error where that profile's compiler sees no such type.
report::ProfileLayout place_of(const Seen& seen, const Which& which) {
    report::ProfileLayout out{.profile = seen.profile};
    if (!seen.declared) {
        out.error = seen.declared.error();
        return out;
    }
    out.declared = *seen.declared;
    out.types = &out.declared->types;
    auto at = seen.by_name.find(which.name);
    if (at == seen.by_name.end() || which.number >= at->second.size()) {
        out.error = Error{.code = ErrorCode::not_found, .what = "the source does not declare it there"};
        return out;
    }
    out.type = at->second[which.number];
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
            report::ProfileLayout place = place_of(seen, which);
            if (from.program == nullptr || &seen != &all.front()) type.profiles.push_back(lay_out_one(std::move(place)));
            else type.profiles = lay_out_recorded(place, !from.program->own().profile.empty());
        }
        answer.cannot_tell = answer.cannot_tell || leaves_open(type);
        if (!is_shown(request, type)) continue;
        answer.types.push_back(std::move(type));
    }
    if (request.boundary != nullptr && request.types.empty()) {
        for (const auto& [name, where] : request.boundary->records.whole) {
            if (!crossed.contains(name)) answer.not_found.push_back(name);
        }
    }
    if (request.sort != "source")
        std::ranges::stable_sort(answer.types, {}, [&](const report::TypeLayouts& type) { return sort_key(request, type); });
    return answer;
}

abi::Profile machine_profile(const debuginfo::ProgramAbi& own) {
    abi::Profile out;
    out.abi = out.name = own.machine;
    return out;
}

}  // namespace abiscope::cli
