// The build information that `go version -m` prints: compiler version, module versions and build settings, out of the data of any format.
// Source: Go's debug/buildinfo (Go 1.13 to 1.27), the blob's layout in cmd/link/internal/ld/data.go (`buildinfo`).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bytes/endian.h"
#include "bytes/view.h"
#include "golang/memory.h"

namespace abiscope::golang {

struct GoModule {
    std::string path;
    std::string version;
    std::string sum;
    std::string replaced_by;       // "PATH VERSION" of a replace directive, else empty
};

struct BuildInfo {
    std::string version;                                          // go1.22.3
    std::string path;                                             // main package
    std::optional<GoModule> main;
    std::vector<GoModule> dependencies;
    std::vector<std::pair<std::string, std::string>> settings;    // CGO_ENABLED=0, -ldflags=..., vcs.revision=...
    std::uint64_t file_offset = 0;                                // of the blob, on disk
    [[nodiscard]] std::string setting(std::string_view key) const;
};

// A range of a program's data and its virtual address.
struct DataRange {
    View bytes;
    std::uint64_t address = 0;
};

// Bytes at a virtual address of the program, to the end of what the file holds there; empty when none.
using AtAddress = std::function<View(std::uint64_t)>;

// Looks for the blob in `ranges` (in order) at 16-byte aligned addresses. Nothing when there is none: a program can be built without it.
// Go 1.13 to 1.17 store pointers: `wide` and `at_address` follow them.
[[nodiscard]] std::optional<BuildInfo> read_build_info(const std::vector<DataRange>& ranges, bool wide, const AtAddress& at_address);

// The same in what can be written of `memory`.
[[nodiscard]] std::optional<BuildInfo> read_build_info(const Memory& memory);

// The module text between its 16-byte sentinels, line by line.
void parse_module_text(std::string_view text, BuildInfo& out);

}  // namespace abiscope::golang
