// The dynamic section (gABI chapter 5), read the way a dynamic loader reads it: through PT_DYNAMIC and addresses, never through
// section headers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bytes/view.h"
#include "elf/segments.h"

namespace abiscope::elf {

class Image;

struct DynamicEntry {
    std::uint64_t tag = 0;
    std::uint64_t value = 0;
};

// A string of the dynamic string table, and where it lies.
struct DynamicString {
    std::string_view text;
    std::uint64_t entry = 0;        // index into Dynamic::entries
    std::uint64_t file_offset = 0;  // of the text, on disk
};

struct Dynamic {
    std::vector<DynamicEntry> entries;      // up to DT_NULL, which is not kept
    std::uint64_t file_offset = 0;          // of entry 0, on disk
    std::uint64_t entry_size = 16;          // bytes
    bool terminated = true;                 // a DT_NULL was found before the segment ended
    View strings;                           // the string table as far as the file holds it; empty when it is not to be found

    void add(DynamicEntry entry);           // to the end

    // The *last* entry of a tag wins, as in glibc's and musl's own tables.
    [[nodiscard]] std::optional<std::uint64_t> value(std::uint64_t tag) const;
    [[nodiscard]] bool has(std::uint64_t tag) const { return value(tag).has_value(); }
    [[nodiscard]] std::uint64_t flags() const;      // DT_FLAGS, with DT_SYMBOLIC, DT_TEXTREL and DT_BIND_NOW folded in
    [[nodiscard]] std::uint64_t flags_1() const;    // DT_FLAGS_1

    // The string of the last entry of that tag (DT_SONAME, DT_RPATH, DT_RUNPATH); nothing when absent or not a string.
    [[nodiscard]] std::optional<DynamicString> string(std::uint64_t tag) const;
    [[nodiscard]] std::vector<DynamicString> strings_of(std::uint64_t tag) const;   // DT_NEEDED, in order, up to Limits::libraries

    // "elf/dynamic[7].d_val" and its place on disk.
    [[nodiscard]] std::uint64_t value_offset(std::uint64_t index) const { return file_offset + index * entry_size + entry_size / 2; }

private:
    // How many entries there were when the last one of each of the gABI's tags had been added; 0: there is none.
    static constexpr std::uint64_t common_tags = 40;
    std::array<std::uint64_t, common_tags> last_{};
};

// Nothing when the file has no PT_DYNAMIC with bytes in the file. Total: stops at DT_NULL, at the end of the segment or of the file.
[[nodiscard]] std::optional<Dynamic> read_dynamic(const Image& image);

}  // namespace abiscope::elf
