// The COFF symbol table of object files, and of images that were linked with one (mingw). Source: PE Format, "COFF Symbol Table".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/view.h"
#include "finding/sink.h"
#include "pe/header.h"

namespace abiscope::pe {

class Image;

// Views into the bytes of the image.
struct Symbol {
    std::uint64_t offset = 0;         // of the record in the file on disk
    std::uint32_t index = 0;          // in the table, auxiliary records counted
    std::string_view name;
    std::uint32_t value = 0;          // usually an offset within the section
    std::int32_t section = 0;         // from 1; 0 undefined or common, -1 absolute, -2 debugging
    std::uint16_t type = 0;           // 0x20: a function
    std::uint8_t storage_class = 0;
    View auxiliary;                   // the records that follow, undecoded
    std::string_view file;            // the source file named by a .file record; else empty

    [[nodiscard]] bool is_function() const { return (type >> 4) == 2; }
};

struct SymbolTable {
    std::vector<Symbol> symbols;
    bool complete = true;             // false: the file ends within the table, or a name is not where it should be
};

// Bytes of one record: 18, or 20 in big object files.
[[nodiscard]] constexpr std::uint64_t symbol_record_size(const CoffHeader& coff) { return coff.big ? 20 : 18; }

// Empty when the file has none.
[[nodiscard]] Result<SymbolTable> read_symbols(const Image& image, finding::Sink& sink);

}  // namespace abiscope::pe
