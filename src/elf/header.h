// The ELF header (gABI chapter 4), in host order.
#pragma once

#include <array>
#include <cstdint>

#include "base/result.h"
#include "bytes/endian.h"
#include "bytes/view.h"

namespace abiscope::elf {

// How the file is read. Word size and byte order end here: no other record knows them. They follow EI_CLASS and EI_DATA where these are
// valid, else what e_machine implies, because the kernel ignores both bytes (it runs a file whose EI_CLASS is wrong).
struct Encoding {
    bool wide = true;              // 64-bit records
    Endian order = Endian::little;
    friend bool operator==(const Encoding&, const Encoding&) = default;
};

struct Header {
    std::array<std::uint8_t, 16> ident{};
    std::uint16_t type = 0;
    std::uint16_t machine = 0;
    std::uint32_t version = 0;
    std::uint64_t entry = 0;       // virtual address
    std::uint64_t phoff = 0;       // file offset
    std::uint64_t shoff = 0;       // file offset
    std::uint32_t flags = 0;
    std::uint16_t ehsize = 0;
    std::uint16_t phentsize = 0;
    std::uint16_t phnum = 0;       // as stored: PN_XNUM (0xffff) means section 0's sh_info
    std::uint16_t shentsize = 0;
    std::uint16_t shnum = 0;       // as stored: 0 with a shoff means section 0's sh_size
    std::uint16_t shstrndx = 0;    // as stored: SHN_XINDEX means section 0's sh_link

    [[nodiscard]] std::uint8_t ident_class() const { return ident[4]; }
    [[nodiscard]] std::uint8_t ident_data() const { return ident[5]; }
    [[nodiscard]] std::uint8_t ident_version() const { return ident[6]; }
    [[nodiscard]] std::uint8_t os_abi() const { return ident[7]; }
    [[nodiscard]] std::uint8_t abi_version() const { return ident[8]; }
};

struct HeaderAndEncoding {
    Header header;
    Encoding encoding;
};

// Errors: bad_magic when the four magic bytes are not there; truncated when the header is not whole.
[[nodiscard]] Result<HeaderAndEncoding> read_header(View file);

// The header as a program reads it that looks at neither the magic nor EI_CLASS nor EI_DATA (musl's loader). Error: truncated.
[[nodiscard]] Result<Header> read_header_as(View file, Encoding encoding);

// Where a field of the header lies in the file, for evidence.
struct FieldPlace {
    std::uint64_t offset;
    std::uint64_t size;
};
enum class HeaderField : std::uint8_t {
    ident_class,
    ident_data,
    os_abi,
    abi_version,
    type,
    machine,
    version,
    entry,
    phoff,
    shoff,
    flags,
    phentsize,
    phnum,
    shentsize,
    shnum,
    shstrndx
};
[[nodiscard]] FieldPlace place_of(HeaderField field, Encoding encoding);

}  // namespace abiscope::elf
