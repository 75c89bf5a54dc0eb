// The cause of a crash of which only a line of the kernel's log is known. Never proven: what would decide is named.
#pragma once

#include "core/line_process.h"
#include "rules/crash.h"

namespace abiscope::rules {

[[nodiscard]] Diagnosis diagnose_line(core::Crash& crash, const core::KernelLine& line, const core::LineFacts& facts);

}  // namespace abiscope::rules
