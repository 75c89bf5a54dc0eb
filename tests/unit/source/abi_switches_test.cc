#include "source/abi_switches.h"
#include "source/program_conventions.h"

#include <gtest/gtest.h>

#include "abi/profile_catalogue.h"

namespace abiscope::source {
namespace {

bool accepted(const std::vector<std::string>& flags, const char* profile) {
    return !switch_against_layouts(flags, *abi::find_profile(profile)).has_value();
}

TEST(AbiSwitches, ThatMakeAnotherAbiAreRefusedByName) {
    EXPECT_FALSE(accepted({"-O2", "-m32"}, "sysv-amd64"));
    EXPECT_TRUE(accepted({"-O2", "-m64"}, "sysv-amd64"));
    EXPECT_TRUE(accepted({"-m32"}, "sysv-i386"));
    EXPECT_FALSE(accepted({"-malign-double"}, "sysv-i386"));
    EXPECT_TRUE(accepted({"-malign-double"}, "sysv-amd64/gcc-12"));
    EXPECT_FALSE(accepted({"-malign-double"}, "sysv-amd64/clang-19"));
    EXPECT_FALSE(accepted({"-mlong-double-64"}, "sysv-amd64"));
    EXPECT_TRUE(accepted({"-mlong-double-80"}, "sysv-amd64"));
    EXPECT_TRUE(accepted({"-fshort-enums", "-fpack-struct=2", "-march=haswell", "-mregparm=3", "-mno-sse"}, "sysv-amd64"));
    auto why = switch_against_layouts({"-mx32"}, *abi::find_profile("sysv-amd64/gcc-12"));
    ASSERT_TRUE(why);
    EXPECT_NE(why->find("-mx32 asks for another ABI than sysv-amd64/gcc-12"), std::string::npos);
}

TEST(AbiSwitches, ThatChangeCallsRefuseTheFunctionsTheyChange) {
    auto refused = [](const std::vector<std::string>& flags, const char* profile) {
        Declarations declarations;
        abi::TypeId integer = declarations.types.add(abi::Type{.kind = abi::Kind::scalar, .scalar = abi::Scalar::int_, .name = "int"});
        abi::TypeId real = declarations.types.add(abi::Type{.kind = abi::Kind::scalar, .scalar = abi::Scalar::double_, .name = "double"});
        abi::Record record;
        record.fields.push_back({.name = "a", .type = integer});
        record.fields.push_back({.name = "b", .type = real});
        abi::TypeId pair = declarations.types.add(abi::Type{.kind = abi::Kind::record, .name = "pair"}, record);
        abi::TypeId pointer = declarations.types.add(abi::Type{.kind = abi::Kind::pointer, .target = pair});
        declarations.functions = {{.name = "of_int", .parameters = {{.name = "x", .type = integer}}},
                                  {.name = "of_pair", .parameters = {{.name = "x", .type = pair}}},
                                  {.name = "of_pointer", .parameters = {{.name = "x", .type = pointer}}}};
        refuse_changed_calls(flags, *abi::find_profile(profile), declarations);
        std::string names;
        for (const auto& [name, why] : declarations.refused) names += name + " ";
        return names;
    };
    EXPECT_EQ(refused({"-mno-sse"}, "sysv-amd64"), "of_pair ");
    EXPECT_EQ(refused({"-mregparm=3"}, "sysv-i386"), "of_int of_pair of_pointer ");
    EXPECT_EQ(refused({"-mregparm=0"}, "sysv-i386"), "");
    EXPECT_EQ(refused({"-mfloat-abi=hard"}, "aapcs32"), "");
    EXPECT_EQ(refused({"-mfloat-abi=softfp"}, "aapcs32"), "of_pair ");
    EXPECT_EQ(refused({"-mfloat-abi=softfp"}, "aapcs32-base"), "");
    EXPECT_EQ(refused({"-mfloat-abi=hard"}, "aapcs32-base"), "of_pair ");
}

TEST(AbiSwitches, ThatAProgramRecordsRefuseTheFunctionsTheyChange) {
    abi::TypeTable types;
    abi::TypeId integer = types.add(abi::Type{.kind = abi::Kind::scalar, .scalar = abi::Scalar::int_, .name = "int"});
    abi::TypeId real = types.add(abi::Type{.kind = abi::Kind::scalar, .scalar = abi::Scalar::double_, .name = "double"});
    abi::TypeId wide = types.add(abi::Type{.kind = abi::Kind::scalar, .scalar = abi::Scalar::long_double, .name = "long double"});
    auto refused = [&](const std::string& switches, const char* profile, abi::TypeId type) {
        UnitCalls unit = read_unit_calls("GNU C17 12.2.0 " + switches + " -g", profile);
        return switch_against_call(unit, types, {.name = "f", .parameters = {{"p", type}}});
    };
    EXPECT_EQ(refused("-mlong-double-128", "sysv-amd64/gcc-12", wide),
              "its unit was compiled with -mlong-double-128, which changes long double");
    EXPECT_EQ(refused("-mlong-double-128", "sysv-amd64/gcc-12", real), "");
    EXPECT_EQ(refused("-m80 -mlong-double-80", "sysv-amd64/gcc-12", wide), "");
    for (const char* one : {"-msoft-float", "-mno-80387", "-mno-fp-ret-in-387"}) {
        EXPECT_NE(refused(one, "sysv-i386/gcc-12", real), "") << one;
        EXPECT_EQ(refused(one, "sysv-i386/gcc-12", integer), "") << one;
    }
    EXPECT_EQ(refused("-m64 -mno-sse -mno-mmx -mpreferred-stack-boundary=3 -malign-double", "sysv-amd64/gcc-12", integer), "");
    EXPECT_NE(refused("-m64 -mno-sse", "sysv-amd64/gcc-12", real), "");
    EXPECT_EQ(refused("-m32 -march=i686", "sysv-i386/gcc-12", real), "");
    EXPECT_EQ(refused("-mfloat-abi=hard -mtls-dialect=gnu -marm", "aapcs32/gcc-12", real), "");
    EXPECT_EQ(refused("-mabi=lp64 --target=aarch64-linux-gnu", "aapcs64/gcc-12", real), "");
}

TEST(AbiSwitches, ThatClangNeedNotSeeAreKeptFromIt) {
    EXPECT_EQ(switches_for_clang({"-DX", "-mabi=sysv", "-mregparm=3", "-mno-sse"}, *abi::find_profile("sysv-amd64")),
              (std::vector<std::string>{"-DX", "-mno-sse"}));
}

}  // namespace
}  // namespace abiscope::source
