// File names of a unit's line table (DWARF 5, section 6.2.4): where a type is declared, and where code is from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "abi/type.h"
#include "dwarf/entry.h"

namespace abiscope::dwarf {

struct LineFile {
    std::string_view directory;   // empty: that of the compilation
    std::string_view name;

    [[nodiscard]] std::string path() const;
};

// The header of a line table. A table that is damaged behind its header still has its files.
struct LineHeader {
    std::uint16_t version = 0;
    std::uint8_t address_size = 8;
    bool wide = false;
    std::uint8_t minimum_length = 1;       // of an instruction
    std::uint8_t most_operations = 1;      // in an instruction: not 1 for VLIW machines
    bool is_statement = true;              // at the start of a sequence
    std::int8_t line_base = 0;
    std::uint8_t line_range = 0;
    std::uint8_t opcode_base = 0;
    View opcode_lengths;                   // of the standard opcodes from 1 on
    std::vector<std::string_view> directories;
    std::vector<LineFile> files;           // by number, as DW_AT_decl_file counts them: from 1 up to version 4, from 0 in version 5
    View program;
};

// The path of a file of the table: from the root where the table or `directory`, that of the compilation, says so. Empty for a number the
// table has not.
[[nodiscard]] std::string full_path(const LineHeader& header, std::uint64_t number, std::string_view directory);

// Errors: not_found for a unit without a line table, truncated, unsupported (a version, a form).
[[nodiscard]] Result<LineHeader> read_line_header(const Debug& debug, const Unit& unit);

// By number. Empty where there is no line table.
[[nodiscard]] std::vector<LineFile> read_line_files(const Debug& debug, const Unit& unit);

class LineFiles {
public:
    explicit LineFiles(const Debug& debug) : debug_(debug) {}

    // DW_AT_decl_file and DW_AT_decl_line; line 0 where they are not there.
    [[nodiscard]] abi::SourceLine place(const Entry& entry);

private:
    const Debug& debug_;
    std::unordered_map<std::uint32_t, std::vector<LineFile>> files_;   // by unit
};

}  // namespace abiscope::dwarf
