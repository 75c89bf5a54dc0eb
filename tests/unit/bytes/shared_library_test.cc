#include "bytes/shared_library.h"

#include <gtest/gtest.h>

namespace abiscope {
namespace {

TEST(SharedLibrary, ThatIsNotThereIsAnErrorWithTheReason) {
    auto library = SharedLibrary::open("libabiscope-no-such-library.so.1");
    ASSERT_FALSE(library);
    EXPECT_EQ(library.error().code, ErrorCode::unsupported);
    EXPECT_EQ(library.error().file, "libabiscope-no-such-library.so.1");
    EXPECT_FALSE(library.error().had.empty());
}

TEST(SharedLibrary, GivesWhatItHasAndNothingElse) {
    auto library = SharedLibrary::open("libz.so.1");
    ASSERT_TRUE(library) << library.error().describe();
    const char* (*version)() = nullptr;
    ASSERT_TRUE(library->bind(version, "zlibVersion"));
    EXPECT_EQ(*version(), '1');
    void (*absent)() = +[] {};
    EXPECT_FALSE(library->bind(absent, "no_such_function"));
    EXPECT_EQ(absent, nullptr);
}

}  // namespace
}  // namespace abiscope
