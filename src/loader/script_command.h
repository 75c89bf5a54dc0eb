// `#!/usr/bin/env NAME`: what env(1) does with the name, after the kernel has started it.
#pragma once

#include <optional>
#include <string>

#include "loader/simulate.h"

namespace abiscope::loader {

// Where the name is in no folder of PATH, or the path it is leads nowhere, env ends with 127 (126: it may not be executed) before any line
// of the script is read: fills the outcome of a start that went well up to there. Without a name it starts the script again, without end.
// Of env's options -S is followed; others are "cannot tell". A machine whose PATH is not known is let pass, and where `interpreter` has no
// module, unknown_command() has been asked before.
void check_command(const ScriptLine& line, const Program& interpreter, const target::Target& target, ModuleCache& cache, Outcome& outcome);

// The same of a machine of which only the names of some programs are known (Target::commands), env among them: what is not known of its
// start. Nothing for another interpreter, and where the command is one of those programs.
[[nodiscard]] std::optional<std::string> unknown_command(const ScriptLine& line, const target::Target& target);

}  // namespace abiscope::loader
