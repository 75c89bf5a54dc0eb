// What a dynamic loader's own bytes tell of the libc it belongs to. Nothing is ever executed.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "target/file_system.h"
#include "target/target.h"

namespace abiscope::target {

// The libc whose loader lies at `loader`; nothing when there is no such file or it is no loader of a known libc. `cpu` decides what glibc
// makes of $PLATFORM.
[[nodiscard]] std::optional<Libc> read_libc(const FileSystem& files, std::string_view loader, Architecture architecture, const Cpu& cpu);

// Every libc at a known path, that of `architecture` first; among several of that one, the loader that /bin/sh asks for comes first.
[[nodiscard]] std::vector<Libc> read_libcs(const FileSystem& files, Architecture architecture, const Cpu& cpu);

}  // namespace abiscope::target
