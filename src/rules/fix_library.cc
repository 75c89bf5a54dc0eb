#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "rules/fixes.h"
#include "rules/packages.h"
#include "rules/rebuild.h"
#include "rules/shell_word.h"
#include "target/overlay_file_system.h"

namespace abiscope::rules {

using finding::Applicability;
using finding::Fix;
using finding::FixKind;
using loader::ProblemKind;

namespace {

std::string folder_of(const std::string& path, const std::string& working_directory) {
    std::size_t slash = path.rfind('/');
    std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    if (folder.starts_with('/')) return folder;
    if (folder == ".") return working_directory;
    if (folder.starts_with("./")) folder.erase(0, 2);
    return working_directory == "/" ? "/" + folder : working_directory + "/" + folder;
}

// Folders a lost library is often left in: beside the program, its lib folders, and the usual places outside the search path.
std::vector<std::string> places_to_look(const Situation& situation) {
    std::string home = folder_of(situation.program.path, situation.target.working_directory);
    std::vector<std::string> places{
        home, home + "/lib", home + "/lib64", home + "/libs", home + "/../lib", home + "/../lib64", "/usr/local/lib", "/usr/local/lib64"};
    constexpr std::size_t most = 200;
    for (const std::string& name : situation.target.files->list("/opt")) {
        if (places.size() >= most) break;
        places.push_back("/opt/" + name + "/lib");
        places.push_back("/opt/" + name + "/lib64");
    }
    return places;
}

std::optional<std::string> find_elsewhere(const Situation& situation, const std::string& name) {
    for (const std::string& place : places_to_look(situation)) {
        auto status = situation.target.files->status(place + "/" + name, situation.target.user);
        if (status && status->kind == target::FileKind::regular) return place;
    }
    return std::nullopt;
}

void set_variable(target::Target& target, const std::string& name, const std::string& value) {
    for (auto& [key, current] : target.environment) {
        if (key != name) continue;
        current = current.empty() ? value : value + ":" + current;
        return;
    }
    target.environment.emplace_back(name, value);
}

void point_to(const loader::Problem& problem, const Situation& situation, const std::string& folder, std::vector<Fix>& out) {
    Fix variable{.kind = FixKind::environment,
                 .applicability = Applicability::safe,
                 .text = fmt::format("LD_LIBRARY_PATH={} {}", shell_word(folder), shell_word(situation.name)),
                 .side_effects = "holds for every program started from there"};
    try_fix(variable, problem, situation,
            {.program = {}, .target = [&](target::Target& target) { set_variable(target, "LD_LIBRARY_PATH", folder); }});
    out.push_back(variable);
    const elf::Image* image = situation.program.module->image();
    if (image == nullptr || problem.object != situation.program.path) return;
    Fix runpath{.kind = FixKind::command,
                .applicability = Applicability::likely,
                .text = fmt::format("patchelf --set-rpath {} {}", shell_word(folder), shell_word(situation.name)),
                .side_effects = "replaces a run path that is there"};
    auto module = std::make_shared<loader::Module>(*image, folder);
    try_fix(runpath, problem, situation, {.program = [&](loader::Program& program) { program.module = module; }, .target = {}});
    out.push_back(runpath);
}

// Every version that anybody in the closure asks of that library: what a package that cures this must define.
std::vector<std::string> versions_asked(const Situation& situation, const std::string& library) {
    std::vector<std::string> out;
    if (situation.program.module->image() == nullptr) return out;
    for (const elf::VersionNeed& need : situation.program.module->versions().needs) {
        if (need.library != library) continue;
        for (const elf::NeededVersion& version : need.versions) out.emplace_back(version.name);
    }
    return out;
}

void install_package(const loader::Problem& problem, const Situation& situation, std::vector<Fix>& out) {
    auto command = install_command(situation.target.name, problem.subject);
    if (!command || situation.target.libc.directories.empty()) return;
    Fix fix{.kind = FixKind::package, .applicability = Applicability::likely, .text = *command, .side_effects = {}};
    auto overlay = std::make_shared<target::OverlayFileSystem>(situation.target.files);
    target::DescribedLibrary library{.soname = problem.subject,
                                     .path = situation.target.libc.directories.front() + "/" + problem.subject,
                                     .needed = {},
                                     .versions = versions_asked(situation, problem.subject),
                                     .source = "taken for granted by the trial"};
    if (!overlay->add_library(std::move(library))) return;
    try_fix(fix, problem, situation, {.program = {}, .target = [&](target::Target& target) { target.files = overlay; }});
    fix.side_effects = "tried with a library that defines every version this program asks of it";
    out.push_back(fix);
}

// The variable without the one name.
Fix without_preload(const loader::Problem& problem, const Situation& situation) {
    const std::string& variable = problem.object;
    std::string_view separators = variable == "LD_PRELOAD" ? " :" : ":";
    std::vector<std::string> kept;
    for (std::string_view name : text::split(situation.target.variable(variable).value_or(std::string_view()), separators)) {
        if (!name.empty() && name != problem.subject) kept.emplace_back(name);
    }
    std::string value = text::join(kept, ":");
    Fix fix{.kind = FixKind::environment, .applicability = Applicability::safe, .text = {}, .side_effects = {}};
    std::string change = kept.empty() ? fmt::format("-u {}", variable) : fmt::format("{}={}", variable, shell_word(value));
    fix.text = fmt::format("env {} {}", change, shell_word(situation.name));
    try_fix(fix, problem, situation, {.program = {}, .target = [&](target::Target& target) {
                                          std::erase_if(target.environment, [&](const auto& entry) { return entry.first == variable; });
                                          if (!kept.empty()) target.environment.emplace_back(variable, value);
                                      }});
    return fix;
}

}  // namespace

void fix_library(const loader::Problem& problem, const Situation& situation, std::vector<Fix>& out) {
    if (problem.kind == ProblemKind::preload_ignored) {
        if (problem.object.starts_with("LD_")) out.push_back(without_preload(problem, situation));  // else a file of the system, or a tag
        return;
    }
    if (problem.kind == ProblemKind::library_missing && !problem.subject.empty() && problem.subject.find('/') == std::string::npos) {
        if (auto folder = find_elsewhere(situation, problem.subject)) point_to(problem, situation, *folder, out);
        install_package(problem, situation, out);
    }
    out.push_back(static_build(problem, situation));
}

}  // namespace abiscope::rules
