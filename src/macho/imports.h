// The symbols an image wants from others, whichever of three ways its linker used to say so.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/image.h"

namespace abiscope::macho {

enum class ImportSource : std::uint8_t {
    none,             // the image imports nothing in any way
    chained_fixups,   // LC_DYLD_CHAINED_FIXUPS
    bind_opcodes,     // LC_DYLD_INFO
    symbol_table,     // undefined symbols: object files and images from before 2009
};

[[nodiscard]] std::string_view to_string(ImportSource source);

struct Import {
    std::string_view name;
    std::int32_t ordinal = 0;         // 1 is the first of Linkage::dylibs; or a SpecialOrdinal
    bool weak = false;                // may be missing at run time: its address is then zero
    bool lazy = false;                // bound at the first call only
    std::uint64_t file_offset = 0;    // of the record that asks for it, in the file on disk
};

struct Imports {
    ImportSource source = ImportSource::none;
    std::vector<Import> imports;   // in the order of the file; each pair of name and ordinal once
};

// Findings: those of the source read, and MACHO-IMPORT-ORDINAL-INVALID.
[[nodiscard]] Result<Imports> read_imports(const Image& image, finding::Sink& sink);

}  // namespace abiscope::macho
