// This machine as a target: kernel, CPU, libcs, shell, user and environment as they are now.
#pragma once

#include "base/result.h"
#include "target/target.h"

namespace abiscope::target {

// Errors: cannot_open when "/" cannot be read.
[[nodiscard]] Result<Target> host_target();

// The parts, for a profile of a folder that is taken on this machine.
[[nodiscard]] Kernel host_kernel(Architecture architecture);
[[nodiscard]] Cpu host_cpu();
[[nodiscard]] Architecture host_architecture();

// `flags` of x86, `Features` of ARM, vendor and model name out of the text of /proc/cpuinfo.
[[nodiscard]] Cpu parse_cpuinfo(std::string_view cpuinfo);

// The variables of this process that a loader or shell looks at.
[[nodiscard]] Environment host_environment();

}  // namespace abiscope::target
