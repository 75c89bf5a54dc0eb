// The order of decisions of execve on Linux (fs/exec.c: do_open_execat(), exec_binprm(), search_binary_handler()).
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "loader/errno_names.h"
#include "loader/exec_elsewhere.h"
#include "loader/kernel_binfmt.h"
#include "loader/kernel_elf.h"
#include "loader/kernel_open.h"
#include "loader/kernel_script.h"
#include "loader/script_command.h"
#include "loader/shell_message.h"
#include "loader/simulate.h"

namespace abiscope::loader {

namespace {

using Kind = KernelDecision::Kind;

// exec_binprm(): so many files after the first, then ELOOP.
constexpr int rewrites_most = 5;

struct Walk {
    const Program& program;        // as it was asked for
    const target::Target& target;
    ModuleCache& cache;
    Program current;               // what the kernel looks at now
    finding::Trace trace;
    bool scripted = false;         // a #! was followed
    ScriptLine line;               // the last one
    bool by_binfmt = false;
    std::string binfmt_interpreter;
};

KernelDecision refused(int error, ProblemKind problem, std::string subject, std::string reason, Place place) {
    return {.kind = Kind::refused,
            .error = error,
            .problem = problem,
            .subject = std::move(subject),
            .reason = std::move(reason),
            .places = {std::move(place)}};
}

KernelDecision unknown(std::string missing, Place place) {
    return {.kind = Kind::unknown, .problem = ProblemKind::evidence_missing, .reason = std::move(missing), .places = {std::move(place)}};
}

Place file_place(const Program& program, std::string reading) { return {program.path, std::nullopt, 0, "file", std::move(reading)}; }

// do_open_execat() of the program itself. Its directories count only where they exist on the target: the file may be thought of as
// copied there.
std::optional<KernelDecision> check_program(const Walk& walk) {
    const Program& program = walk.program;
    int error = 0;
    std::string reason;
    if (program.path.size() >= path_max) {
        error = ENAMETOOLONG;
        reason = "the path is longer than PATH_MAX";
    } else if (const target::FileSystemPtr& files = walk.cache.files(); files != nullptr && files->complete()) {
        auto status = files->status(absolute_path(program.path, walk.target), walk.target.user);
        if (!status && status.error() != ENOENT && status.error() != ENOTDIR) {
            error = status.error();
            reason = fmt::format("on the way to it: {}", errno_text(error));
        }
    }
    if (error == 0) error = check_executable(program.status, walk.target.user, reason);
    if (error == 0) return std::nullopt;
    ProblemKind problem = error == EACCES ? ProblemKind::not_executable : ProblemKind::other_exec_error;
    return refused(error, problem, program.path, reason,
                   file_place(program,
                              fmt::format("mode {:04o}, uid {}{}; uid {} asks", program.status.mode & 07777, program.status.uid,
                                          program.status.no_execute ? ", mounted noexec" : "", walk.target.user.uid)));
}

// open_exec() of the interpreter that a #! line or a binfmt_misc handler names. Nothing when the walk goes on with it.
std::optional<KernelDecision> follow(Walk& walk, const std::string& name, std::string_view why, Place place) {
    OpenedForExec opened = open_for_exec(name, walk.target, walk.cache);
    walk.trace.push_back({opened.error == 0 ? finding::StepAction::chosen : finding::StepAction::failed, name, std::string(why)});
    if (opened.error != 0 && !opened.known) {
        if (walk.target.has_command(name)) {
            if (auto missing = unknown_command(walk.line, walk.target)) return unknown(*std::move(missing), std::move(place));
            KernelDecision accepted;
            accepted.assumptions.push_back(fmt::format("{} has {}", walk.target.name, name));
            return accepted;
        }
        if (name.ends_with('\r')) {
            KernelDecision absent =
                refused(ENOENT, ProblemKind::interpreter_missing, name, fmt::format("{}: {}", name, errno_text(ENOENT)), std::move(place));
            absent.assumptions.push_back(fmt::format("no file of {} has a name that ends in a carriage return", walk.target.name));
            return absent;
        }
        return unknown(fmt::format("whether {} is installed on {}", name, walk.target.name), std::move(place));
    }
    if (opened.error != 0) {
        ProblemKind problem = opened.error == ENOENT ? ProblemKind::interpreter_missing : ProblemKind::interpreter_unusable;
        return refused(opened.error, problem, name, fmt::format("{}: {}", name, opened.reason), std::move(place));
    }
    if (!opened.known) {
        KernelDecision accepted;
        accepted.assumptions.push_back(fmt::format("{} works ({})", name, opened.reason));
        return accepted;
    }
    walk.current = {name, opened.module, opened.status};
    return std::nullopt;
}

// One round of search_binary_handler(). Nothing when another file takes the place of this one.
std::optional<KernelDecision> search_handler(Walk& walk) {
    View file = walk.current.module->bytes();
    if (const target::BinfmtHandler* handler = find_binfmt(walk.target.kernel, walk.current.path, file)) {
        walk.by_binfmt = true;
        walk.binfmt_interpreter = handler->interpreter;
        Place place{walk.current.path, file.file_offset(handler->offset), handler->magic.size(), "file",
                    fmt::format("binfmt_misc handler {}", handler->name)};
        if (handler->open_at_registration) {
            walk.trace.push_back({finding::StepAction::chosen, handler->interpreter,
                                  fmt::format("binfmt_misc handler {}, opened when it was registered", handler->name)});
            return KernelDecision{};
        }
        return follow(walk, handler->interpreter, fmt::format("binfmt_misc handler {}", handler->name), std::move(place));
    }
    HashBang line = read_hash_bang(file, walk.target.kernel);
    Place place{walk.current.path, line.offset, line.interpreter.size(), "script/interpreter", line.interpreter};
    switch (line.kind) {
        case HashBang::Kind::none: break;
        case HashBang::Kind::no_name:
            return refused(ENOEXEC, ProblemKind::format_refused, {}, "the #! line names no interpreter", std::move(place));
        case HashBang::Kind::cut_off:
            return refused(ENOEXEC, ProblemKind::format_refused, {},
                           fmt::format("the interpreter's name does not end in the first {} bytes", exec_buffer_size), std::move(place));
        case HashBang::Kind::unknown:
            return unknown(fmt::format("how Linux {} cuts a #! line of more than 127 bytes", walk.target.kernel.version.to_string()),
                           std::move(place));
        case HashBang::Kind::interpreter: {
            std::string why = fmt::format("#! line of {}", walk.current.path);
            walk.scripted = true;
            walk.line = {walk.current.path, line.interpreter, line.argument, line.offset};
            return follow(walk, line.interpreter, why, std::move(place));
        }
    }
    return exec_elf({walk.current.path, file}, walk.target, walk.cache);
}

KernelDecision decide(Walk& walk) {
    if (auto refusal = check_program(walk)) return *std::move(refusal);
    walk.current = walk.program;
    for (int depth = 0;; ++depth) {
        if (depth > rewrites_most) {
            return refused(ELOOP, ProblemKind::interpreter_unusable, walk.current.path,
                           fmt::format("more than {} interpreters in a row", rewrites_most),
                           file_place(walk.program, "nested interpreters"));
        }
        if (walk.current.module == nullptr || walk.current.module->description() != nullptr) {
            return unknown(fmt::format("the bytes of {}", walk.current.path), file_place(walk.current, "not readable here"));
        }
        if (auto decision = search_handler(walk)) return *std::move(decision);
    }
}

Stage stage_of(ProblemKind problem) {
    return problem == ProblemKind::interpreter_missing || problem == ProblemKind::interpreter_unusable ? Stage::interpreter : Stage::kernel;
}

// Whether zsh finds the interpreter of a #! line in PATH, after the kernel did not.
bool found_in_path(const Walk& walk, const std::string& name) {
    std::string_view path = walk.target.variable("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
    for (std::string_view directory : text::split(path, ":")) {
        if (directory.empty()) continue;
        OpenedForExec opened = open_for_exec(fmt::format("{}/{}", directory, name), walk.target, walk.cache);
        if (opened.error == 0) return true;
    }
    return false;
}

void describe_refusal(const Walk& walk, const KernelDecision& decision, Outcome& outcome, Problem& problem) {
    RefusedFile file = refused_file(walk.program, walk.target);
    outcome.verdict = Verdict::fails;
    outcome.message = refused_message(file, decision.error, walk.target);
    problem.error_name = outcome.message.error_name;
    if (std::string assumed = assumed_shell(walk.target); !assumed.empty()) outcome.assumptions.push_back(std::move(assumed));
    if (std::string name = searched_in_path(file, decision.error, walk.target.shell); !name.empty() && found_in_path(walk, name)) {
        outcome.verdict = Verdict::conditional;
        outcome.message = {};
        problem.fatal = false;
        outcome.assumptions.push_back(fmt::format("it is started from zsh, which finds {} in PATH; any other parent gets ENOENT", name));
        return;
    }
    if (decision.error != ENOEXEC) return;
    if (!walk.target.kernel.binfmt_known && walk.target.kernel.binfmt.empty() && problem.subject.starts_with("EM_")) {
        outcome.assumptions.push_back(fmt::format("no binfmt_misc handler on {} runs files for {}", walk.target.name, problem.subject));
    }
    apply_fallback(file, walk.target, outcome, problem);
}

}  // namespace

KernelAnswer exec(const Program& program, const target::Target& target, ModuleCache& cache) {
    if (target.os != target::Os::linux) return exec_elsewhere(program, target);
    Walk walk{.program = program, .target = target, .cache = cache, .current = {}, .trace = {}};
    KernelDecision decision = decide(walk);

    KernelAnswer answer;
    Outcome& outcome = answer.outcome;
    outcome.assumptions = std::move(decision.assumptions);
    answer.handled_by_binfmt = walk.by_binfmt;
    answer.binfmt_interpreter = std::move(walk.binfmt_interpreter);
    answer.interpreter = std::move(decision.interpreter);
    if (walk.scripted && !walk.by_binfmt && decision.kind == Kind::accepted) {
        if (walk.current.path != program.path) answer.script_interpreter = walk.current;
        answer.script_line = std::move(walk.line);
    }
    if (decision.kind == Kind::accepted) {
        outcome.verdict = Verdict::runs;
        return answer;
    }
    Problem problem{.kind = decision.problem,
                    .stage = stage_of(decision.problem),
                    .certain = decision.certain,
                    .object = walk.current.path.empty() ? program.path : walk.current.path,
                    .subject = std::move(decision.subject),
                    .reason = std::move(decision.reason),
                    .places = std::move(decision.places),
                    .trace = std::move(walk.trace)};
    outcome.stage = problem.stage;
    switch (decision.kind) {
        case Kind::refused: describe_refusal(walk, decision, outcome, problem); break;
        case Kind::killed:
            outcome.verdict = Verdict::fails;
            outcome.message = killed_message(program.path, decision.signal, target);
            break;
        case Kind::unknown: outcome.verdict = Verdict::unknown; break;
        case Kind::accepted: break;
    }
    outcome.problems.push_back(std::move(problem));
    return answer;
}

}  // namespace abiscope::loader
