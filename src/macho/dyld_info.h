// The rebase and bind programs of LC_DYLD_INFO: what dyld writes into the image before it runs. <mach-o/loader.h>, REBASE_ and BIND_.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/image.h"

namespace abiscope::macho {

enum class BindKind : std::uint8_t { regular, weak, lazy };

struct Bind {
    BindKind kind = BindKind::regular;
    std::string_view symbol;
    std::int32_t ordinal = 0;         // dylib ordinal or SpecialOrdinal; weak binds have none and say ordinal_weak_lookup
    std::uint8_t symbol_flags = 0;    // BindFlag
    std::uint8_t type = 0;            // 1 pointer, 2 absolute 32 bit text, 3 relative 32 bit text
    std::uint32_t segment = 0;
    std::uint64_t address = 0;        // where it is written
    std::int64_t addend = 0;
    std::uint64_t file_offset = 0;    // of the opcode that does it, in the file on disk

    [[nodiscard]] bool weak_import() const;
};

// Names in the weak bind program that this image defines strongly, overriding weak definitions elsewhere: no place is bound.
struct StrongDefinition {
    std::string_view symbol;
    std::uint64_t file_offset = 0;
};

struct Binds {
    std::vector<Bind> binds;
    std::vector<StrongDefinition> strong_definitions;
    bool complete = true;   // false: a program stopped at an opcode that makes no sense, which is a finding
};

struct Rebase {
    std::uint32_t segment = 0;
    std::uint64_t address = 0;
    std::uint8_t type = 0;   // as Bind::type
};

struct Rebases {
    std::vector<Rebase> rebases;
    bool complete = true;
};

[[nodiscard]] bool has_dyld_info(const Image& image);

// The five ranges of struct dyld_info_command, cut where the image ends.
struct DyldInfo {
    const LoadCommand* command = nullptr;
    View rebase;
    View bind;
    View weak_bind;
    View lazy_bind;
    View exports;
};
[[nodiscard]] std::optional<DyldInfo> read_dyld_info(const Image& image, finding::Sink& sink);

// Both are empty without LC_DYLD_INFO. Findings: MACHO-BIND-MALFORMED, MACHO-TABLE-TRUNCATED, MACHO-COMMAND-MALFORMED.
[[nodiscard]] Result<Binds> read_binds(const Image& image, finding::Sink& sink);
[[nodiscard]] Result<Rebases> read_rebases(const Image& image, finding::Sink& sink);

}  // namespace abiscope::macho
