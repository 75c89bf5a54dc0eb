#include "source/go_source.h"

#include <gtest/gtest.h>

#include "abi/layout.h"
#include "abi/profile_catalogue.h"
#include "abi/type_name.h"
#include "source/go_constraint.h"

namespace abiscope::source {
namespace {

std::shared_ptr<const Declarations> read(std::string text, const char* profile = "go-amd64") {
    GoSource source({{"-e", std::move(text)}}, {});
    auto found = source.declarations(*abi::find_profile(profile));
    if (!found) ADD_FAILURE() << found.error().describe();
    return found ? *found : std::make_shared<const Declarations>();
}

// "name offset, ..." of the record of that name, and its size.
std::string layout_of(const Declarations& from, std::string_view name, const char* profile = "go-amd64") {
    for (abi::TypeId id : from.roots) {
        if (from.types.at(id).name != name) continue;
        auto layout = abi::lay_out(from.types, id, *abi::find_profile(profile));
        if (!layout) return layout.error().what;
        std::string out;
        for (const abi::Placed& placed : layout->placed) out += placed.name + " " + std::to_string(placed.bit_offset / 8) + ", ";
        return out + std::to_string(layout->size);
    }
    return "not there";
}

TEST(GoSource, ReadsEveryKindOfField) {
    auto found = read(R"(
type T struct {
	a, b int8 `json:"a,b"`
	*U
	sync.Mutex
	c []string; d map[string]int
	e func(int, ...string) (n int, err error)
	f [2 * N]struct { x, y int16 }
	g chan<- bool
	h interface { M(); N() }
	U2[int8]
}
type U struct { t *T }
type U2[P any] struct { p P; q int32 }
const N = 1 << 1
)");
    EXPECT_EQ(layout_of(*found, "T"), "a 0, b 1, U 8, Mutex 16, c 24, d 48, e 56, f 64, g 80, h 88, U2 104, 112");
    EXPECT_EQ(layout_of(*found, "T", "go-386"), "a 0, b 1, U 4, Mutex 8, c 16, d 28, e 32, f 36, g 52, h 56, U2 64, 72");
    ASSERT_EQ(found->roots.size(), 2u) << "a generic type has no layout";
}

TEST(GoSource, ComputesLengths) {
    auto found = read(R"(
const ( A = iota + 1; B; C = 1 << (10 * iota) >> 18; D )
const word = 32 << (^uint(0) >> 63)
const big = 0x_10 + 0b11 + 0o7 - 07 + 1_0
type T struct { a [A]byte; b [B]byte; c [C]byte; e [word / 8]byte; f [big]byte; g [-7 / -2 % 2 | 4 &^ 1]byte; h [uint8(255+2)]byte; end byte }
)");
    EXPECT_EQ(layout_of(*found, "T"), "a 0, b 1, c 3, e 7, f 15, g 44, h 49, end 50, 51");
}

TEST(GoSource, RefusesOnlyTheTypeItCannotResolve) {
    auto found = read(
        "type A struct { x other.Thing }\ntype B struct { a [len(s)]int }\ntype C struct { p *Nowhere; a int8 }\ntype L struct { a [X]int }\nconst X = Y\nconst Y = X");
    EXPECT_NE(layout_of(*found, "A").find("other.Thing"), std::string::npos);
    EXPECT_NE(layout_of(*found, "B").find("no constant"), std::string::npos);
    EXPECT_EQ(layout_of(*found, "C"), "p 0, a 8, 16");
    EXPECT_NE(layout_of(*found, "L").find("no constant"), std::string::npos);
}

TEST(GoSource, ReadsSignatures) {
    auto found = read(
        "type T struct { a int }\nfunc (t *T) F(a, b int, s string, rest ...float64) (n int, err error) { if a < b { return }\n return }\nfunc g(int, T) T\n"
        "func h(a func(x int) bool, m map[string]int, c [2]T)\nfunc k[P any](p P) {}");
    ASSERT_EQ(found->functions.size(), 3u);
    const abi::Signature& method = found->functions[0];
    EXPECT_EQ(method.name, "T.F");
    ASSERT_TRUE(method.receiver);
    EXPECT_EQ(abi::declaration(found->types, *method.receiver, {}), "*T");
    ASSERT_EQ(method.parameters.size(), 4u);
    EXPECT_EQ(method.parameters[1].name, "b");
    EXPECT_EQ(abi::declaration(found->types, method.parameters[3].type, "rest"), "rest []float64");
    ASSERT_EQ(method.results.size(), 2u);
    EXPECT_EQ(method.results[1].name, "err");
    EXPECT_EQ(found->functions[1].parameters.size(), 2u);
    EXPECT_EQ(found->functions[1].parameters[0].name, "");
    EXPECT_EQ(found->functions[2].parameters[2].name, "c");
    ASSERT_EQ(found->refused.size(), 1u);
    EXPECT_EQ(found->refused[0].first, "k");
}

TEST(GoSource, AlignsAtomicsAndMarksHostLayout) {
    auto found = read("type T struct { a int32; b atomic.Int64 }\ntype H struct { _ structs.HostLayout; a int8; b int64 }");
    EXPECT_EQ(layout_of(*found, "T", "go-386"), "a 0, b 8, 16");
    EXPECT_TRUE(found->types.record(found->roots[1])->host_layout);
}

TEST(GoSource, ReadsOnlyWhatIsBuilt) {
    GoSource windows({{"a.go", "//go:build windows\n\npackage p\ntype T struct{}"}}, {});
    EXPECT_EQ(windows.declarations(*abi::find_profile("go-amd64")).error().code, ErrorCode::not_found);
    GoSource package({{"a.go", "package p\ntype T struct { u U }"},
                      {"b_386.go", "package p\ntype U int32"},
                      {"b_amd64.go", "package p\ntype U int64"},
                      {"c.go", "package q\ntype U int8"},
                      {"d.go", "this is no Go"}},
                     {});
    EXPECT_EQ(layout_of(**package.declarations(*abi::find_profile("go-amd64")), "T"), "u 0, 8");
    EXPECT_EQ(layout_of(**package.declarations(*abi::find_profile("go-386")), "T", "go-386"), "u 0, 4");
}

TEST(GoSource, SaysWhichLineIsNoGo) {
    for (const char* text : {"type T struct {\n a [\n", "\nfunc ()", "\ntype T struct { a b c }", "\nx := 1", "\ntype T map[int"}) {
        GoSource source({{"-e", text}}, {});
        auto found = source.declarations(*abi::find_profile("go-amd64"));
        ASSERT_FALSE(found) << text;
        EXPECT_EQ(found.error().code, ErrorCode::bad_value);
        EXPECT_NE(found.error().what.find("line "), std::string::npos) << found.error().what;
    }
}

TEST(GoSource, TypesWithoutEndEnd) {
    auto found = read("type T[P any] struct { a *T[T[P]]; b P }\ntype U struct { t T[int] }\ntype V struct { v V }\ntype W W");
    EXPECT_EQ(found->roots.size(), 2u);
    EXPECT_NE(layout_of(*found, "V").find("holds itself"), std::string::npos);
}

TEST(GoSource, SaysWhyAStructKeepsItsOrder) {
    GoSource package({{"a.go",
                       "package p\ntype A = struct { a bool; b int64; c bool }\n"
                       "type T struct { x bool; y int64 }\ntype U struct { x bool; y int64 }\nvar u = U(t)\n"
                       "type V struct { z bool; y int64 }\nvar v = V(w)"},
                      {"b.go", "package p\ntype W struct { z bool; y int64 }"}},
                     {});
    auto found = package.declarations(*abi::find_profile("go-amd64"));
    ASSERT_TRUE(found);
    auto text = [&](std::string_view name) {
        for (const RecordText& one : (*found)->texts) {
            if ((*found)->types.at(one.type).name == name) return one;
        }
        return RecordText{};
    };
    EXPECT_EQ(text("A").fixed_because, "it is an alias of a struct without a name: all with the same members are one type");
    EXPECT_EQ(text("T").fixed_because, "");
    EXPECT_EQ(text("T").alike, std::vector{text("U").type});
    EXPECT_EQ(text("U").alike, std::vector{text("T").type});
    EXPECT_EQ(text("V").fixed_because, "a.go:7 converts between it and W, which another file declares");
}

TEST(GoConstraint, FollowsTheGoCommand) {
    GoBuild build{.os = "linux", .architecture = "amd64", .version = 119, .tags = {"mine"}};
    for (const char* holds : {"linux", "linux && amd64", "!windows", "unix", "go1.19", "gc", "mine || other", "(linux || darwin) && !arm64",
                              "!(windows && amd64)"})
        EXPECT_TRUE(go_constraint_holds(holds, build)) << holds;
    for (const char* not_so : {"windows", "go1.20", "other", "linux &&", "", "(linux", "linux amd64", "go1.x", "!", "cgo"})
        EXPECT_FALSE(go_constraint_holds(not_so, build)) << not_so;
    for (const char* fits :
         {"a.go", "dir_windows/a.go", "a_linux.go", "a_amd64.go", "a_linux_amd64.go", "linux.go", "windows.go", "a_b.go", "a_unix.go"})
        EXPECT_TRUE(go_file_name_fits(fits, build)) << fits;
    for (const char* not_so : {"a_windows.go", "a_arm64.go", "a_windows_amd64.go", "a_linux_arm64.go", "a_darwin_test.go"})
        EXPECT_FALSE(go_file_name_fits(not_so, build)) << not_so;
}

}  // namespace
}  // namespace abiscope::source
