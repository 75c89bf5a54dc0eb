// Which of the formats around PE a run of bytes is. Looks at the first headers only.
#pragma once

#include <cstdint>
#include <string_view>

#include "bytes/view.h"

namespace abiscope::pe {

enum class FileKind : std::uint8_t {
    none,              // none of these
    image,             // MZ, then PE\0\0
    object,            // COFF object file
    big_object,        // COFF object file of cl /bigobj
    import_object,     // member of an import library: names one symbol of one DLL
    anonymous_object,  // object of link-time code generation (cl /GL); only its own compiler reads it
    te,                // UEFI terse executable (VZ)
    dos,               // MZ and nothing more: MS-DOS
    ne,                // MZ, then NE: 16-bit Windows, OS/2 1.x
    le,                // MZ, then LE: Windows 9x driver, DOS extender
    lx,                // MZ, then LX: OS/2 2.x and later
};

struct Identity {
    FileKind kind = FileKind::none;
    std::uint16_t machine = 0;         // 0 where the kind states none
    std::uint64_t header_offset = 0;   // of the header that decided, from the start of `bytes`
};

[[nodiscard]] Identity identify(View bytes);

// "16-bit Windows or OS/2 program (NE)"
[[nodiscard]] std::string_view describe(FileKind kind);

}  // namespace abiscope::pe
