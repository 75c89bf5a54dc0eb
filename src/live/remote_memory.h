// A core dump whose memory is still in the process that stopped: each block is read when it is looked at, so that a program with gigabytes
// of memory costs no more than the few pages its crash is explained with.
#pragma once

#include <string>

#include "base/result.h"
#include "bytes/source.h"
#include "core/core_writer.h"

namespace abiscope::live {

// Every byte that will be looked at must be looked at while process `pid` is stopped. One at a time; not for several threads.
[[nodiscard]] Result<SourcePtr> map_remote_core(std::string name, int pid, const core::CoreLayout& layout);

// The same as a file. Pages of zeros become holes.
[[nodiscard]] Result<void> write_remote_core(const std::string& path, int pid, const core::CoreLayout& layout);

}  // namespace abiscope::live
