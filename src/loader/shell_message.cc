#include "loader/shell_message.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include <fmt/format.h>

#include "loader/errno_names.h"

namespace abiscope::loader {

namespace {

using target::ShellKind;

// How much of a file bash (HASH_BANG_BUFSIZ), dash and zsh (POUNDBANGLIMIT) read before they decide what it is. [measured: bash 5.1 and
// 5.2, dash 0.5.11 and 0.5.12, zsh 5.9]
constexpr std::uint64_t sample_size = 128;

// The release of dash that began to look for NUL bytes.
const Version dash_that_looks{0, 5, 11};
// The release of bash that says "cannot execute: required file not found".
const Version bash_that_explains{5, 2};

std::string_view sample_of(View bytes) { return bytes.clamped(0, sample_size).as_text(); }

// bash's check_binary_file(), dash's test: a NUL before the end of the first line.
bool nul_in_first_line(std::string_view sample) { return sample.substr(0, sample.find('\n')).find('\0') != std::string_view::npos; }

// zsh's zexecve(): a NUL makes it binary, unless a line before it has a lower-case letter or an expansion in it.
bool zsh_calls_binary(std::string_view sample) {
    auto nul = sample.find('\0');
    if (nul == std::string_view::npos) return false;
    bool letter = false;
    for (char c : sample.substr(0, nul)) {
        letter |= (c >= 'a' && c <= 'z') || c == '$' || c == '`';
        if (letter && c == '\n') return false;
    }
    return true;
}

bool has_hash_bang(std::string_view sample) { return sample.starts_with("#!"); }

// The interpreter of a #! line as bash and zsh quote it: a carriage return at its end is shown as ^M.
std::string quoted_interpreter(std::string_view sample) {
    std::string_view line = sample.substr(2, sample.find('\n') == std::string_view::npos ? sample.size() : sample.find('\n') - 2);
    auto start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return {};
    line.remove_prefix(start);
    std::string name(line.substr(0, line.find_first_of(" \t")));
    if (name.ends_with('\r')) name.replace(name.size() - 1, 1, "^M");
    return name;
}

// dash and ash: not found is 127, found and refused is 126 (shellexec() in exec.c). zsh does the same but for its own errors.
int posix_exit_code(int error) { return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG ? 127 : 126; }

Message bash_message(const RefusedFile& file, int error, const target::Target& target) {
    std::string text = errno_text(error, target.libc.kind);
    std::string_view sample = sample_of(file.bytes);
    bool explains = target.shell.version.empty() || target.shell.version >= bash_that_explains;
    Message message;
    message.exit_code = error == ENOENT ? 127 : 126;
    if (error == ENOEXEC) {
        message.text = fmt::format("bash: {}: cannot execute binary file: {}", file.path, text);
    } else if (file.directory) {
        message.text = fmt::format("bash: {}: {}", file.path, errno_text(EISDIR, target.libc.kind));
    } else if (!file.executable) {
        message.text = fmt::format("bash: {}: {}", file.path, text);
    } else if (error == ENOENT && explains) {
        message.text = fmt::format("bash: {}: cannot execute: required file not found", file.path);
    } else if (has_hash_bang(sample) && error != E2BIG && error != ENOMEM) {
        message.text = fmt::format("bash: {}: {}: bad interpreter: {}", file.path, quoted_interpreter(sample), text);
        message.exit_code = 126;
    } else {
        message.text = fmt::format("bash: {}: {}", file.path, text);
    }
    return message;
}

Message posix_message(const RefusedFile& file, int error, const target::Target& target) {
    std::string text = error == ENOENT || error == ENOTDIR ? "not found" : errno_text(error, target.libc.kind);
    Message message;
    message.exit_code = posix_exit_code(error);
    message.text = fmt::format("sh: {}{}: {}", target.shell.kind == ShellKind::dash ? "1: " : "", file.path, text);
    return message;
}

Message zsh_message(const RefusedFile& file, int error, const target::Target& target) {
    std::string text = errno_text(error, target.libc.kind);
    // zsh's %e: a capital at the start is made small, but not that of an abbreviation like I/O.
    if (error != EIO && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
    std::string_view sample = sample_of(file.bytes);
    Message message;
    message.exit_code = error == EACCES || error == ENOEXEC ? 126 : 127;
    if (error == ENOENT && has_hash_bang(sample)) {
        message.text = fmt::format("zsh: {}: bad interpreter: {}: {}", file.path, quoted_interpreter(sample), text);
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

}  // namespace

Fallback shell_fallback(View bytes, const target::Shell& shell) {
    std::string_view sample = sample_of(bytes);
    switch (shell.kind) {
        case ShellKind::bash: return nul_in_first_line(sample) ? Fallback::refuses : Fallback::runs_as_script;
        case ShellKind::dash:
            if (!shell.version.empty() && shell.version < dash_that_looks) return Fallback::runs_as_script;
            return nul_in_first_line(sample) ? Fallback::refuses : Fallback::runs_as_script;
        case ShellKind::zsh: return has_hash_bang(sample) || zsh_calls_binary(sample) ? Fallback::refuses : Fallback::runs_as_script;
        case ShellKind::busybox: return Fallback::runs_as_script;
        case ShellKind::none: break;
    }
    return Fallback::no_shell;
}

Message refused_message(const RefusedFile& file, int error, const target::Target& target) {
    Message message;
    if (error != ENOEXEC || shell_fallback(file.bytes, target.shell) == Fallback::refuses) {
        switch (target.shell.kind) {
            case ShellKind::bash: message = bash_message(file, error, target); break;
            case ShellKind::dash:
            case ShellKind::busybox: message = posix_message(file, error, target); break;
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
        default: message.text = target.libc.kind == target::LibcKind::musl ? row->musl_text : row->text; break;
    }
    return message;
}

}  // namespace abiscope::loader
