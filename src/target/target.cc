#include "target/target.h"

#include <algorithm>

#include "base/names.h"

namespace abiscope::target {

namespace {

template <typename Enum>
constexpr Name named(Enum value, std::string_view name) {
    return {static_cast<std::uint64_t>(value), name};
}

template <typename Enum>
std::optional<Enum> parse(NameTable table, std::string_view name) {
    auto value = find_value(table, name);
    if (!value) return std::nullopt;
    return static_cast<Enum>(*value);
}

template <typename Enum>
std::string_view print(NameTable table, Enum value) {
    return find_name(table, static_cast<std::uint64_t>(value)).value_or("unknown");
}

constexpr Name systems[] = {named(Os::linux, "linux"), named(Os::windows, "windows"), named(Os::macos, "macos"),
                            named(Os::unknown, "unknown")};
constexpr Name libcs[] = {named(LibcKind::glibc, "glibc"), named(LibcKind::musl, "musl"), named(LibcKind::none, "none"),
                          named(LibcKind::unknown, "unknown")};
constexpr Name shells[] = {named(ShellKind::bash, "bash"), named(ShellKind::dash, "dash"), named(ShellKind::busybox, "busybox"),
                           named(ShellKind::zsh, "zsh"), named(ShellKind::none, "none")};

}  // namespace

std::optional<std::string_view> Target::variable(std::string_view wanted) const {
    auto at = std::ranges::find(environment, wanted, &std::pair<std::string, std::string>::first);
    if (at == environment.end()) return std::nullopt;
    return at->second;
}

const Libc* Target::libc_of_loader(std::string_view path) const {
    if (!libc.loader.empty() && libc.loader == path) return &libc;
    auto at = std::ranges::find(other_libcs, path, &Libc::loader);
    return at == other_libcs.end() ? nullptr : &*at;
}

bool Target::has_command(std::string_view path) const {
    return (path == "/bin/sh" && shell.kind != ShellKind::none) || std::ranges::find(commands, path) != commands.end();
}

std::string_view to_string(Os os) { return print(systems, os); }
std::string_view to_string(LibcKind kind) { return print(libcs, kind); }
std::string_view to_string(ShellKind kind) { return print(shells, kind); }

std::optional<Os> parse_os(std::string_view name) { return parse<Os>(systems, name); }
std::optional<LibcKind> parse_libc_kind(std::string_view name) { return parse<LibcKind>(libcs, name); }
std::optional<ShellKind> parse_shell_kind(std::string_view name) { return parse<ShellKind>(shells, name); }

}  // namespace abiscope::target
