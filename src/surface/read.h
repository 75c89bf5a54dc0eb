// A program on disk to its surface.
#pragma once

#include "base/result.h"
#include "bytes/limits.h"
#include "bytes/source.h"
#include "debuginfo/open_debug.h"
#include "debuginfo/program_abi.h"
#include "dwarf/debug.h"
#include "surface/surface.h"

namespace abiscope::surface {

struct ReadOptions {
    debuginfo::DebugFolders folders;
    unsigned threads = 0;   // 0: as many as the machine has
    Limits limits;
};

// Errors: those of the format; unsupported for what is no program. Debug information that is missing or damaged is no error: it is in
// Surface::missing.
[[nodiscard]] Result<Surface> read_surface(const SourcePtr& program, debuginfo::FileFinder& finder, const ReadOptions& options);

// The same of a program whose debug information is open already; what was damaged in it is known to whom opened it.
[[nodiscard]] Result<Surface> read_surface(const SourcePtr& program, const dwarf::Debug& debug, const debuginfo::ProgramAbi& own,
                                           const ReadOptions& options);

}  // namespace abiscope::surface
