#include "loader/missing_library.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "target/hwcaps_directories.h"

namespace abiscope::loader {

namespace {

std::string folder_of(std::string_view path, const target::Target& target) {
    std::size_t slash = path.rfind('/');
    std::string folder(slash == std::string_view::npos ? std::string_view() : path.substr(0, slash));
    if (path.starts_with('/')) return folder.empty() ? "/" : folder;
    return target.working_directory + "/" + folder;
}

// A folder of the loader itself, or one below it that it looks into for a processor.
bool is_built_in(std::string_view folder, const target::Libc& libc) {
    return std::ranges::any_of(libc.directories, [&](const std::string& own) {
        if (!folder.starts_with(own)) return false;
        std::string_view below = folder.substr(own.size());
        if (!below.empty() && !below.starts_with('/')) return false;
        return std::ranges::all_of(text::split(below, "/"),
                                   [&](std::string_view name) { return name.empty() || target::is_hwcaps_directory(name, libc); });
    });
}

}  // namespace

MissingLibrary how_missing(const finding::Trace& search, const target::Target& target) {
    using enum MissingLibrary::Certainty;
    MissingLibrary missing;
    if (!target.files || target.files->complete()) return missing;
    // A profile has seen all of its loaders' folders. A catalogue has seen none, and says of the base system what they hold.
    for (const finding::Step& step : search) {
        if (step.action != finding::StepAction::tried) continue;
        std::string folder = folder_of(step.what, target);
        if (target.files->complete_in(folder)) continue;
        bool base_system = is_built_in(folder, target.libc) ||
            std::ranges::any_of(target.other_libcs, [&](const target::Libc& libc) { return is_built_in(folder, libc); });
        if (!base_system) return {.certainty = unknown, .folder = folder};
        missing.certainty = likely;
    }
    return missing;
}

std::string unknown_folder_text(const MissingLibrary& missing, std::string_view library, const target::Target& target) {
    return fmt::format("what lies in {} of {} is not known, and {} may be there", text::printable(missing.folder), target.name,
                       text::printable(library));
}

std::optional<std::string> assumed_absent(const finding::Trace& search, std::string_view library, const target::Target& target) {
    MissingLibrary before = how_missing(search, target);
    if (before.certainty != MissingLibrary::Certainty::unknown) return std::nullopt;
    return fmt::format("no {} lies in {}, of which {} says nothing", text::printable(library), text::printable(before.folder), target.name);
}

}  // namespace abiscope::loader
