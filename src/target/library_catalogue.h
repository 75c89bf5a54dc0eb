// data/libraries: which version nodes a library defines in which release, and from that the libraries of a base system.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/version.h"
#include "target/library_layout.h"
#include "target/memory_file_system.h"

namespace abiscope::target {

// One version node of a data file: NAME[@SINCE[~UNTIL]][?DOUBT].
struct DatedNode {
    std::string name;
    Version since;               // the first release that has it; empty: always
    Version until;               // the last one; empty: still there
    Version doubtful_since;      // from here to `since` some builds have it; empty: none
};
[[nodiscard]] Result<DatedNode> parse_dated_node(std::string_view text);

enum class NodeState : std::uint8_t { absent, doubtful, present };
[[nodiscard]] NodeState node_state(const DatedNode& node, const Version& release);

// What is to be put into a file system.
struct BaseLibraries {
    std::string family;          // the name of a file in data/libraries
    Version release;             // of that family; empty: unknown, so every node is doubtful
    Architecture architecture = Architecture::unknown;
    LibraryLayout layout;
    std::string loader;          // path of the loader; empty when there is none
    bool usr_merged = true;
    std::vector<std::string> members;         // only these sonames; empty: all
    std::vector<std::string> also_defines;    // nodes this very distribution carried back, checked
    std::vector<std::string> also_doubtful;   // the same, not checked
};

// Adds every member of the family that the release has on that architecture. Errors: not_found for an unknown family; bad_value for a
// data file that does not read.
[[nodiscard]] Result<void> add_base_libraries(MemoryFileSystem& files, const BaseLibraries& wanted);

}  // namespace abiscope::target
