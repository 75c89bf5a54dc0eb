#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "report/go_types_text.h"
#include "report/go_view.h"

namespace abiscope::report {

namespace {

using inspect::counted;
using inspect::GoFacts;

constexpr std::size_t packages_on_card = 10;
constexpr std::size_t label_width = 17;

std::string row(std::string_view label, std::string_view value, const Style& style) {
    return fmt::format("  {}{}\n", padded(label, label_width),
                       wrapped(value, static_cast<std::size_t>(std::max(60, style.width)) - label_width - 2, label_width + 2));
}

std::string version_text(const golang::Version& version) {
    if (version.text.empty()) return fmt::format("Go {} (by the shape of its tables)", version.shape.to_string());
    return fmt::format("{} (by {})", text::printable(version.text), golang::to_string(version.source));
}

std::string packages_text(const std::vector<inspect::GoPackage>& packages, std::size_t most, const Style& style) {
    std::string out = style.paint(Tone::faint, fmt::format("  {:>10}  {:>9}  {}\n", "code", "functions", "package"));
    for (std::size_t i = 0; i < std::min(most, packages.size()); ++i) {
        const inspect::GoPackage& package = packages[i];
        out += fmt::format("  {:>10}  {:>9}  {}\n", package.bytes, package.functions,
                           package.path.empty() ? "(made by the linker)" : text::printable(package.path));
    }
    if (packages.size() > most) out += fmt::format("  and {}; --packages lists all\n", counted(packages.size() - most, "more package"));
    return out;
}

std::string build_text(const golang::BuildInfo& build, const Style& style) {
    std::string out;
    if (!build.path.empty()) out += row("program", text::printable(build.path), style);
    if (build.main) out += row("module", text::printable(build.main->path + " " + build.main->version), style);
    if (!build.dependencies.empty()) out += row("needs", counted(build.dependencies.size(), "module"), style);
    std::string settings;
    for (const auto& [key, value] : build.settings) settings += (settings.empty() ? "" : " ") + key + "=" + value;
    if (!settings.empty()) out += row("settings", text::printable(settings), style);
    return out;
}

std::string module_text(const GoFacts& facts, const golang::Module& module, const Style& style) {
    std::string out;
    out += row("module data",
               fmt::format("{:#x}{}, {}", module.address,
                           module.file_offset ? fmt::format(" (offset {:#x} of the file)", *module.file_offset) : "",
                           module.shape_known ? "laid out as in Go " + module.fits.to_string() : "laid out like no known release"),
               style);
    out += row("function table", fmt::format("{:#x}, {}", module.table_address, counted(facts.counts.functions, "function")), style);
    out += row("text", fmt::format("{:#x} to {:#x}", module.text.start, module.text.end), style);
    if (!module.plugin_path.empty()) out += row("plugin", text::printable(module.plugin_path), style);
    return out;
}

std::string card_text(const GoView& view, const Style& style) {
    const GoFacts& facts = *view.facts;
    std::string out = row("version", version_text(facts.version), style);
    if (*view.build) out += build_text(**view.build, style);
    const inspect::GoCounts& counts = facts.counts;
    out +=
        row("functions",
            fmt::format("{} in {}, {} of code", counts.functions, counted(counts.packages, "package"), counted(counts.code_bytes, "byte")),
            style);
    out += row("types", fmt::format("{}, {} with a name; {}", counts.types, counts.named_types, counted(counts.itabs, "itab")), style);
    for (const golang::Module& module : facts.modules) out += module_text(facts, module, style);
    return out + "\n" + packages_text(facts.packages, packages_on_card, style);
}

std::string lines_text(const inspect::GoFunction& function) {
    if (function.file.empty()) return {};
    std::string out = fmt::format("{}:{}", text::printable(function.file), function.line);
    if (function.lines.last > function.line) out += fmt::format("-{}", function.lines.last);
    return out;
}

std::string function_text(const inspect::GoFunction& function, const Style& style) {
    std::string out =
        fmt::format("{:#12x} {:>7}  {}", function.entry, function.size, style.paint(Tone::strong, text::printable(function.name)));
    if (std::string place = lines_text(function); !place.empty()) out += "  " + place;
    if (!function.id.empty()) out += fmt::format("  [{}]", function.id);
    out += '\n';
    for (const inspect::GoInlinedCall& call : function.inlined) {
        std::size_t depth = 1;
        // A parent stands before what was inlined into it.
        for (std::int32_t up = call.parent; up >= 0 && depth < function.inlined.size(); ++depth)
            up = function.inlined[static_cast<std::size_t>(up)].parent;
        out += fmt::format("{:22}{:{}}inlined {}, called at {}:{}\n", "", "", 2 * (depth - 1), text::printable(call.function),
                           text::printable(call.file), call.line);
    }
    return out;
}

std::string place_text(const inspect::GoPlace& place, const Style& style) {
    if (!place.function) return fmt::format("{:#x}: in no Go function\n", place.address);
    std::string out = fmt::format("{:#x}: {}+{:#x}\n", place.address,
                                  style.paint(Tone::strong, text::printable(place.frames.empty() ? "?" : place.frames.back().function)),
                                  place.address - place.function->entry);
    for (const golang::SourceFrame& frame : place.frames) {
        out += fmt::format("  {}  {}:{}{}\n", text::printable(frame.function), frame.file.empty() ? "?" : text::printable(frame.file),
                           frame.line, frame.inlined ? "  (inlined)" : "");
    }
    return out;
}

}  // namespace

bool is_card(const inspect::GoRequest& request) {
    return !request.functions && request.function_names.empty() && !request.types && request.type_names.empty() && !request.packages &&
        !request.strings && request.addresses.empty();
}

std::string go_text(const GoView& view, const Style& style) {
    const GoFacts& facts = *view.facts;
    const inspect::GoRequest& request = *view.request;
    bool functions = request.functions || !request.function_names.empty();
    bool types = request.types || !request.type_names.empty();
    bool card = is_card(request);
    std::string out = fmt::format("{}: a Go program{}\n", style.paint(Tone::strong, text::printable(view.path)),
                                  card ? "" : ", " + version_text(facts.version));
    if (card) return out + card_text(view, style);
    for (const inspect::GoPlace& place : facts.places) out += place_text(place, style);
    if (request.packages) out += packages_text(facts.packages, facts.packages.size(), style);
    if (functions) {
        for (const inspect::GoFunction& function : facts.functions) out += function_text(function, style);
    }
    if (types) {
        for (const golang::Type& type : facts.types) out += go_type_text(type, facts, style);
    }
    if (request.strings) {
        for (const inspect::GoString& one : facts.strings)
            out += fmt::format("{:#12x} {:#12x} {:>6}  {}\n", one.header, one.address, one.text.size(), text::printable(one.text));
    }
    return out;
}

}  // namespace abiscope::report
