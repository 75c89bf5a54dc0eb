// The Mach-O header: struct mach_header and mach_header_64 of <mach-o/loader.h>.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "bytes/endian.h"
#include "bytes/view.h"

namespace abiscope::macho {

// The pointer authentication ABI that an arm64e file declares in the capability bits of its cpusubtype.
struct PointerAuthAbi {
    std::uint8_t version = 0;   // 0..15
    bool versioned = false;     // false: built before the ABI had a version ("arm64e.old"), refused by current systems
    bool kernel = false;
};

// Fields in host byte order, with the names of the format.
struct Header {
    std::uint64_t file_offset = 0;      // of the header, in the file on disk
    bool wide = false;                  // 64 bit: mach_header_64
    Endian order = Endian::little;
    std::uint32_t cpu_type = 0;
    std::uint32_t cpu_subtype = 0;      // with capability bits
    std::uint32_t file_type = 0;
    std::uint32_t command_count = 0;    // ncmds
    std::uint32_t commands_size = 0;    // sizeofcmds, bytes
    std::uint32_t flags = 0;
    std::uint32_t reserved = 0;         // 64 bit only

    [[nodiscard]] std::uint64_t size() const { return wide ? 32 : 28; }          // bytes of the header itself
    [[nodiscard]] std::uint64_t pointer_size() const { return wide ? 8 : 4; }    // bytes
    [[nodiscard]] bool has(std::uint32_t flag) const { return (flags & flag) != 0; }
    [[nodiscard]] bool is_arm64() const;         // arm64, arm64e or arm64_32: the kernel runs signed code only
    [[nodiscard]] bool is_final_image() const;   // linked and mapped as it is: program, library, bundle, dynamic linker
    [[nodiscard]] std::string arch() const;      // "arm64e"
    [[nodiscard]] std::optional<PointerAuthAbi> pointer_auth_abi() const;   // arm64e only
};

// True when `bytes` start with a Mach-O magic number of either width and byte order. Not for fat files: see fat.h.
[[nodiscard]] bool is_macho(View bytes);

// Errors: bad_magic, truncated.
[[nodiscard]] Result<Header> read_header(View bytes);

}  // namespace abiscope::macho
