// From the words of a command line (or of a request to the server) to a Target.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "target/target.h"

namespace abiscope::target {

// Everything that changes a target, as the user wrote it. Absent means: as the target says.
struct Words {
    std::optional<std::string> sysroot;        // DIR, a tar, an OCI layout: the files of the target
    std::vector<std::string> environment;      // NAME=VALUE; NAME alone removes it
    std::optional<std::string> user;           // root, nobody, UID or UID:GID
    std::optional<std::string> cpu;            // x86-64-v2, Haswell, +avx2,-bmi1
    std::optional<std::string> kernel;         // 4.19
    std::optional<std::string> page_size;      // 4096, 64K
    std::optional<std::string> shell;          // bash, bash-5.1, dash, busybox, zsh, none
    std::optional<std::string> directory;      // working directory on the target
    std::optional<bool> binfmt;                // false: as if no binfmt_misc handler were registered
};

// `name` is `host`, a catalogue name (`debian:12`, `debian:12/arm64`) or the path of a captured profile. A catalogue name without an
// architecture takes `subject`'s. Errors: bad_usage naming what is wrong, with the nearest name when there is one; cannot_open and the
// like for a profile or sysroot that cannot be read.
[[nodiscard]] Result<Target> select(std::string_view name, Architecture subject, const Words& words);

}  // namespace abiscope::target
