#include "surface/crossing.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/small_surface.h"

namespace abiscope::surface {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;

std::vector<std::string> symbols(const Surface& surface, const std::string& record) {
    std::vector<std::string> out;
    auto all = crossing_records(surface).whole;
    auto at = all.find(record);
    if (at == all.end()) return {"does not cross"};
    for (std::uint32_t symbol : at->second.symbols) out.push_back(surface.symbols[symbol].name);
    if (at->second.more) out.emplace_back("more");
    return out;
}

TEST(Crossing, ByValueBehindPointersAndInsideOthers) {
    test::SmallSurface made;
    abi::TypeId inner = made.record("inner", 4, {{"a", made.integer(), 0}});
    abi::TypeId outer = made.record("outer", 8, {{"i", inner, 0}, {"b", made.integer(), 4}});
    abi::TypeId result = made.record("result", 4, {{"r", made.integer(), 0}});
    made.record("private", 4, {{"p", made.integer(), 0}});
    made.function("draw", {made.pointer_to(outer)}, result);
    EXPECT_THAT(crossing_records(made.surface).whole, ElementsAre(Key("inner"), Key("outer"), Key("result")));
    EXPECT_THAT(symbols(made.surface, "inner"), ElementsAre("draw"));
    EXPECT_THAT(symbols(made.surface, "private"), ElementsAre("does not cross"));
}

TEST(Crossing, ARecordThatPointsToItself) {
    test::SmallSurface made;
    abi::TypeId pointer = made.pointer_to(abi::TypeId::none);
    abi::TypeId node = made.record("node", 8, {{"next", pointer, 0, 8}});
    made.surface.types.at(pointer).target = node;
    made.function("first", {}, pointer);
    EXPECT_THAT(symbols(made.surface, "node"), ElementsAre("first"));
}

TEST(Crossing, KeepsTheFirstSymbolsAndSaysThatThereAreMore) {
    test::SmallSurface made;
    abi::TypeId leaf = made.record("leaf", 4, {{"a", made.integer(), 0}});
    abi::TypeId root = made.record("root", 8, {{"l", made.pointer_to(leaf), 0, 8}});
    for (const char* name : {"a", "b", "c"}) made.function(name, {root});
    EXPECT_THAT(symbols(made.surface, "leaf"), ElementsAre("a", "b", "c"));
    made.function("d", {leaf});
    EXPECT_THAT(symbols(made.surface, "leaf"), ElementsAre("a", "b", "c", "more"));
    EXPECT_THAT(symbols(made.surface, "root"), ElementsAre("a", "b", "c"));
}

TEST(Crossing, RecordsThatAreOnlyDeclared) {
    test::SmallSurface made;
    made.function("open", {made.pointer_to(made.declared("opaque"))});
    EXPECT_THAT(crossing_records(made.surface).whole, IsEmpty());
    EXPECT_THAT(crossing_records(made.surface).declared_only, ElementsAre(Key("opaque")));
    made.function("look", {made.record("opaque", 4, {{"a", made.integer(), 0}})});
    EXPECT_THAT(crossing_records(made.surface).declared_only, IsEmpty());
}

TEST(Crossing, UndescribedSymbolsAreToldUnlessCompilersMadeThem) {
    test::SmallSurface made;
    made.function("draw", {});
    made.symbol("assembled");
    made.symbol("_ZTV5point", {}, SymbolKind::object);
    made.symbol("marker", {}, SymbolKind::other);
    std::vector<std::uint32_t> found = undescribed_symbols(made.surface);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(made.surface.symbols[found[0]].name, "assembled");
}

}  // namespace
}  // namespace abiscope::surface
