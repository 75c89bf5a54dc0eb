// Where the program starts.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/image.h"

namespace abiscope::macho {

enum class EntryKind : std::uint8_t {
    main,          // LC_MAIN: dyld calls it like main()
    unix_thread,   // LC_UNIXTHREAD: the kernel starts a thread with these registers
};

struct Entry {
    EntryKind kind = EntryKind::main;
    std::uint64_t address = 0;                     // not slid
    std::optional<std::uint64_t> offset;           // from the start of the image; nothing when no segment has bytes for it
    std::optional<std::uint64_t> file_offset;      // the same in the file on disk
    std::uint64_t stack_size = 0;                  // bytes; LC_MAIN only, zero: the default
    std::optional<std::uint32_t> segment_index;    // the segment that holds it
    std::optional<std::uint32_t> section_index;
    std::uint32_t command_index = 0;
};

// Nothing for a file that has no entry command, which is right for all but programs and dyld. Findings: MACHO-ENTRY-MISSING,
// MACHO-ENTRY-OUTSIDE, MACHO-ENTRY-NOT-EXECUTABLE, MACHO-COMMAND-MALFORMED.
[[nodiscard]] Result<std::optional<Entry>> read_entry(const Image& image, finding::Sink& sink);

}  // namespace abiscope::macho
