// What the files of a root tell of the system they belong to: its name, its libcs, its shell. The same for the live system, a folder, an
// archive, an image and a profile.
#pragma once

#include <string>
#include <vector>

#include "target/target.h"

namespace abiscope::target {

struct OsRelease {
    std::string id;            // debian, alpine
    std::string version;       // "12", "3.20.3"; empty for rolling releases
    std::string title;         // PRETTY_NAME
};
[[nodiscard]] OsRelease read_os_release(const FileSystem& files);

// /bin/bash where there is one, else what /bin/sh leads to. Kind `none` when there is no shell.
[[nodiscard]] Shell read_shell(const FileSystem& files);

// The architecture of the system's own programs: that of /bin/sh or of the first loader there is.
[[nodiscard]] Architecture read_architecture(const FileSystem& files);

// Title, libcs and shell of `target.files` put into `target`, each with its source. What the files do not tell stays as it was.
void apply_root_facts(Target& target);

// The contents of a small text file, or empty.
[[nodiscard]] std::string read_text(const FileSystem& files, std::string_view path);

}  // namespace abiscope::target
