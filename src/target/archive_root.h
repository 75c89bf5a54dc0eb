// A root that lies in an archive: a tar in any compression, .deb packages, an OCI layout or `docker save` image with its layers.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "bytes/limits.h"
#include "bytes/source.h"
#include "target/architecture.h"
#include "target/memory_file_system.h"

namespace abiscope::target {

// ELF files are kept as skeletons (target/skeleton.h), loaders, C libraries, shells and small files below /etc whole, of all others the
// first bytes: names, owners, modes and links are exact. An image with several platforms gives the one of `architecture`, else the first.
// Errors: cannot_open, unsupported when it is none of those, truncated, bad_value, limit_reached.
[[nodiscard]] Result<std::shared_ptr<MemoryFileSystem>> read_archive_root(const std::string& path, Architecture architecture,
                                                                          const Limits& limits = default_limits);

// The same of a tar or package that is open already.
[[nodiscard]] Result<std::shared_ptr<MemoryFileSystem>> read_archive_root(const SourcePtr& file, Architecture architecture,
                                                                          const Limits& limits = default_limits);

// Whether a folder is an OCI layout or a set of .deb files rather than a root by itself.
[[nodiscard]] bool holds_packed_root(const std::string& folder);

}  // namespace abiscope::target
