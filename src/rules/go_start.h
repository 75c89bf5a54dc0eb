// What a Go program does before main, by the settings of its build: the runtime's own test of the processor, and system calls of a system.
#pragma once

#include "golang/buildinfo.h"
#include "loader/simulate.h"
#include "target/target.h"

namespace abiscope::rules {

// Changes the outcome of a program that the kernel and the loader start: built for another system, or for a processor (GOAMD64) that this
// one is not.
void check_go_start(const golang::BuildInfo& go, const loader::Program& program, const target::Target& target, loader::Outcome& outcome);

}  // namespace abiscope::rules
