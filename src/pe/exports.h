// What an image offers to others. Source: PE Format, ".edata Section".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"

namespace abiscope::pe {

class Image;

// One name or, for functions without one, one ordinal. A function with two names gives two exports. Views into the bytes of the image.
struct Export {
    std::uint64_t offset = 0;               // of the entry in the export address table, in the file on disk
    std::uint32_t ordinal = 0;              // base included
    std::string_view name;                  // empty: by ordinal only
    std::optional<std::uint32_t> hint;      // index into the name table
    std::uint32_t rva = 0;                  // of the function or datum; of the text when forwarded
    std::string_view forwarder;             // "OTHER.Name" or "OTHER.#7"; empty when not forwarded
};

struct Exports {
    std::uint64_t offset = 0;               // of the export directory in the file on disk
    std::uint32_t timestamp = 0;
    std::uint16_t major = 0;
    std::uint16_t minor = 0;
    std::string_view library;               // the name the DLL was linked with
    std::uint32_t ordinal_base = 0;
    std::uint32_t address_count = 0;        // entries of the address table, unused ones included
    std::uint32_t name_count = 0;
    std::vector<Export> exports;            // by ordinal, then hint; unused entries left out
    bool sorted = true;                     // the name table is in the order that the loader's binary search needs
    bool complete = true;
};

// Nothing when the image has no export directory. Error when the directory itself cannot be read.
[[nodiscard]] Result<std::optional<Exports>> read_exports(const Image& image, finding::Sink& sink);

}  // namespace abiscope::pe
