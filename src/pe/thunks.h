// Import lookup tables, shared by ordinary and delayed imports.
#pragma once

#include <cstdint>
#include <string>

#include "finding/sink.h"
#include "pe/imports.h"
#include "pe/string_scan.h"

namespace abiscope::pe {

class Image;

// Reads the lookup tables of one image. Every entry takes bytes of the file, so that tables which share their entries between libraries
// cannot make more of them than the file has room for.
class ThunkReader {
public:
    ThunkReader(const Image& image, finding::Sink& sink);

    // Fills library.symbols from the table at `table_rva`. `virtual_addresses`: names are at virtual addresses, not RVAs.
    void read(ImportedLibrary& library, std::uint32_t table_rva, bool virtual_addresses);

    // The DLL's name; empty, with a finding, when it is not in the file.
    void read_name(ImportedLibrary& library, std::uint64_t index);

    // Finding PE-IMPORT-UNREADABLE; marks the library as incomplete.
    void unreadable(ImportedLibrary& library, std::string path, std::uint64_t offset, std::uint64_t size, std::string reading,
                    std::string problem);

private:
    bool read_entry(ImportedLibrary& library, std::uint64_t value, std::uint64_t offset, std::uint64_t index, bool virtual_addresses);

    const Image& image_;
    finding::Sink& sink_;
    StringScan names_;
    std::uint64_t entries_left_;
};

}  // namespace abiscope::pe
