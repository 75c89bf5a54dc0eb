// `#!/usr/bin/env NAME`: what env(1) does with the name, after the kernel has started it.
#pragma once

#include "loader/simulate.h"

namespace abiscope::loader {

// The name is in no folder of PATH, so that env ends with 127 before any line of the script is read: fills the outcome of a start that
// went well up to there. Options of env, and a machine whose PATH is not known, are let pass.
void check_command(const ScriptLine& line, const Program& interpreter, const target::Target& target, ModuleCache& cache, Outcome& outcome);

}  // namespace abiscope::loader
