// `#!/bin/bash -eu`: what an interpreter makes of the argument. The kernel hands over all that follows the interpreter's name as one
// (fs/binfmt_script.c), with the carriage return of a Windows line end.
#pragma once

#include "loader/simulate.h"

namespace abiscope::loader {

// Where it is no option of bash, dash, perl or a program of script_options(), the interpreter ends before it reads a line of the script:
// fills the outcome of a start that went well up to there. What such a program makes of it otherwise, or whether it reads the script at
// all, may be "cannot tell". `interpreter` has no module where the target only knows that there is one of that name. Other interpreters are
// let pass.
void check_argument(const ScriptLine& line, const Program& interpreter, const target::Target& target, ModuleCache& cache, Outcome& outcome);

}  // namespace abiscope::loader
