// `core --kernel-line`: what can be said of crashes that left nothing but lines in the kernel's log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/context.h"

namespace abiscope::cli {

struct KernelLineOptions {
    std::vector<std::string> lines;    // each one line or more; "-": the log is standard input
    std::string program;               // --exe
    std::string sysroot;
    std::uint64_t frames = 40;
};

[[nodiscard]] Exit tell_kernel_lines(Output& output, const KernelLineOptions& options);

}  // namespace abiscope::cli
