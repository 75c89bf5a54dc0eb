// The load commands: the table of contents that follows the header.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/reader.h"
#include "bytes/view.h"
#include "finding/sink.h"
#include "macho/header.h"

namespace abiscope::macho {

struct LoadCommand {
    std::uint32_t index = 0;
    std::uint32_t command = 0;   // LoadCommandType, with LC_REQ_DYLD
    View bytes;                  // the whole command, cmd and cmdsize included; never longer than cmdsize

    [[nodiscard]] std::uint64_t size() const { return bytes.size(); }
    [[nodiscard]] std::uint64_t file_offset() const { return bytes.file_offset(); }
    [[nodiscard]] std::string name() const;       // "LC_SEGMENT_64", or the number
    [[nodiscard]] bool known() const;             // named in spec.h
    [[nodiscard]] std::string path() const;       // "macho/load_command[3]": the structural path of evidence

    // A cursor after cmd and cmdsize.
    [[nodiscard]] Reader fields(Endian order) const;

    // The text of an lc_str: `offset` counts from the start of the command. Ends at a NUL or at the end of the command.
    [[nodiscard]] std::optional<std::string_view> text(std::uint32_t offset) const;
};

// Walks the commands as far as they can be walked; each that cannot is a finding: MACHO-COMMANDS-TRUNCATED,
// MACHO-COMMAND-SIZE-INVALID, MACHO-COMMAND-MISALIGNED, MACHO-COMMAND-UNKNOWN-REQUIRED, MACHO-COMMAND-DUPLICATE.
[[nodiscard]] std::vector<LoadCommand> read_load_commands(View image, const Header& header, finding::Sink& sink);

// For a command whose fields do not fit it, or that names a text outside it: MACHO-COMMAND-MALFORMED.
void report_malformed(const LoadCommand& command, std::string reason, finding::Sink& sink);

// The text of an lc_str, or a MACHO-COMMAND-MALFORMED finding and nothing.
[[nodiscard]] std::optional<std::string_view> command_text(const LoadCommand& command, std::uint32_t offset, std::string_view field,
                                                           finding::Sink& sink);

// True when all fields were there; a MACHO-COMMAND-MALFORMED finding otherwise.
[[nodiscard]] bool fields_fit(const LoadCommand& command, const Reader& reader, finding::Sink& sink);

}  // namespace abiscope::macho
