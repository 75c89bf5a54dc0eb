#include "support/memory_file_system.h"

#include <gtest/gtest.h>

namespace abiscope::testing {
namespace {

constexpr target::Credentials root{0, 0};
constexpr target::Credentials user{1000, 1000};

TEST(MemoryFileSystem, FollowsLinksAndChecksDirectories) {
    MemoryFileSystem files;
    files.add_file("/usr/lib/libc.so", "bytes");
    files.add_link("/lib", "usr/lib");
    files.add_link("/loop", "/loop");
    files.add_file("/secret/x", "", 0644);
    files.add_directory("/secret", 0700);

    EXPECT_EQ(files.status("/lib/libc.so", user)->size, 5U);
    EXPECT_EQ(*files.real_path("/lib/../lib/./libc.so"), "/usr/lib/libc.so");
    EXPECT_EQ(files.status("/loop/x", user).error(), ELOOP);
    EXPECT_EQ(files.status("/lib/libc.so/x", user).error(), ENOTDIR);
    EXPECT_EQ(files.status("/lib/libc.so/", user).error(), ENOTDIR);
    EXPECT_EQ(files.status("/none", user).error(), ENOENT);
    EXPECT_EQ(files.status("/secret/x", user).error(), EACCES);
    EXPECT_TRUE(files.status("/secret/x", root));
    EXPECT_EQ(files.status("/" + std::string(300, 'a'), user).error(), ENAMETOOLONG);
    EXPECT_EQ(files.list("/usr"), std::vector<std::string>{"lib"});
    EXPECT_EQ(files.open("/lib", user).error(), EISDIR);
}

}  // namespace
}  // namespace abiscope::testing
