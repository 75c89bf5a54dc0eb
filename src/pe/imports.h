// What an image asks of other DLLs: imports bound at start, delay-loaded imports, and the stamps of old-style binding.
// Source: PE Format, ".idata", "Delay-Load Import Tables", "Import Directory Table"; winnt.h IMAGE_BOUND_IMPORT_DESCRIPTOR.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"

namespace abiscope::pe {

class Image;

// Views into the bytes of the image.
struct ImportedSymbol {
    std::uint64_t offset = 0;               // of the lookup entry in the file on disk
    std::string_view name;                  // empty when by ordinal
    std::optional<std::uint16_t> ordinal;   // when by ordinal
    std::uint16_t hint = 0;                 // index into the exporter's name table that is tried first
    std::uint32_t slot_rva = 0;             // where the loader writes the address
};

struct ImportedLibrary {
    std::uint64_t offset = 0;               // of the descriptor in the file on disk
    std::string_view name;
    std::uint32_t name_rva = 0;
    std::uint32_t lookup_rva = 0;           // import lookup table (OriginalFirstThunk) or delay import name table; 0: none
    std::uint32_t address_rva = 0;          // import address table
    std::uint32_t timestamp = 0;            // 0: not bound; 0xffffffff: see the bound imports; else the DLL's
    std::uint32_t forwarder_chain = 0;      // old-style binding
    bool delayed = false;
    std::uint32_t delay_attributes = 0;     // bit 0: addresses are RVAs; clear (Visual C++ 6): virtual addresses
    std::uint32_t module_handle_rva = 0;    // delayed only, as the three below
    std::uint32_t bound_table_rva = 0;
    std::uint32_t unload_table_rva = 0;
    std::vector<ImportedSymbol> symbols;
    bool complete = true;                   // false: a finding says what could not be read
};

struct BoundImport {
    std::uint64_t offset = 0;
    std::string_view name;
    std::uint32_t timestamp = 0;
    std::vector<BoundImport> forwarders;    // DLLs that this one forwarded to
};

struct Imports {
    std::vector<ImportedLibrary> libraries;   // in file order, which is the order of loading
    bool complete = true;
};

// Empty when the image imports nothing. What cannot be read is a finding (PE-IMPORT-UNREADABLE); the rest is returned.
[[nodiscard]] Result<Imports> read_imports(const Image& image, finding::Sink& sink);
[[nodiscard]] Result<Imports> read_delay_imports(const Image& image, finding::Sink& sink);
[[nodiscard]] Result<std::vector<BoundImport>> read_bound_imports(const Image& image, finding::Sink& sink);

}  // namespace abiscope::pe
