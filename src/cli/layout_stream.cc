#include "cli/layout_stream.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cli/layout_one.h"

namespace abiscope::cli {

namespace {

constexpr std::size_t most_in_work = 1024;   // dwarf::VisitDone

// What is left of a type when its table is gone.
struct Printed {
    std::string text;                  // empty: not shown
    SortKey key;
    report::LayoutSums sums;
    bool open = false;
};

report::TypeLayouts lay_out(const abi::TypeTable& types, abi::TypeId id, const std::vector<abi::Profile>& profiles, bool known_machine) {
    report::TypeLayouts out{.name = types.at(id).name, .profiles = {}, .crosses_in = {}};
    for (const abi::Profile& profile : profiles) {
        report::ProfileLayout place{.profile = &profile, .declared = {}, .types = &types, .type = id};
        if (&profile == &profiles.front()) out.profiles = lay_out_recorded(place, known_machine);
        else out.profiles.push_back(lay_out_one(std::move(place)));
    }
    return out;
}

}  // namespace

StreamedLayouts stream_layouts(const LayoutRequest& request, source::ProgramSource& program, const std::vector<abi::Profile>& profiles,
                               const StreamOptions& options, Output& output) {
    StreamedLayouts answer;
    bool known_machine = !program.own().profile.empty();
    std::vector<Printed> current(most_in_work);
    std::vector<Printed> kept;         // to be sorted
    auto work = [&](std::size_t number, const abi::TypeTable& types, abi::TypeId id) {
        Printed& out = current[number % most_in_work];
        out = {};
        if (id == abi::TypeId::none) return;
        report::TypeLayouts type = lay_out(types, id, profiles, known_machine);
        out.open = leaves_open(type);
        if (!is_shown(request, type)) return;
        out.sums.add(type);
        out.key = sort_key(request, type);
        if (!options.summary) out.text = report::layout_text(type, options.view, output.style()) + "\n";
    };
    auto done = [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            Printed& one = current[i % most_in_work];
            answer.cannot_tell = answer.cannot_tell || one.open;
            answer.sums.add(one.sums);
            if (request.sort == "source") output.text(one.text);
            else if (!one.text.empty()) kept.push_back(std::move(one));
        }
    };
    program.visit_types(work, done);
    std::ranges::stable_sort(kept, {}, &Printed::key);
    for (const Printed& one : kept) output.text(one.text);
    return answer;
}

}  // namespace abiscope::cli
