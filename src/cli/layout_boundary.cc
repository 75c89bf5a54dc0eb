#include "cli/layout_boundary.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "report/demangle.h"
#include "surface/read.h"

namespace abiscope::cli {

namespace {

constexpr std::size_t most_named = 5;

std::string some(const std::vector<std::string>& names) {
    std::string out;
    for (std::size_t i = 0; i < std::min(names.size(), most_named); ++i) out += (out.empty() ? "" : ", ") + report::demangled(names[i]);
    if (names.size() > most_named) out += fmt::format(" and {} more", names.size() - most_named);
    return out;
}

}  // namespace

Result<Boundary> read_boundary(const source::ProgramSource& program) {
    ABISCOPE_TRY(surface::Surface surface, surface::read_surface(program.file(), program.debug(), program.own(), {}));
    Boundary boundary{.surface = std::move(surface), .records = {}, .undescribed = {}};
    boundary.records = surface::crossing_records(boundary.surface);
    std::vector<std::uint32_t> undescribed = surface::undescribed_symbols(boundary.surface);
    boundary.undescribed.reserve(undescribed.size());
    for (std::uint32_t symbol : undescribed) boundary.undescribed.push_back(boundary.surface.symbols[symbol].name);
    return boundary;
}

report::Json boundary_json(const Boundary& boundary, const std::vector<std::string>& not_found) {
    report::Json declared = report::Json::array();
    for (const auto& [name, where] : boundary.records.declared_only) declared.push_back(name);
    return {{"symbols", boundary.surface.symbols.size()},
            {"undescribed", boundary.undescribed},
            {"declared_only", std::move(declared)},
            {"not_found", not_found}};
}

std::string rest_text(const Boundary& boundary, const std::vector<std::string>& not_found) {
    std::string out;
    if (!boundary.undescribed.empty())
        out += fmt::format("cannot tell what crosses in {} of {} symbols, of which debug information says nothing: {}\n",
                           boundary.undescribed.size(), boundary.surface.symbols.size(), some(boundary.undescribed));
    std::vector<std::string> declared;
    declared.reserve(boundary.records.declared_only.size());
    for (const auto& [name, where] : boundary.records.declared_only) declared.push_back(name);
    if (!declared.empty()) out += fmt::format("only declared, and laid out by nobody here: {}\n", some(declared));
    if (!not_found.empty()) out += fmt::format("cannot tell the layout of what crosses as {}\n", some(not_found));
    return out;
}

}  // namespace abiscope::cli
