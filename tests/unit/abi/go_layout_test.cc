// What Go's collector and allocator make of a type. tests/differential/abi_go_layouts.py asks the toolchains themselves about thousands
// more.
#include "abi/go_layout.h"

#include <string>

#include <gtest/gtest.h>

#include "abi/layout.h"
#include "abi/profile_catalogue.h"
#include "support/type_text.h"

namespace abiscope::abi {
namespace {

std::string mask(const char* profile, const char* fields) {
    test::TypeText text(std::string("struct s go\n") + fields + "end");
    auto pointers = go_pointers(text.table, text.named.back().second, *find_profile(profile));
    if (!pointers) return pointers.error().describe();
    std::string out = std::to_string(pointers->bytes) + " ";
    for (bool is_pointer : pointers->mask) out += is_pointer ? '1' : '0';
    return out;
}

// slot + header, objects per span
std::string heap(const char* profile, std::uint64_t size, bool has_pointers) {
    GoAllocation found = go_allocation(size, has_pointers, *find_profile(profile));
    std::string header = found.header != 0 ? "+" + std::to_string(found.header) : "";
    return std::to_string(found.size_class) + header + (found.tiny ? " tiny, " : ", ") + std::to_string(found.objects_per_span);
}

}  // namespace

TEST(GoPointers, OnlyTheWordsTheCollectorFollows) {
    constexpr const char* all =
        "field a bool\nfield b interface\nfield c interface\nfield d string\nfield e slice\nfield f map\nfield g func\nfield h chan\nfield i uintptr\n";
    EXPECT_EQ(mask("go-amd64/go1.19", all), "104 0010110100111");
    EXPECT_EQ(mask("go-386/go1.19", all), "52 0010110100111");
    EXPECT_EQ(mask("go-amd64", "field a int\nfield b uintptr\n"), "0 ");
    EXPECT_EQ(mask("go-amd64", "field a array(3,string)\nfield b array(1000000000,int)\n"), "40 10101");
    EXPECT_EQ(mask("go-amd64", "field a array(0,ptr)\nfield b int\n"), "0 ");
}

TEST(GoPointers, AMaskWithoutEndIsAnError) {
    EXPECT_NE(mask("go-amd64", "field a array(1000000000,ptr)\n").find("million words"), std::string::npos);
}

TEST(GoAllocation, SizeClassesByRelease) {
    EXPECT_EQ(heap("go-amd64/go1.15", 24, false), "32, 256");
    EXPECT_EQ(heap("go-amd64/go1.16", 24, false), "24, 341");
    EXPECT_EQ(heap("go-amd64/go1.21", 576, true), "576, 14");
    EXPECT_EQ(heap("go-amd64/go1.22", 576, true), "640+8, 12");
    EXPECT_EQ(heap("go-amd64/go1.22", 576, false), "576, 14");
    EXPECT_EQ(heap("go-amd64/go1.24", 512, true), "512, 15");
    EXPECT_EQ(heap("go-amd64/go1.25", 16, true), "16, 504");
    EXPECT_EQ(heap("go-amd64/go1.26", 16, true), "16, 496");
    EXPECT_EQ(heap("go-amd64/go1.26", 32, false), "32, 252");
    // A word of 32 bits has a mask for 128 bytes.
    EXPECT_EQ(heap("go-386/go1.24", 128, true), "128, 62");
    EXPECT_EQ(heap("go-386/go1.24", 132, true), "144+8, 56");
}

TEST(GoAllocation, TheSmallestAndTheLargest) {
    EXPECT_EQ(heap("go-amd64", 0, false), "0, 0");
    EXPECT_EQ(heap("go-amd64", 3, false).substr(0, 8), "16 tiny,");
    EXPECT_EQ(heap("go-amd64", 8, true), "8, 1008");
    EXPECT_EQ(heap("go-amd64/go1.21", 32768, false), "32768, 1");
    EXPECT_EQ(heap("go-amd64/go1.22", 32760, true), "32768+8, 1");
    EXPECT_EQ(heap("go-amd64/go1.22", 32769, false), "40960, 1");
    EXPECT_EQ(heap("sysv-amd64", 24, true), "0, 0");
}

}  // namespace abiscope::abi
