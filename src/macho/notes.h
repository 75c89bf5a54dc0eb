// The small commands that carry notes: LC_NOTE, LC_LINKER_OPTION, LC_IDENT, LC_FILESET_ENTRY, LC_ENCRYPTION_INFO.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/image.h"

namespace abiscope::macho {

struct Note {
    std::string_view owner;     // data_owner, up to 16 bytes
    View content;               // cut where the image ends
    std::uint32_t command_index = 0;
};

// What an object file asks the linker for: {"-framework", "Foundation"}.
struct LinkerOption {
    std::vector<std::string_view> words;
    std::uint32_t command_index = 0;
};

// LC_FILESET_ENTRY: an image within a kernel collection.
struct FilesetEntry {
    std::string_view name;
    std::uint64_t address = 0;
    std::uint64_t offset = 0;   // from the start of the image
    std::uint32_t command_index = 0;
};

// An encrypted range of the file (App Store programs): its bytes mean nothing before the kernel has decrypted them.
struct Encryption {
    std::uint32_t offset = 0;   // from the start of the image
    std::uint32_t size = 0;     // bytes
    std::uint32_t id = 0;       // 0: not encrypted yet
    std::uint32_t command_index = 0;
};

struct Notes {
    std::vector<Note> notes;
    std::vector<LinkerOption> linker_options;
    std::vector<FilesetEntry> fileset;
    std::vector<std::string_view> idents;       // LC_IDENT
    std::optional<Encryption> encryption;
};

// Findings: MACHO-COMMAND-MALFORMED, MACHO-TABLE-TRUNCATED.
[[nodiscard]] Result<Notes> read_notes(const Image& image, finding::Sink& sink);

}  // namespace abiscope::macho
