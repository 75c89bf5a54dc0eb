#include "abi/profile_catalogue.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace abiscope::abi {
namespace {

TEST(ProfileCatalogue, EveryProfileCanBeRead) {
    auto names = profile_names();
    ASSERT_GT(names.size(), 300U);
    for (const std::string& name : names) {
        auto profile = find_profile(name);
        ASSERT_TRUE(profile) << profile.error().describe();
        EXPECT_EQ(profile->name, name);
        EXPECT_EQ(profile->scalar(Scalar::int_).size, 4U) << name;
        EXPECT_EQ(profile->scalar(Scalar::double_).size, 8U) << name;
        EXPECT_EQ(profile->scalar(Scalar::unsigned_word).size, profile->pointer) << name;
        for (const char* figure : {"int", "double", "pointer", "class_abi", "convention"})
            EXPECT_FALSE(profile->source(figure).empty()) << name << ' ' << figure;
    }
}

TEST(ProfileCatalogue, HoldsEveryAbi) {
    EXPECT_THAT(abi_names(),
                testing::IsSupersetOf({"sysv-amd64", "win64-msvc", "win64-mingw", "sysv-i386", "win32-msvc", "win32-mingw", "aapcs64",
                                       "apple-arm64", "win-arm64", "aapcs32", "aapcs32-base", "lp64d-riscv64", "go0-amd64", "go-amd64",
                                       "go0-386", "go-arm64", "go-riscv64", "go-ppc64le", "go-s390x"}));
}

TEST(ProfileCatalogue, NamesTheDefaultCompilerItUsed) {
    EXPECT_EQ(find_profile("sysv-amd64")->name, "sysv-amd64/gcc-12");
    EXPECT_EQ(find_profile("win64-msvc")->name, "win64-msvc/clang-19");
    EXPECT_EQ(find_profile("sysv-amd64/gcc-12/c++20")->cxx_standard, 20U);
    EXPECT_EQ(find_profile("sysv-amd64/c++20")->name, "sysv-amd64/gcc-12/c++20");
}

TEST(ProfileCatalogue, SuggestsWhatWasMeant) {
    auto none = find_profile("sysv-amd46");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::bad_usage);
    EXPECT_EQ(none.error().wanted, "sysv-amd64");
    EXPECT_FALSE(find_profile(""));
    EXPECT_FALSE(find_profile("sysv-amd64/gcc-12/c++2"));
    EXPECT_FALSE(find_profile("go-amd64/c++20"));
}

TEST(ProfileCatalogue, ScalarsDifferWhereTheAbisDo) {
    EXPECT_EQ(find_profile("win64-msvc")->scalar(Scalar::long_).size, 4U);
    EXPECT_EQ(find_profile("win64-msvc")->scalar(Scalar::wide_character).size, 2U);
    EXPECT_EQ(find_profile("win64-mingw")->scalar(Scalar::long_double).size, 16U);
    EXPECT_EQ(find_profile("win64-msvc")->scalar(Scalar::long_double).size, 8U);
    auto i386 = find_profile("sysv-i386");
    EXPECT_EQ(i386->scalar(Scalar::double_).alignment, 8U);
    EXPECT_EQ(i386->scalar(Scalar::double_).in_record, 4U);
    EXPECT_EQ(i386->scalar(Scalar::int128).size, 0U);
    EXPECT_FALSE(find_profile("aapcs64")->char_is_signed);
    EXPECT_TRUE(find_profile("apple-arm64")->char_is_signed);
    EXPECT_FALSE(find_profile("win64-msvc/msvc-19")->layout.empty_struct_size);
}

TEST(ProfileCatalogue, GoUsesRegistersFromTheReleaseOnThatBroughtThem) {
    EXPECT_EQ(find_profile("go-amd64/go1.16")->convention, Convention::go_stack);
    EXPECT_EQ(find_profile("go-amd64/go1.17")->convention, Convention::go_register);
    EXPECT_EQ(find_profile("go0-amd64/go1.26")->convention, Convention::go_stack);
    EXPECT_EQ(find_profile("go-386/go1.26")->convention, Convention::go_stack);
    EXPECT_EQ(find_profile("go-s390x/go1.25")->convention, Convention::go_stack);
    EXPECT_EQ(find_profile("go-s390x/go1.26")->convention, Convention::go_register);
    EXPECT_EQ(find_profile("go-386")->scalar(Scalar::long_long).in_record, 4U);
    EXPECT_EQ(find_profile("go-amd64/go1.20")->version, 120U);
}

}  // namespace
}  // namespace abiscope::abi
