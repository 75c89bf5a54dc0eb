// From a program to its debug information, wherever that is: in the file, in a separate file, in split files, in a file of dwz.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/source.h"
#include "debuginfo/debug_sections.h"
#include "dwarf/debug.h"

namespace abiscope::debuginfo {

// Opens files by path. The reader of debug information does not look at the machine itself.
class FileFinder {
public:
    FileFinder() = default;
    FileFinder(const FileFinder&) = delete;
    FileFinder& operator=(const FileFinder&) = delete;
    virtual ~FileFinder() = default;

    [[nodiscard]] virtual Result<SourcePtr> open(const std::string& path) = 0;
};

// Folders that hold the debug files of installed programs, as GDB's debug-file-directory does.
struct DebugFolders {
    std::vector<std::string> paths{"/usr/lib/debug"};
};

// Where GDB looks for a separate debug file ("Debugging Information in Separate Files"): by build-id, then by .gnu_debuglink.
[[nodiscard]] std::vector<std::string> debug_file_paths(const std::string& program, const Links& links, const DebugFolders& folders);

// The debug information of a program. `finder` may be null: then only the file itself is read. What is not found is a finding. Errors:
// those of read_debug_sections(), and not_found when there is no debug information, naming where it was looked for.
[[nodiscard]] Result<dwarf::Debug> open_debug(const SourcePtr& program, FileFinder* finder, const DebugFolders& folders,
                                              const Limits& limits, finding::Sink& sink, Purpose purpose = Purpose::types);

// For questions about code: the debug information in `file`, nothing of it read yet (Debug::open_lazily()).
struct DebugFile {
    SourcePtr source;
    std::string path;      // of itself
    std::string program;   // of the program it belongs to; the same where that holds its own debug information
};
// `finder` may be null, and must outlive the answer. Errors: the same.
[[nodiscard]] Result<dwarf::Debug> open_debug_lazily(const DebugFile& file, FileFinder* finder, const Limits& limits);

}  // namespace abiscope::debuginfo
