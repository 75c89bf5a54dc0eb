// The debug sections of an ELF, PE, COFF or Mach-O file: decompressed, relocated where the file is an object file, and without the names
// each container gives them.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "bytes/limits.h"
#include "bytes/source.h"
#include "dwarf/sections.h"
#include "finding/sink.h"

namespace abiscope::debuginfo {

// How a file names the others that hold its debug information. Each is empty where the file has no such link.
struct Links {
    std::string build_id;               // hexadecimal digits
    std::string debug_link;             // a file name (.gnu_debuglink)
    std::string supplementary;          // a path (.gnu_debugaltlink, .debug_sup), made by dwz
    std::string supplementary_id;       // its build-id
};

// Sections nobody asks for are not decompressed. `calls`: types, and where parameters are.
enum class Purpose : std::uint8_t { types, calls, code };

struct DebugSections {
    dwarf::Sections sections;
    Links links;
};

// Errors: those of the container; unsupported for a file that is no program. A section that cannot be decompressed is a finding, and empty.
// A fat Mach-O file is read as its first slice.
[[nodiscard]] Result<DebugSections> read_debug_sections(const SourcePtr& source, View bytes, const Limits& limits, finding::Sink& sink,
                                                        Purpose purpose = Purpose::types);

}  // namespace abiscope::debuginfo
