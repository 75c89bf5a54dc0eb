#include "elf/symbols.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace abiscope::elf {
namespace {

View view_of(std::string_view text) { return {std::as_bytes(std::span(text)), 0}; }

// st_name in a little-endian Elf64_Sym, whose other fields do not matter here.
std::string record(std::uint32_t name) {
    std::string out(24, '\0');
    for (unsigned i = 0; i < 4; ++i) out[i] = static_cast<char>(name >> (8 * i));
    return out;
}

TEST(Symbols, ANameIsComparedAsItIsRead) {
    // The last string has no end.
    const std::string strings("\0abc\0bc\0open", 12);
    const std::array<std::uint32_t, 8> offsets{0, 1, 2, 4, 5, 8, 12, 0xffffffff};
    std::string records;
    for (std::uint32_t offset : offsets) records += record(offset);
    SymbolTable table(view_of(records), view_of(strings), {.wide = true, .order = Endian::little});
    ASSERT_EQ(table.size(), offsets.size());
    EXPECT_EQ(table.name_at(1), "abc");
    EXPECT_EQ(table.name_at(5), "");
    // Also one index beyond the table, and names that begin or end others.
    for (std::uint64_t i = 0; i <= table.size(); ++i) {
        for (std::string_view text : {"", "a", "ab", "abc", "abcd", "bc", "c", "ope", "open"}) {
            EXPECT_EQ(table.is_named(i, text), table.name_at(i) == text) << i << " " << text;
        }
        EXPECT_EQ(table.unnamed_at(i).name, "");
    }
}

}  // namespace
}  // namespace abiscope::elf
