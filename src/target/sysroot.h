// A root folder, archive or image as a target: what its files tell, on top of a named target's kernel and CPU or alone.
#pragma once

#include <string>

#include "base/result.h"
#include "target/target.h"

namespace abiscope::target {

// `path`: a folder that holds a root, a set of .deb files or an OCI layout, or a tar, image or .deb file. Errors: those of opening it.
[[nodiscard]] Result<FileSystemPtr> open_sysroot(const std::string& path, Architecture architecture);

// The files of the root with the kernel, CPU, user and environment of `base`; title, libcs and shell are read from the root.
[[nodiscard]] Result<Target> sysroot_target(const std::string& path, Target base);

// The same with nothing known of the machine: kernel unknown, the least CPU of the root's architecture.
[[nodiscard]] Result<Target> sysroot_target(const std::string& path, Architecture fallback);

}  // namespace abiscope::target
