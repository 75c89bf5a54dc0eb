#include <fmt/format.h>

#include "base/text.h"
#include "object/detect.h"
#include "rules/fixes.h"
#include "rules/rebuild.h"
#include "rules/shell_word.h"
#include "target/select.h"

namespace abiscope::rules {

using finding::Applicability;
using finding::Fix;
using finding::FixKind;
using loader::ProblemKind;

namespace {

bool is_object_file(const Situation& situation) {
    const elf::Image* image = situation.program.module->image();
    return image != nullptr && image->header().type == elf::et_rel;
}

Fix make_executable(const loader::Problem& problem, const Situation& situation) {
    Fix fix{.kind = FixKind::command,
            .applicability = Applicability::safe,
            .text = fmt::format("chmod +x {}", shell_word(situation.name)),
            .side_effects = {}};
    try_fix(fix, problem, situation, {.program = [](loader::Program& program) { program.status.mode |= 0111; }, .target = {}});
    return fix;
}

Fix move_to_executable_mount(const loader::Problem& problem, const Situation& situation) {
    Fix fix{.kind = FixKind::command,
            .applicability = Applicability::applies_template,
            .text = fmt::format("cp {} <A FOLDER THAT IS NOT MOUNTED noexec>", shell_word(situation.name)),
            .side_effects = fmt::format("`findmnt -T {}` shows the mount; $ORIGIN is another folder then", shell_word(situation.name))};
    try_fix(fix, problem, situation, {.program = [](loader::Program& program) { program.status.no_execute = false; }, .target = {}});
    return fix;
}

// A handler of binfmt_misc that takes the file: wine for PE, qemu-user for other architectures.
struct Handler {
    target::BinfmtHandler entry;
    std::string install;
    std::string note;
};

target::Architecture architecture_of(const Situation& situation) {
    const elf::Image* image = situation.program.module->image();
    if (image == nullptr) return target::Architecture::unknown;
    return target::architecture_of(image->header().machine, image->encoding().wide, image->encoding().order == Endian::big,
                                   image->header().flags);
}

bool is_text(const Situation& situation) {
    object::FileKind kind = object::detect(situation.program.module->bytes()).kind;
    return kind == object::FileKind::text || kind == object::FileKind::empty;
}

std::optional<Handler> handler_for(const Situation& situation) {
    if (object::detect(situation.program.module->bytes()).kind == object::FileKind::pe) {
        if (auto wine = target::known_binfmt("wine"))
            return Handler{*wine, "apt install wine binfmt-support, then run it with `wine`",
                           "Windows programs run under wine's rules, not this system's"};
    }
    target::Architecture architecture = architecture_of(situation);
    if (architecture == target::Architecture::unknown || architecture == situation.target.architecture) return std::nullopt;
    auto qemu = target::known_binfmt(target::to_string(architecture));
    if (!qemu) return std::nullopt;
    return Handler{*qemu, "apt install qemu-user-static",
                   "emulated, so many times slower; its libraries must be those of its own architecture"};
}

Fix install_handler(const loader::Problem& problem, const Situation& situation, const Handler& handler) {
    Fix fix{.kind = FixKind::package, .applicability = Applicability::likely, .text = handler.install, .side_effects = handler.note};
    try_fix(fix, problem, situation, {.program = {}, .target = [&](target::Target& target) {
                                          target.kernel.binfmt.push_back(handler.entry);
                                          target.kernel.binfmt_known = true;
                                      }});
    return fix;
}

// The loader of the target, when the program was linked for another one of the same kind (NixOS, Gentoo Prefix, a moved multilib path).
void other_interpreter(const loader::Problem& problem, const Situation& situation, std::vector<Fix>& out) {
    const target::Libc& libc = situation.target.libc;
    // Under an emulator, and for a 32-bit program, the target's first loader is for another machine.
    if (libc.architecture != target::Architecture::unknown && libc.architecture != architecture_of(situation)) return;
    bool wants_musl = problem.subject.find("musl") != std::string::npos;
    bool same_kind = (libc.kind == target::LibcKind::musl) == wants_musl && libc.kind != target::LibcKind::none &&
        libc.kind != target::LibcKind::unknown;
    if (!same_kind || libc.loader.empty() || libc.loader == problem.subject) return;
    Fix fix{.kind = FixKind::command,
            .applicability = Applicability::likely,
            .text = fmt::format("patchelf --set-interpreter {} {}", libc.loader, shell_word(situation.name)),
            .side_effects = {}};
    if (auto module = with_interpreter(*situation.program.module, libc.loader)) {
        try_fix(fix, problem, situation, {.program = [&](loader::Program& program) { program.module = *module; }, .target = {}});
    }
    out.push_back(fix);
}

// Not a library's archive, a linker's script or data, which nobody starts.
bool may_be_program(const Situation& situation) {
    const loader::Module& module = *situation.program.module;
    return situation.program.status.kind == target::FileKind::regular &&
        (module.image() != nullptr ? !is_object_file(situation) : module.bytes().starts_with("#!"));
}

std::string_view first_line(const Situation& situation) {
    std::string_view text = situation.program.module->bytes().as_text();
    return text.substr(0, text.find('\n'));
}

Fix without_returns(const Situation& situation) {
    return {.kind = FixKind::command,
            .applicability = Applicability::safe,
            .text = fmt::format("sed -i 's/\\r$//' {}", shell_word(situation.name)),
            .side_effects = {}};
}

// The one argument of a #! line that the interpreter cannot use.
Fix options_elsewhere(const loader::Problem& problem) {
    Fix fix{.kind = FixKind::source, .applicability = Applicability::advice, .text = {}, .side_effects = {}};
    std::string_view name = text::base_name(problem.subject);
    std::string_view line = problem.places.empty() ? std::string_view() : std::string_view(problem.places.front().reading);
    if (name == "env") {
        fix.text = fmt::format("name the program behind it: `#!{} bash`", problem.subject);
    } else if (name == "busybox" && line == problem.subject) {
        fix.text = fmt::format("name the applet behind it: `#!{} sh`", problem.subject);
    } else if (name.ends_with("sh")) {
        fix.text = "give the options in a line of the script: `set -euo pipefail`";
    } else {
        fix.text = fmt::format("let env take the argument apart: `#!/usr/bin/env -S {}`", line);
        fix.side_effects = "env has -S since coreutils 8.30";
    }
    return fix;
}

}  // namespace

void fix_exec(const loader::Problem& problem, const Situation& situation, std::vector<Fix>& out) {
    switch (problem.kind) {
        case ProblemKind::not_executable:
            if (situation.program.status.no_execute) out.push_back(move_to_executable_mount(problem, situation));
            else if (may_be_program(situation) && (situation.program.status.mode & 0111) != 0111)
                out.push_back(make_executable(problem, situation));
            break;
        case ProblemKind::format_refused:
            if (is_text(situation)) {
                out.push_back({.kind = FixKind::source,
                               .applicability = Applicability::advice,
                               .text = "name the interpreter in the first line: `#!/bin/sh`",
                               .side_effects = {}});
                break;
            }
            if (is_object_file(situation)) {
                out.push_back(
                    {.kind = FixKind::command,
                     .applicability = Applicability::advice,
                     .text = "this is an object file: link it (`cc <OBJECTS> -o <PROGRAM>`); a kernel module (.ko) is loaded with insmod",
                     .side_effects = {}});
                break;
            }
            out.push_back(build_for_target(situation));
            if (situation.target.os == target::Os::linux) {
                if (auto handler = handler_for(situation)) out.push_back(install_handler(problem, situation, *handler));
            }
            break;
        case ProblemKind::interpreter_missing:
            if (situation.program.module->image() == nullptr) {
                if (!problem.subject.empty() && problem.subject.ends_with('\r')) out.push_back(without_returns(situation));
                break;
            }
            other_interpreter(problem, situation, out);
            out.push_back(static_build(problem, situation));
            if (situation.target.libc.kind == target::LibcKind::musl && problem.subject.find("musl") == std::string::npos &&
                situation.program.module->architecture() == situation.target.architecture) {   // gcompat has no other loader
                out.push_back({.kind = FixKind::package,
                               .applicability = Applicability::likely,
                               .text = "apk add gcompat",
                               .side_effects = "a compatibility layer: functions of glibc that it lacks fail when they are bound"});
            }
            break;
        case ProblemKind::interpreter_unusable:
            if (situation.program.module->image() != nullptr) {
                out.push_back(build_for_target(situation));
            } else if (first_line(situation).ends_with('\r')) {
                out.push_back(without_returns(situation));
            } else if (problem.error_name.empty()) {
                out.push_back(options_elsewhere(problem));
            }
            break;
        default: break;
    }
}

}  // namespace abiscope::rules
