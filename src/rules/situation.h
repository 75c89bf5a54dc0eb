// Everything a fix may be tried against: the program, the machine, and how to start the one on the other again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "finding/fix.h"
#include "golang/buildinfo.h"
#include "loader/simulate.h"

namespace abiscope::rules {

struct Situation {
    const loader::Program& program;
    const target::Target& target;
    loader::ModuleCache& cache;
    loader::Options options;
    std::string name;                                  // what the user calls the program, for commands to paste
    std::optional<golang::BuildInfo> go;               // when it is a Go program
};

// What is changed for a trial. Each function gets copies to change as it likes.
struct Trial {
    std::function<void(loader::Program&)> program;     // empty: unchanged
    std::function<void(target::Target&)> target;       // empty: unchanged; may replace `files` by an overlay
};

// Runs the simulation again with the change and fills `verified` and `outcome`: has the problem gone, and does the program run?
void try_fix(finding::Fix& fix, const loader::Problem& problem, const Situation& situation, const Trial& trial);

// The same program with PT_INTERP and PT_DYNAMIC struck out: what a static build of it meets at the kernel.
[[nodiscard]] std::optional<loader::ModulePtr> as_static(const loader::Module& module);

// The same program asking for another interpreter; nothing when the new path does not fit where the old one is.
[[nodiscard]] std::optional<loader::ModulePtr> with_interpreter(const loader::Module& module, std::string_view path);

}  // namespace abiscope::rules
