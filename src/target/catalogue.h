// data/targets: the systems abiscope knows without seeing them. Each is a base system: what its smallest install or container image holds.
// Its FileSystem is not complete(), except where nothing can be installed; open() gives a DescribedLibrary.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "target/target.h"

namespace abiscope::target {

struct CatalogueEntry {
    std::string name;                          // debian:12
    std::string title;                         // Debian 12 (bookworm)
    std::vector<std::string> aliases;          // debian:bookworm, bookworm
    std::vector<Architecture> architectures;   // the first is the one most people have
    Os os = Os::linux;
};

// In the order of the data files. Cheap after the first call.
[[nodiscard]] const std::vector<CatalogueEntry>& all_targets();

// "debian:12/amd64", "bookworm", "alpine:3.20.1/arm64", "windows:10". Without an architecture the target has `fallback`'s where it has
// that, else its own first one. Errors: bad_usage, with the nearest name or the choices.
[[nodiscard]] Result<Target> find_target(std::string_view name, Architecture fallback = Architecture::unknown);

// Whether `name` looks like a name of the catalogue rather than a file: it has a known family, or is an alias.
[[nodiscard]] bool names_catalogue_target(std::string_view name);

}  // namespace abiscope::target
