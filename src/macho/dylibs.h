// What the image is linked with: dylibs, rpaths, the dynamic linker.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/image.h"
#include "macho/versions.h"

namespace abiscope::macho {

enum class DylibKind : std::uint8_t { load, weak, reexport, upward, lazy, id };

[[nodiscard]] std::string_view to_string(DylibKind kind);

struct Dylib {
    DylibKind kind = DylibKind::load;
    std::string_view name;                   // install name or load path, not escaped
    std::uint32_t ordinal = 0;               // 1 for the first: what two-level names count. 0 for LC_ID_DYLIB
    std::uint32_t timestamp = 0;
    PackedVersion current_version;
    PackedVersion compatibility_version;
    std::optional<std::uint32_t> use_flags;  // DYLIB_USE_*: the command is a dylib_use_command (macOS 15)
    std::uint32_t command_index = 0;
    std::uint64_t file_offset = 0;           // of the command, in the file on disk

    // Absent at run time without an error.
    [[nodiscard]] bool weak() const;
    [[nodiscard]] bool reexported() const;
};

// A path or text that one command carries.
struct CommandText {
    std::string_view text;
    std::uint32_t command = 0;
    std::uint32_t command_index = 0;
    std::uint64_t file_offset = 0;   // of the command, in the file on disk
};

struct Linkage {
    std::optional<Dylib> id;                       // LC_ID_DYLIB
    std::vector<Dylib> dylibs;                     // by ordinal
    std::vector<CommandText> rpaths;               // LC_RPATH
    std::optional<CommandText> dylinker;           // LC_LOAD_DYLINKER: the program interpreter
    std::optional<CommandText> dylinker_id;        // LC_ID_DYLINKER: this is dyld
    std::vector<CommandText> dyld_environment;     // LC_DYLD_ENVIRONMENT
    std::vector<CommandText> umbrella;             // LC_SUB_FRAMEWORK, LC_SUB_UMBRELLA, LC_SUB_CLIENT, LC_SUB_LIBRARY
};

// Findings: MACHO-COMMAND-MALFORMED, MACHO-RPATH-DUPLICATE, MACHO-DYLIB-DUPLICATE, MACHO-DYLIB-ID-MISSING, MACHO-DYLINKER-MISSING.
[[nodiscard]] Result<Linkage> read_linkage(const Image& image, finding::Sink& sink);

}  // namespace abiscope::macho
