// File names of a unit's line table (DWARF 5, section 6.2.4): where a type is declared.
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

// By number, as DW_AT_decl_file counts them: from 1 up to version 4, from 0 in version 5.
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
