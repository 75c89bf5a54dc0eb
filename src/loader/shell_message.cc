#include "loader/shell_message.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include <fmt/format.h>

#include "loader/errno_names.h"
#include "loader/kernel_decision.h"
#include "loader/shell_sample.h"

namespace abiscope::loader {

namespace {

using target::ShellKind;

// The releases whose words were heard: those between two of them are taken to speak alike. [tests/differential/kernel_exec.py]
struct Heard {
    ShellKind kind;
    Version least, most;
    Version usual;              // taken for a shell of unknown release
};
const std::array heard{
    Heard{ShellKind::bash, {5, 1}, {5, 3}, {5, 2}},
    Heard{ShellKind::dash, {0, 5, 11}, {0, 5, 12}, {0, 5, 12}},
    Heard{ShellKind::zsh, {5, 8}, {5, 9}, {5, 9}},
    Heard{ShellKind::busybox, {1, 30}, {1, 38}, {1, 36}},
};

const Heard* heard_of(ShellKind kind) {
    const auto* row = std::ranges::find(heard, kind, &Heard::kind);
    return row == heard.end() ? nullptr : row;
}

Version release_of(const target::Shell& shell) {
    const Heard* row = heard_of(shell.kind);
    if (row == nullptr) return shell.version;
    if (shell.version.empty()) return row->usual;
    const Version& version = shell.version;   // 5.3.15 is a 5.3; dash counts in the third part
    return shell.kind == ShellKind::dash ? Version{version.part(0), version.part(1), version.part(2)}
                                         : Version{version.part(0), version.part(1)};
}

// The release of dash that began to look for NUL bytes.
const Version dash_that_looks{0, 5, 11};
// bash 5.2 and later say "cannot execute: required file not found"; 5.2 alone also of the interpreter of a script.
const Version bash_that_explains{5, 2}, bash_that_names_the_interpreter_again{5, 3};
// Before, bash left the system's own words out of "cannot execute binary file". [read in the sources of both; not heard]
const Version bash_that_adds_the_reason{4, 3};
// busybox changed the words for a script it cannot read.
const Version busybox_with_line_numbers{1, 38};

// dash and ash: not found is 127, found and refused is 126 (shellexec() in exec.c). zsh does the same but for its own errors.
int posix_exit_code(int error) { return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG ? 127 : 126; }

Message bash_message(const RefusedFile& file, int error, const target::Target& target) {
    Version release = release_of(target.shell);
    std::string text = errno_text(error, target.libc.kind);
    std::string_view sample = file.readable ? shell_sample(file.bytes) : std::string_view();
    bool script = sample.size() > 2 && has_hash_bang(sample);
    Message message;
    message.exit_code = error == ENOENT ? 127 : 126;
    if (error == ENOEXEC && file.readable) {
        message.text =
            fmt::format("bash: {}: cannot execute binary file{}", file.path, release >= bash_that_adds_the_reason ? ": " + text : "");
    } else if (error == ENOEXEC) {
        message.text = fmt::format("bash: {}: {}", file.path, errno_text(EACCES, target.libc.kind));
    } else if (file.directory) {
        message.text = fmt::format("bash: {}: {}", file.path, errno_text(EISDIR, target.libc.kind));
    } else if (!file.executable || error == E2BIG || error == ENOMEM) {
        message.text = fmt::format("bash: {}: {}", file.path, text);
    } else if (error == ENOENT && release >= bash_that_explains && (!script || release < bash_that_names_the_interpreter_again)) {
        message.text = fmt::format("bash: {}: cannot execute: required file not found", file.path);
    } else if (script) {
        message.text = fmt::format("bash: {}: {}: bad interpreter: {}", file.path, bash_interpreter(sample), text);
        message.exit_code = 126;
    } else {
        message.text = fmt::format("bash: {}: {}", file.path, text);
    }
    return message;
}

Message dash_message(const RefusedFile& file, int error, const target::Target& target) {
    if (error == ENOEXEC && !file.readable) error = EACCES;
    Message message;
    message.exit_code = posix_exit_code(error);
    message.text =
        fmt::format("sh: 1: {}: {}", file.path, error == ENOENT || error == ENOTDIR ? "not found" : errno_text(error, target.libc.kind));
    return message;
}

Message busybox_message(const RefusedFile& file, int error, const target::Target& target) {
    Message message;
    if (error == ENOEXEC) {   // only when it cannot be read: it would be run as a script otherwise
        message.exit_code = 2;
        message.text = fmt::format(fmt::runtime(release_of(target.shell) >= busybox_with_line_numbers ? "ash: line 0: can't open {}: {}"
                                                                                                      : "ash: can't open '{}': {}"),
                                   file.path, errno_text(EACCES, target.libc.kind));
        return message;
    }
    message.exit_code = posix_exit_code(error);
    message.text =
        fmt::format("sh: {}: {}", file.path, error == ENOENT || error == ENOTDIR ? "not found" : errno_text(error, target.libc.kind));
    return message;
}

Message zsh_message(const RefusedFile& file, int error, const target::Target& target) {
    // zsh opens the file itself then, and that error is the one it speaks of.
    bool looks = error == ENOEXEC || error == ENOENT;
    if (looks && !file.readable) error = EACCES;
    std::string text = errno_text(error, target.libc.kind);
    // zsh's %e: a capital at the start is made small, but not that of an abbreviation like I/O.
    if (error != EIO && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
    std::string_view sample = shell_sample(file.bytes);
    Message message;
    message.exit_code = error == EACCES || error == ENOEXEC ? 126 : 127;
    bool names_interpreter = error == ENOENT || (error == ENOEXEC && sample.find('\n') == std::string_view::npos);
    if (looks && file.readable && has_hash_bang(sample) && names_interpreter) {
        message.text = fmt::format("zsh: {}: bad interpreter: {}: {}", file.path, zsh_visible(zsh_interpreter(sample)), text);
    } else {
        message.text = fmt::format("zsh: {}: {}", text, file.path);
    }
    return message;
}

struct SignalText {
    int number;
    std::string_view name;
    std::string_view text;        // strsignal() of glibc, which bash, dash and busybox print
    std::string_view musl_text;   // the same of musl
    std::string_view zsh_text;    // zsh has words of its own
};

constexpr std::array signals{
    SignalText{4, "SIGILL", "Illegal instruction", "Illegal instruction", "illegal hardware instruction"},
    SignalText{5, "SIGTRAP", "Trace/breakpoint trap", "Trace/breakpoint trap", "trace trap"},
    SignalText{6, "SIGABRT", "Aborted", "Aborted", "abort"},
    SignalText{7, "SIGBUS", "Bus error", "Bus error", "bus error"},
    SignalText{8, "SIGFPE", "Floating point exception", "Arithmetic exception", "floating point exception"},
    SignalText{9, "SIGKILL", "Killed", "Killed", "killed"},
    SignalText{11, "SIGSEGV", "Segmentation fault", "Segmentation fault", "segmentation fault"},
    SignalText{31, "SIGSYS", "Bad system call", "Bad system call", "invalid system call"},
};

bool looks_binary(View file) {
    std::string_view sample = file.clamped(0, exec_buffer_size).as_text();
    return sample.substr(0, sample.find('\n')).find('\0') != std::string_view::npos ||
        sample.starts_with(
            "\x7f"
            "ELF") ||
        sample.starts_with("MZ");
}

}  // namespace

RefusedFile refused_file(const Program& program, const target::Target& target) {
    return {.path = program.path,
            .bytes = program.module != nullptr ? program.module->bytes() : View(),
            .directory = program.status.kind == target::FileKind::directory,
            .executable = target::permits(program.status, target.user, target::Access::execute),
            .readable = target::permits(program.status, target.user, target::Access::read)};
}

void apply_fallback(const RefusedFile& file, const target::Target& target, Outcome& outcome, Problem& problem) {
    if (shell_fallback(file, target.shell) != Fallback::runs_as_script) return;
    std::string_view name = target::to_string(target.shell.kind);
    if (looks_binary(file.bytes)) {
        outcome.assumptions.push_back(
            fmt::format("{} runs what the kernel refuses as a script: what it prints depends on the bytes of the file", name));
        return;
    }
    outcome.verdict = Verdict::conditional;
    problem.fatal = false;
    outcome.assumptions.push_back(
        fmt::format("it is started from {}, which runs the text as a script of its own; any other parent gets ENOEXEC", name));
}

Fallback shell_fallback(const RefusedFile& file, const target::Shell& shell) {
    if (shell.kind == ShellKind::none) return Fallback::no_shell;
    if (!file.readable) return Fallback::refuses;
    std::string_view sample = shell_sample(file.bytes);
    Version release = release_of(shell);
    bool refuses = false;
    switch (shell.kind) {
        case ShellKind::bash: refuses = bash_calls_binary(sample, release); break;
        case ShellKind::dash: refuses = release >= dash_that_looks && dash_calls_binary(sample); break;
        case ShellKind::zsh: refuses = has_hash_bang(sample) || zsh_calls_binary(sample, release); break;
        case ShellKind::busybox:
        case ShellKind::none: break;
    }
    return refuses ? Fallback::refuses : Fallback::runs_as_script;
}

std::string searched_in_path(const RefusedFile& file, int error, const target::Shell& shell) {
    std::string_view sample = shell_sample(file.bytes);
    if (shell.kind != ShellKind::zsh || error != ENOENT || !file.readable || !has_hash_bang(sample) ||
        sample.find('\n') == std::string_view::npos)
        return {};
    std::string name = zsh_interpreter(sample);
    return name.starts_with('/') ? std::string() : name;
}

std::string assumed_shell(const target::Target& target) {
    const Heard* row = heard_of(target.shell.kind);
    if (row == nullptr) return {};
    std::string_view name = target::to_string(target.shell.kind);
    const Version& version = target.shell.version;
    if (version.empty())
        return fmt::format("the words and the exit code are those of {} {}: which release {} has is not known", name,
                           row->usual.to_string(), target.name);
    if (Version release = release_of(target.shell); release >= row->least && release <= row->most) return {};
    return fmt::format("the words and the exit code of {} {} are taken to be like those of {} to {}", name, version.to_string(),
                       row->least.to_string(), row->most.to_string());
}

Message refused_message(const RefusedFile& file, int error, const target::Target& target) {
    Message message;
    if (error != ENOEXEC || shell_fallback(file, target.shell) == Fallback::refuses) {
        switch (target.shell.kind) {
            case ShellKind::bash: message = bash_message(file, error, target); break;
            case ShellKind::dash: message = dash_message(file, error, target); break;
            case ShellKind::busybox: message = busybox_message(file, error, target); break;
            case ShellKind::zsh: message = zsh_message(file, error, target); break;
            case ShellKind::none: break;
        }
    } else if (file.bytes.empty() && target.shell.kind != ShellKind::none) {
        message.exit_code = 0;   // a script without a command
    }
    message.error_name = errno_name(error);
    return message;
}

Message killed_message(std::string_view path, int signal, const target::Target& target) {
    Message message;
    message.exit_code = 128 + signal;
    const auto* row = std::ranges::find(signals, signal, &SignalText::number);
    if (row == signals.end()) {
        message.signal = std::to_string(signal);
        return message;
    }
    message.signal = row->name;
    switch (target.shell.kind) {
        case ShellKind::zsh: message.text = fmt::format("zsh: {:<9}  {}", row->zsh_text, path); break;
        case ShellKind::none: break;
        default:
            if (target.os == target::Os::macos) {   // its strsignal() adds the number
                message.text = fmt::format("{}: {}", row->text, signal);
                break;
            }
            message.text = target.libc.kind == target::LibcKind::musl ? row->musl_text : row->text;
            break;
    }
    return message;
}

}  // namespace abiscope::loader
