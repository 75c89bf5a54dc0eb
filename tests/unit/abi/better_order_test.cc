#include "abi/better_order.h"

#include <gtest/gtest.h>

#include "abi/profile_catalogue.h"
#include "support/type_text.h"

namespace abiscope::abi {
namespace {

// The last type of the text, reordered under `profile`.
BetterOrder order_of(std::string_view text, std::string_view profile) {
    test::TypeText types(text);
    TypeId id = types.named.back().second;
    auto found = find_profile(profile);
    auto layout = lay_out(types.table, id, *found);
    if (!layout) {
        ADD_FAILURE() << layout.error().describe();
        return {};
    }
    BetterOrder better = better_order(types.table, id, *layout);
    if (better.fields.empty()) return better;
    // What is promised is what the engine makes of it.
    TypeTable reordered = types.table;
    Record& record = *reordered.record(id);
    std::vector<Field> fields;
    fields.reserve(better.fields.size());
    for (std::uint32_t index : better.fields) fields.push_back(record.fields[index]);
    record.fields = fields;
    auto again = lay_out(reordered, id, *found);
    EXPECT_TRUE(again && again->size == better.size) << (again ? again->size : 0) << " is not " << better.size;
    return better;
}

TEST(BetterOrder, SortsByAlignmentAndKeepsWhatIsAlike) {
    BetterOrder better = order_of("struct S c\nfield a char\nfield b long\nfield c char\nfield d long\nend", "sysv-amd64");
    EXPECT_EQ(better.fields, (std::vector<std::uint32_t>{1, 3, 0, 2}));
    EXPECT_EQ(better.saved, 8u);
    EXPECT_EQ(better.size, 24u);
}

TEST(BetterOrder, ProposesNothingThatSavesNothing) {
    EXPECT_TRUE(order_of("struct S c\nfield a char\nfield b int\nend", "sysv-amd64").fields.empty());
    EXPECT_TRUE(order_of("struct S c\nfield a char\nfield b long\nfield c char\nend", "sysv-i386").saved == 4u);
}

TEST(BetterOrder, LeavesAnOrderSomebodyReliesOn) {
    constexpr std::string_view fixed[] = {
        "struct S c packed\nfield a char\nfield b long\nfield c char\nend",
        "struct S c pack=4\nfield a char\nfield b long\nfield c char\nend",
        "struct S c\nfield a char\nfield b long\nfield c char bits=3\nend",
        "struct S c\nfield a char\nfield b long\nfield c char\nfield d flexible(int)\nend",
        "union S c\nfield a char\nfield b long\nend",
        "struct B cxx\nfield x int\nend\nstruct S cxx\nbase B\nfield a char\nfield b long\nfield c char\nend",
        "struct S cxx\nvirtual f()\nfield a char\nfield b long\nfield c char\nend",
        "struct E cxx\nend\nstruct S cxx\nfield a char\nfield e E nua\nfield b long\nfield c char\nend",
    };
    for (std::string_view text : fixed) {
        BetterOrder better = order_of(text, "sysv-amd64");
        EXPECT_TRUE(better.fields.empty()) << text;
        EXPECT_FALSE(better.fixed_because.empty()) << text;
    }
}

TEST(BetterOrder, PutsWhatHasNoSizeFirstInGo) {
    BetterOrder better = order_of("struct Z go\nend\nstruct S go\nfield a int64\nfield z Z\nend", "go-amd64");
    EXPECT_EQ(better.fields, (std::vector<std::uint32_t>{1, 0}));
    EXPECT_EQ(better.saved, 8u);
}

TEST(BetterOrder, LeavesHostLayoutAlone) {
    test::TypeText types("struct S go\nfield a int8\nfield b int64\nfield c int8\nend");
    TypeId id = types.named.back().second;
    types.table.record(id)->host_layout = true;
    auto profile = find_profile("go-amd64");
    auto layout = lay_out(types.table, id, *profile);
    ASSERT_TRUE(layout);
    EXPECT_TRUE(better_order(types.table, id, *layout).fields.empty());
}

}  // namespace
}  // namespace abiscope::abi
