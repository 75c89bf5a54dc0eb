#include <fmt/format.h>

#include "object/detect.h"
#include "rules/fixes.h"
#include "rules/rebuild.h"

namespace abiscope::rules {

using finding::Applicability;
using finding::Fix;
using finding::FixKind;
using loader::ProblemKind;

namespace {

Fix make_executable(const loader::Problem& problem, const Situation& situation) {
    Fix fix{.kind = FixKind::command, .applicability = Applicability::safe, .text = fmt::format("chmod +x {}", situation.name), .side_effects = {}};
    try_fix(fix, problem, situation, {.program = [](loader::Program& program) { program.status.mode |= 0111; }, .target = {}});
    return fix;
}

// A handler of binfmt_misc that takes the file: wine for PE, qemu-user for other architectures.
struct Handler {
    std::string name;
    std::string interpreter;
    std::string magic;
    std::string install;
    std::string note;
};

std::optional<Handler> handler_for(View bytes) {
    object::Detected detected = object::detect(bytes);
    if (detected.kind == object::FileKind::pe) {
        return Handler{"wine", "/usr/bin/wine", "MZ", "apt install wine binfmt-support, then run it with `wine`", "Windows programs run under wine's rules, not this system's"};
    }
    return std::nullopt;
}

Fix install_handler(const loader::Problem& problem, const Situation& situation, const Handler& handler) {
    Fix fix{.kind = FixKind::package, .applicability = Applicability::likely, .text = handler.install, .side_effects = handler.note};
    try_fix(fix, problem, situation,
            {.program = {},
             .target = [&](target::Target& target) {
                 target::BinfmtHandler entry;
                 entry.name = handler.name;
                 entry.interpreter = handler.interpreter;
                 entry.magic = handler.magic;
                 entry.open_at_registration = true;
                 target.kernel.binfmt.push_back(entry);
                 target.kernel.binfmt_known = true;
             }});
    return fix;
}

// The loader of the target, when the program was linked for another one of the same kind (NixOS, Gentoo Prefix, a moved multilib path).
void other_interpreter(const loader::Problem& problem, const Situation& situation, std::vector<Fix>& out) {
    const target::Libc& libc = situation.target.libc;
    bool wants_musl = problem.subject.find("musl") != std::string::npos;
    bool same_kind = (libc.kind == target::LibcKind::musl) == wants_musl && libc.kind != target::LibcKind::none && libc.kind != target::LibcKind::unknown;
    if (!same_kind || libc.loader.empty() || libc.loader == problem.subject) return;
    Fix fix{.kind = FixKind::command, .applicability = Applicability::likely, .text = fmt::format("patchelf --set-interpreter {} {}", libc.loader, situation.name), .side_effects = {}};
    if (auto module = with_interpreter(*situation.program.module, libc.loader)) {
        try_fix(fix, problem, situation, {.program = [&](loader::Program& program) { program.module = *module; }, .target = {}});
    }
    out.push_back(fix);
}

}  // namespace

void fix_exec(const loader::Problem& problem, const Situation& situation, std::vector<Fix>& out) {
    switch (problem.kind) {
        case ProblemKind::not_executable:
            if (situation.program.status.kind == target::FileKind::regular && (situation.program.status.mode & 0111) != 0111) out.push_back(make_executable(problem, situation));
            break;
        case ProblemKind::format_refused:
            out.push_back(build_for_target(situation));
            if (situation.target.os == target::Os::linux) {
                if (auto handler = handler_for(situation.program.module->bytes())) out.push_back(install_handler(problem, situation, *handler));
            }
            break;
        case ProblemKind::interpreter_missing:
            if (situation.program.module->image() == nullptr) {
                if (!problem.subject.empty() && problem.subject.ends_with('\r')) {
                    out.push_back({.kind = FixKind::command, .applicability = Applicability::safe, .text = fmt::format("sed -i 's/\\r$//' {}", situation.name), .side_effects = {}});
                }
                break;
            }
            other_interpreter(problem, situation, out);
            out.push_back(static_build(problem, situation));
            if (situation.target.libc.kind == target::LibcKind::musl && problem.subject.find("musl") == std::string::npos) {
                out.push_back({.kind = FixKind::package, .applicability = Applicability::likely, .text = "apk add gcompat", .side_effects = "a compatibility layer: functions of glibc that it lacks fail when they are bound"});
            }
            break;
        case ProblemKind::interpreter_unusable: out.push_back(build_for_target(situation)); break;
        default: break;
    }
}

}  // namespace abiscope::rules
