#include "diff/undescribed.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/small_surface.h"

namespace abiscope::diff {
namespace {

using test::SmallSurface;

struct Declared {
    std::string name = "ns::Listener";
    abi::Language language = abi::Language::cxx;
    bool by_cxx = true;
    std::vector<std::string> undefined = {};
    std::string alias = {};
};

Undescribed found(const Declared& what) {
    SmallSurface out;
    abi::TypeId id = out.declared(what.name);
    out.surface.types.at(id).language = what.language;
    out.surface.undefined = what.undefined;
    if (!what.alias.empty()) out.surface.types.add(abi::Type{.kind = abi::Kind::alias, .name = what.alias, .target = id});
    return UndescribedTypes(out.surface, out.surface).of({id, id, {}}, what.by_cxx);
}

TEST(Undescribed, AClassOfCxxMayBeLeftOut) {
    EXPECT_EQ(found({}), Undescribed::unknown);
    EXPECT_EQ(found({.alias = "ns::Base"}), Undescribed::unknown);
    EXPECT_EQ(found({.undefined = {"_ZN2ns9ListenersC1Ev", "_ZTIN2ns5OtherE"}}), Undescribed::unknown);
}

TEST(Undescribed, OpaqueAsInC) {
    EXPECT_EQ(found({.language = abi::Language::c}), Undescribed::opaque);
    EXPECT_EQ(found({.by_cxx = false}), Undescribed::opaque);
    EXPECT_EQ(found({.name = "_handle", .alias = "handle"}), Undescribed::opaque);
}

TEST(Undescribed, AnotherLibraryDescribesItsOwn) {
    EXPECT_EQ(found({.name = "std::basic_ostream<char>"}), Undescribed::of_others);
    EXPECT_EQ(found({.name = "std::map<int, std::array<unsigned long, 8UL>, std::hash<int, false> >::node"}), Undescribed::of_others);
    EXPECT_EQ(found({.name = "std::map<int, ns::P>"}), Undescribed::unknown);
    EXPECT_EQ(found({.undefined = {"_ZNK2ns8Listener1xEv"}}), Undescribed::of_others);
    EXPECT_EQ(found({.undefined = {"_ZTIN2ns8ListenerE"}}), Undescribed::of_others);
    EXPECT_EQ(found({.name = "Widget", .undefined = {"_ZTV6Widget@V1"}}), Undescribed::of_others);
}

}  // namespace
}  // namespace abiscope::diff
