// The debug directory: what linkers note about an image. Where its PDB is, that it was built reproducibly, the extended DLL
// characteristics (CET), the pieces the linker laid out.
// Source: PE Format, "Debug Directory"; the inner structures are those of LLVM's and Microsoft's open PDB sources.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/view.h"
#include "finding/sink.h"
#include "pe/guid.h"

namespace abiscope::pe {

class Image;

struct DebugEntry {
    std::uint64_t offset = 0;          // of the entry in the file on disk
    std::uint32_t characteristics = 0;
    std::uint32_t timestamp = 0;
    std::uint16_t major = 0;
    std::uint16_t minor = 0;
    std::uint32_t type = 0;            // debug_type_names
    std::uint32_t size = 0;
    std::uint32_t rva = 0;             // 0: not mapped
    std::uint32_t raw_offset = 0;      // from the start of the image
    View data;                         // as far as it is in the file
};

// "RSDS" (PDB 7.0) or "NB10" (PDB 2.0, which has a time stamp instead of a GUID).
struct CodeView {
    std::uint64_t offset = 0;
    bool pdb70 = false;
    Guid guid;
    std::uint32_t timestamp = 0;
    std::uint32_t age = 0;
    std::string_view path;

    // The folder a symbol server keeps this PDB under: GUID without dashes and age, or time stamp and age, in hexadecimal.
    [[nodiscard]] std::string key() const;
};

// A piece of the image as the linker laid it out ("$" groups of sections).
struct PogoEntry {
    std::uint32_t rva = 0;
    std::uint32_t size = 0;
    std::string_view name;
};

// How many objects were compiled how; written by Microsoft's linker.
struct VcFeature {
    std::uint32_t pre_vc11 = 0;
    std::uint32_t c_and_cpp = 0;
    std::uint32_t security_cookies = 0;   // /GS
    std::uint32_t sdl = 0;
    std::uint32_t guard = 0;
};

struct PdbChecksum {
    std::string_view algorithm;           // "SHA256"
    View bytes;
};

struct DebugDirectory {
    std::vector<DebugEntry> entries;
    std::optional<CodeView> codeview;                        // the first
    std::vector<PogoEntry> pogo;
    std::optional<View> reproducible;                        // the hash, may be empty; time stamps are then no times
    std::optional<std::uint32_t> ex_dll_characteristics;
    std::optional<VcFeature> vc_feature;
    std::optional<PdbChecksum> pdb_checksum;
    bool embedded_pdb = false;
};

// Empty when the image has none.
[[nodiscard]] Result<DebugDirectory> read_debug_directory(const Image& image, finding::Sink& sink);

}  // namespace abiscope::pe
