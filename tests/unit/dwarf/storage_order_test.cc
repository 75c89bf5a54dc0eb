#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "unit/dwarf/made_units.h"

namespace abiscope::made_units {
namespace {

// GCC puts scalar_storage_order on a base type of its own, which differs from the usual one in nothing else.
TEST(DwarfReader, TellsStorageOrdersApart) {
    enum : unsigned { ordered = indirect + 1 };
    for (bool big_endian : {false, true}) {
        DwarfBytes abbreviations;
        abbreviation(abbreviations, ordered, 0x24, false, {{0x03, 0x08}, {0x0b, 0x0b}, {0x3e, 0x0b}, {0x65, 0x0b}});   // endianity data1
        abbreviations.append(table());
        DwarfBytes entries;
        entries.big_endian = big_endian;
        with_int(entries);
        auto with_order = [&](std::string_view name, std::uint8_t size, std::uint8_t order) {
            std::uint32_t at = first + static_cast<std::uint32_t>(entries.size());
            entries.leb(ordered).text(name).u8(size).u8(5).u8(order);
            return at;
        };
        std::uint32_t big = with_order("int", 4, 1), little = with_order("int", 4, 2), byte = with_order("char", 1, 1);
        entries.leb(structure).text("s").u8(13);
        for (std::uint32_t type : {children, big, little, byte}) entries.leb(member).text("a").u32(type).u8(0);
        entries.u8(0).u8(0);
        Program program(unit4(entries), abbreviations, big_endian);
        const abi::Record* record = program.record("s");
        ASSERT_NE(record, nullptr);
        std::string orders;
        for (const abi::Field& field : record->fields) orders += std::string(to_string(program.built.storage_order(field.type))) + " ";
        EXPECT_EQ(orders, big_endian ? "native native little native " : "native big native native ");
    }
}

}  // namespace
}  // namespace abiscope::made_units
