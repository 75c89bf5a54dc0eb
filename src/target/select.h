// From the words of a command line to a Target.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/target.h"

namespace abiscope::target {

struct Selection {
    std::string target;  // NAME, a profile's path, or "host"; empty: host, or with a sysroot: nothing but the sysroot
    std::string sysroot;  // folder, tar, .deb files, OCI layout; empty: none
    std::vector<std::string> environment;  // NAME=VALUE; "NAME=" sets it empty, "NAME" alone removes it
    std::string user;  // root, nobody, UID or UID:GID
    std::string cpu;  // a level, a model, +feature,-feature
    std::string kernel;  // 5.10
    std::optional<std::uint64_t> page_size;  // bytes
    std::string shell;  // bash-5.2, dash, busybox, zsh, none
    std::string working_directory;
    std::vector<std::string> binfmt;  // wine, qemu-aarch64 or an architecture's name
    bool no_binfmt = false;  // forget every handler
};

// `subject`: the architecture of the program, for targets that have several. Errors: bad_usage with the nearest name, those of opening
// files.
[[nodiscard]] Result<Target> select_target(const Selection& selection, Architecture subject);

// A handler as qemu-user's and wine's packages register it. Nothing for an unknown name.
[[nodiscard]] std::optional<BinfmtHandler> known_binfmt(std::string_view name);

}  // namespace abiscope::target
