// Builds Mach-O files byte by byte, right or wrong on purpose. Shares nothing with the parser: numbers are written here as the format's
// documents give them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace abiscope::test {

// Bytes in a stated order.
class ByteWriter {
public:
    explicit ByteWriter(bool big = false) : big_(big) {}

    ByteWriter& u8(std::uint64_t value) { return number(value, 1); }
    ByteWriter& u16(std::uint64_t value) { return number(value, 2); }
    ByteWriter& u32(std::uint64_t value) { return number(value, 4); }
    ByteWriter& u64(std::uint64_t value) { return number(value, 8); }
    ByteWriter& word(std::uint64_t value, bool wide) { return number(value, wide ? 8 : 4); }
    ByteWriter& uleb(std::uint64_t value);
    ByteWriter& text(std::string_view text);                         // and a NUL
    ByteWriter& fixed(std::string_view text, std::size_t size);      // padded with NULs
    ByteWriter& zeros(std::size_t count);
    ByteWriter& pad_to(std::size_t multiple);
    ByteWriter& append(const std::vector<std::byte>& bytes);
    ByteWriter& patch_u32(std::size_t at, std::uint32_t value);

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

private:
    ByteWriter& number(std::uint64_t value, int size);

    std::vector<std::byte> bytes_;
    bool big_;
};

// A section record within a segment.
struct SectionSpec {
    std::string segment;
    std::string name;
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    std::uint32_t offset = 0;
    std::uint32_t flags = 0;
    std::uint32_t relocation_offset = 0;
    std::uint32_t relocation_count = 0;
};

struct SegmentSpec {
    std::string name;
    std::uint64_t address = 0;
    std::uint64_t memory_size = 0;
    std::uint64_t offset = 0;
    std::uint64_t file_size = 0;
    std::uint32_t protection = 5;
    std::vector<SectionSpec> sections{};
};

// One image. The load commands are laid out in the order they were added; build() fills ncmds and sizeofcmds and pads the file.
class MachoBuilder {
public:
    explicit MachoBuilder(bool is_wide = true, bool is_big = false) : wide(is_wide), big(is_big), cpu_type(is_wide ? 0x01000007 : 7) {}

    MachoBuilder& command(std::uint32_t type, const ByteWriter& payload);   // cmd and cmdsize are put before it, padding after it
    MachoBuilder& segment(const SegmentSpec& spec);
    MachoBuilder& dylib(std::uint32_t type, std::string_view name, std::uint32_t current, std::uint32_t compatibility);
    MachoBuilder& path(std::uint32_t type, std::string_view text);          // LC_RPATH, LC_LOAD_DYLINKER and the like
    MachoBuilder& data(std::uint32_t type, std::uint32_t offset, std::uint32_t size);   // linkedit_data_command
    MachoBuilder& uuid();
    MachoBuilder& put(std::size_t offset, const ByteWriter& bytes);         // file content

    [[nodiscard]] ByteWriter writer() const { return ByteWriter(big); }
    [[nodiscard]] std::size_t next_command_offset() const { return (wide ? 32 : 28) + commands_.size(); }
    [[nodiscard]] std::vector<std::byte> build() const;

    bool wide;
    bool big;
    std::uint32_t cpu_type;
    std::uint32_t cpu_subtype = 3;
    std::uint32_t file_type = 6;     // MH_DYLIB
    std::uint32_t flags = 0x85;      // MH_NOUNDEFS | MH_DYLDLINK | MH_TWOLEVEL
    std::size_t file_size = 0;       // bytes at least

private:
    struct Piece {
        std::size_t offset;
        std::vector<std::byte> bytes;
    };

    ByteWriter commands_;
    std::uint32_t count_ = 0;
    std::vector<Piece> pieces_;
};

struct FatSpec {
    std::uint32_t cpu_type;
    std::uint32_t cpu_subtype;
    std::uint64_t offset;
    std::uint64_t size;
    std::uint32_t align = 12;
};

// A fat header (0xcafebabe, or 0xcafebabf when `wide`) and its records; no slices.
[[nodiscard]] ByteWriter fat_header(const std::vector<FatSpec>& slices, bool wide = false);

}  // namespace abiscope::test
