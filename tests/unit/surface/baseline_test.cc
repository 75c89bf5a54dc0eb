#include "surface/baseline.h"

#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "support/packed_payload.h"
#include "support/small_surface.h"

namespace abiscope::surface {
namespace {

SourcePtr source(std::vector<std::byte> bytes) { return Source::from_memory("saved.abi", std::move(bytes)); }

Surface example() {
    test::SmallSurface made;
    abi::TypeId record = made.record("point", 8, {{"x", made.integer(), 0}, {"y", made.integer(), 4}});
    made.function("draw", {made.pointer_to(record)}, made.enumeration("e", {{"A", -1}, {"B", 0x7fffffffffff}}));
    made.symbol("other", "V1", SymbolKind::object);
    made.surface.versions = {"V1"};
    made.surface.missing.damaged = {"one line"};
    abi::VirtualFunction function{.signature = "f()", .pure = true, .linkage_name = "_ZN5point1fEv", .slot = 3};
    made.surface.types.record(record)->virtual_functions.push_back(function);
    return made.surface;
}

TEST(Baseline, KeepsEverything) {
    auto bytes = write_baseline(example());
    ASSERT_TRUE(bytes);
    auto read = read_baseline(source(*bytes));
    ASSERT_TRUE(read) << read.error().describe();
    // What was read gives the same bytes, so nothing that is written was lost.
    EXPECT_EQ(*bytes, *write_baseline(*read));
    EXPECT_EQ(read->symbols.size(), 2U);
    EXPECT_EQ(read->symbols[1].version, "V1");
    EXPECT_EQ(read->functions[0].parameters.size(), 1U);
    const abi::Record* record = nullptr;
    for (std::uint32_t i = 0; i < read->types.size(); ++i) {
        if (const abi::Record* found = read->types.record(static_cast<abi::TypeId>(i))) record = found;
        if (const abi::Enumeration* found = read->types.enumeration(static_cast<abi::TypeId>(i))) {
            EXPECT_EQ(found->enumerators[0].value, -1);
            EXPECT_EQ(found->enumerators[1].value, 0x7fffffffffff);
        }
    }
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->fields[1].observed.bit_offset, 32U);
    EXPECT_EQ(record->virtual_functions[0].slot, 3U);
    EXPECT_EQ(record->virtual_functions[0].linkage_name, "_ZN5point1fEv");
}

TEST(Baseline, RefusesOtherFilesAndFormats) {
    EXPECT_EQ(read_baseline(source(std::vector<std::byte>(100))).error().code, ErrorCode::bad_magic);
    std::vector<std::byte> bytes = *write_baseline(example());
    bytes[16] = std::byte{9};
    Error error = read_baseline(source(bytes)).error();
    EXPECT_EQ(error.code, ErrorCode::unsupported);
    EXPECT_EQ(error.file, "saved.abi");
    EXPECT_EQ(error.offset, 16U);
}

TEST(Baseline, EveryCutIsAnErrorWithItsFile) {
    std::vector<std::byte> bytes = *write_baseline(example());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        auto read = read_baseline(source({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}));
        ASSERT_FALSE(read) << size;
        EXPECT_EQ(read.error().file, "saved.abi");
    }
}

TEST(Baseline, ACountThatDoesNotFitIsRefused) {
    std::vector<std::uint8_t> texts{0xff, 0xff, 0xff, 0x7f};
    auto read = read_baseline(source(test::packed("abiscope-surface", 3, texts)));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::bad_value);
    EXPECT_EQ(read.error().file, "saved.abi");
}

TEST(Baseline, RandomPayloadsEnd) {
    std::mt19937 dice(7);
    for (int round = 0; round < 3000; ++round) {
        std::vector<std::uint8_t> payload(dice() % 200);
        for (std::uint8_t& byte : payload) byte = static_cast<std::uint8_t>(dice() % 3 == 0 ? dice() : dice() % 4);
        static_cast<void>(read_baseline(source(test::packed("abiscope-surface", 3, payload))));
    }
}

}  // namespace
}  // namespace abiscope::surface
