#include <fmt/format.h>

#include "rules/fixes.h"
#include "rules/rebuild.h"
#include "target/catalogue.h"

namespace abiscope::rules {

using finding::Applicability;
using finding::Fix;
using finding::FixKind;

namespace {

// The first later release of the same distribution on which the program gets past this problem: found by starting it on each.
std::optional<Fix> first_release_that_has_it(const loader::Problem& problem, const Situation& situation) {
    std::string_view name = situation.target.name;
    name = name.substr(0, name.find('/'));
    std::string_view family = name.substr(0, name.find(':'));
    bool later = false;
    for (const target::CatalogueEntry& entry : target::all_targets()) {
        bool here = entry.name == name;
        if (later && entry.name.starts_with(std::string(family) + ":")) {
            auto other = target::find_target(entry.name, situation.target.architecture);
            if (!other || other->libc.kind != situation.target.libc.kind) continue;
            other->environment = situation.target.environment;
            other->user = situation.target.user;
            Fix fix{.kind = FixKind::source,
                    .applicability = Applicability::advice,
                    .text = fmt::format("run it on {} or later", entry.title),
                    .side_effects = {}};
            try_fix(fix, problem, situation, {.program = {}, .target = [&](target::Target& target) { target = *other; }});
            if (fix.verified == finding::Verified::cures) return fix;
        }
        later = later || here;
    }
    return std::nullopt;
}

// What to build against, so that no version newer than the target's is asked for.
Fix build_against_older(const Situation& situation) {
    Fix fix{.kind = FixKind::command, .applicability = Applicability::applies_template, .text = {}, .side_effects = {}};
    const target::Libc& libc = situation.target.libc;
    std::string_view image = std::string_view(situation.target.name).substr(0, situation.target.name.find('/'));
    bool container = image.find(':') != std::string_view::npos;
    std::string zig = fmt::format("zig cc -target {}-linux-gnu.{}",
                                  situation.target.architecture == target::Architecture::arm64 ? "aarch64"
                                      : situation.target.architecture == target::Architecture::amd64
                                      ? "x86_64"
                                      : std::string(to_string(situation.target.architecture)),
                                  libc.version.to_string());
    std::string build = situation.go ? fmt::format("`CGO_ENABLED=1 CC='{}' go build`", zig) : fmt::format("`CC='{}' make`", zig);
    fix.text = container
        ? fmt::format("build it on the oldest system it is to run on: `docker run --rm -v \"$PWD\":/src -w /src {} <BUILD COMMAND>`, or {}",
                      image, build)
        : fmt::format("build it against glibc {} or older: {}", libc.version.to_string(), build);
    return fix;
}

}  // namespace

void fix_version(const loader::Problem& problem, const Situation& situation, std::vector<Fix>& out) {
    if (situation.go) out.push_back(static_build(problem, situation));
    if (problem.version.starts_with("GLIBC_")) out.push_back(build_against_older(situation));
    if (auto fix = first_release_that_has_it(problem, situation)) out.push_back(*fix);
    if (!situation.go) out.push_back(static_build(problem, situation));
}

}  // namespace abiscope::rules
