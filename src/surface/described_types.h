// Types and signatures behind the symbols of a program, as its debug information records them.
#pragma once

#include "debuginfo/program_abi.h"
#include "dwarf/debug.h"
#include "finding/sink.h"
#include "surface/exports.h"
#include "surface/surface.h"

namespace abiscope::surface {

// Fills in what the symbols are, and every type they lead to.
void read_described_types(const dwarf::Debug& debug, const debuginfo::ProgramAbi& own, const Addresses& addresses, unsigned threads,
                          Surface& into, finding::Sink& sink);

}  // namespace abiscope::surface
