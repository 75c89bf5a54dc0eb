#include <cerrno>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/memory_file_system.h"
#include "target/overlay_file_system.h"
#include "target/root_file_system.h"

namespace abiscope::target {
namespace {

constexpr Credentials root{0, 0};
constexpr Credentials somebody{1000, 1000};

std::string text_of(const SystemResult<Contents>& contents) {
    if (!contents) return "errno " + std::to_string(contents.error());
    const auto* bytes = std::get_if<SourcePtr>(&*contents);
    return bytes != nullptr ? std::string((*bytes)->view().as_text()) : "described";
}

int error_of(const SystemResult<FileStatus>& status) { return status ? 0 : status.error(); }

TEST(Walk, FollowsLinksInsideTheRootOnly) {
    MemoryFileSystem files;
    ASSERT_TRUE(files.add_file("/usr/lib/a", "a"));
    ASSERT_TRUE(files.add_link("/lib", "usr/lib"));
    ASSERT_TRUE(files.add_link("/usr/lib/absolute", "/usr/lib/a"));
    ASSERT_TRUE(files.add_link("/usr/lib/escape", "../../../../../../usr/lib/a"));
    EXPECT_EQ(text_of(files.open("/lib/absolute", root)), "a");
    EXPECT_EQ(text_of(files.open("/lib/escape", root)), "a");
    EXPECT_EQ(text_of(files.open("/../../lib/./../lib//a", root)), "a");
    EXPECT_EQ(files.real_path("/lib/escape").value(), "/usr/lib/a");
    EXPECT_EQ(files.real_path("/lib/..").value(), "/usr");
    EXPECT_EQ(files.real_path("/..").value(), "/");
}

TEST(Walk, AnswersWithTheErrorsOfLinux) {
    MemoryFileSystem files;
    ASSERT_TRUE(files.add_file("/file", "x"));
    ASSERT_TRUE(files.add_link("/loop", "loop"));
    ASSERT_TRUE(files.add_link("/nowhere", "missing/x"));
    ASSERT_TRUE(files.add_directory("/dir"));
    EXPECT_EQ(error_of(files.status("", root)), ENOENT);
    EXPECT_EQ(error_of(files.status("/missing", root)), ENOENT);
    EXPECT_EQ(error_of(files.status("/nowhere", root)), ENOENT);
    EXPECT_EQ(error_of(files.status("/file/x", root)), ENOTDIR);
    EXPECT_EQ(error_of(files.status("/file/", root)), ENOTDIR);
    EXPECT_EQ(error_of(files.status("/file/.", root)), ENOTDIR);
    EXPECT_EQ(error_of(files.status("/file/..", root)), ENOTDIR);
    EXPECT_EQ(error_of(files.status("/dir/", root)), 0);
    EXPECT_EQ(error_of(files.status("/loop", root)), ELOOP);
    EXPECT_EQ(error_of(files.status("/" + std::string(255, 'n'), root)), ENOENT);
    EXPECT_EQ(error_of(files.status("/" + std::string(256, 'n'), root)), ENAMETOOLONG);
    EXPECT_EQ(error_of(files.status("/file/" + std::string(256, 'n'), root)), ENOTDIR);
    std::string longest;
    while (longest.size() < 4095) longest += '/';
    EXPECT_EQ(error_of(files.status(longest, root)), 0);
    EXPECT_EQ(error_of(files.status(longest + "/", root)), ENAMETOOLONG);
    EXPECT_EQ(text_of(files.open("/dir", root)), "errno " + std::to_string(EISDIR));
}

TEST(Walk, AllowsFortyLinksAndNoMore) {
    MemoryFileSystem files;
    ASSERT_TRUE(files.add_file("/l0", "end"));
    for (int i = 1; i <= 41; ++i) ASSERT_TRUE(files.add_link("/l" + std::to_string(i), "l" + std::to_string(i - 1)));
    EXPECT_EQ(text_of(files.open("/l40", root)), "end");
    EXPECT_EQ(error_of(files.status("/l41", root)), ELOOP);
}

TEST(Walk, ChecksPermissions) {
    MemoryFileSystem files;
    ASSERT_TRUE(files.add_directory("/secret", {0700, 0, 0, 0}));
    ASSERT_TRUE(files.add_file("/secret/a", "a", {0644, 0, 0, 0}));
    ASSERT_TRUE(files.add_file("/unreadable", "a", {0200, 1000, 1000, 0}));
    ASSERT_TRUE(files.add_directory("/mine", {0700, 1000, 1000, 0}));
    ASSERT_TRUE(files.add_file("/mine/group", "g", {0040, 7, 1000, 0}));
    EXPECT_EQ(error_of(files.status("/secret/a", somebody)), EACCES);
    EXPECT_EQ(error_of(files.status("/secret/missing", somebody)), EACCES);
    EXPECT_EQ(error_of(files.status("/secret/..", somebody)), EACCES);
    EXPECT_EQ(error_of(files.status("/secret", somebody)), 0);
    EXPECT_EQ(text_of(files.open("/secret/a", root)), "a");
    EXPECT_EQ(text_of(files.open("/unreadable", somebody)), "errno " + std::to_string(EACCES));
    EXPECT_EQ(text_of(files.open("/unreadable", root)), "a");
    EXPECT_EQ(text_of(files.open("/mine/group", somebody)), "g");
}

TEST(Memory, ReplacesRemovesAndLists) {
    MemoryFileSystem files;
    ASSERT_TRUE(files.add_file("/a/b/c", "1"));
    ASSERT_TRUE(files.add_file("/a/b/c", "2"));
    ASSERT_TRUE(files.add_file("/a/b-x", "3"));
    ASSERT_TRUE(files.add_hard_link("/a/hard", "/a/b-x"));
    EXPECT_EQ(files.list("/a"), (std::vector<std::string>{"b", "b-x", "hard"}));
    EXPECT_EQ(text_of(files.open("/a/b/c", root)), "2");
    EXPECT_EQ(files.status("/a/hard", root)->inode, files.status("/a/b-x", root)->inode);
    files.remove("/a/b");
    EXPECT_EQ(error_of(files.status("/a/b/c", root)), ENOENT);
    EXPECT_EQ(files.list("/a"), (std::vector<std::string>{"b-x", "hard"}));
    EXPECT_EQ(files.add_file("/a/b-x/below", "no").error(), ENOTDIR);
}

TEST(Overlay, ShowsWhatWasAddedAndHidesWhatWasRemoved) {
    auto base = std::make_shared<MemoryFileSystem>();
    ASSERT_TRUE(base->add_file("/usr/lib/old", "old"));
    ASSERT_TRUE(base->add_file("/usr/lib/gone", "gone"));
    ASSERT_TRUE(base->add_link("/lib", "usr/lib"));
    ASSERT_TRUE(base->add_directory("/usr/share/deep", {0711, 5, 6, 0}));
    OverlayFileSystem files(base);
    ASSERT_TRUE(files.add_file("/lib/new", Source::from_memory("new", {std::byte{'n'}})));
    ASSERT_TRUE(files.remove("/lib/gone"));
    ASSERT_TRUE(files.add_file("/usr/share/deep/x", Source::from_memory("x", {std::byte{'x'}})));
    EXPECT_EQ(files.list("/lib"), (std::vector<std::string>{"new", "old"}));
    EXPECT_EQ(text_of(files.open("/usr/lib/new", somebody)), "n");
    EXPECT_EQ(text_of(files.open("/lib/old", somebody)), "old");
    EXPECT_EQ(error_of(files.status("/lib/gone", root)), ENOENT);
    EXPECT_EQ(files.status("/usr/share/deep", root)->mode, 0711U);
    EXPECT_EQ(files.remove("/lib/gone").error(), ENOENT);
    // A folder in the place of a link shows nothing of what the link led to.
    ASSERT_TRUE(files.remove("/lib"));
    EXPECT_EQ(error_of(files.status("/lib/old", root)), ENOENT);
    ASSERT_TRUE(files.add_file("/lib/fresh", Source::from_memory("f", {std::byte{'f'}})));
    EXPECT_EQ(files.list("/lib"), std::vector<std::string>{"fresh"});
    EXPECT_EQ(error_of(files.status("/lib/old", root)), ENOENT);
    EXPECT_EQ(text_of(files.open("/usr/lib/old", root)), "old");
    EXPECT_EQ(text_of(base->open("/lib/old", root)), "old");
}

class FolderRoot : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "abiscope-root-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = pattern;
        std::filesystem::create_directories(folder / "usr/lib");
        std::ofstream(folder / "usr/lib/a") << "inside";
        std::filesystem::create_symlink("/usr/lib", folder / "lib");
        std::filesystem::create_symlink("../../../../../../../../etc/passwd", folder / "escape");
        std::filesystem::create_symlink("/proc/self/root/etc/passwd", folder / "magic");
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    std::filesystem::path folder;
};

TEST_F(FolderRoot, NeverLeadsOut) {
    auto files = RootFileSystem::open_root(folder);
    ASSERT_TRUE(files) << files.error().describe();
    EXPECT_EQ(text_of((*files)->open("/lib/a", root)), "inside");
    EXPECT_EQ(error_of((*files)->status("/escape", root)), ENOENT);
    EXPECT_EQ(error_of((*files)->status("/magic", root)), ENOENT);
    EXPECT_EQ((*files)->list("/"), (std::vector<std::string>{"escape", "lib", "magic", "usr"}));
    EXPECT_EQ((*files)->list("/lib"), std::vector<std::string>{"a"});
}

TEST_F(FolderRoot, RefusesWhatIsNoFolder) {
    EXPECT_EQ(RootFileSystem::open_root(folder / "usr/lib/a").error().code, ErrorCode::not_a_file);
    EXPECT_EQ(RootFileSystem::open_root(folder / "missing").error().code, ErrorCode::cannot_open);
}

TEST(LiveRoot, AnswersAsTheKernelDoes) {
    auto files = RootFileSystem::open_root("/");
    ASSERT_TRUE(files);
    Credentials self = own_credentials();
    for (const char* path :
         {"/proc/self/exe", "/bin", "/bin/sh", "/bin/sh/x", "/nonexistent/x/y", "/etc/passwd", "/etc/passwd/", "/tmp/../etc"}) {
        struct stat raw{};
        int wanted = ::stat(path, &raw) == 0 ? 0 : errno;
        EXPECT_EQ(error_of((*files)->status(path, self)), wanted) << path;
        EXPECT_EQ(error_of((*files)->status(path, self)), wanted) << path << " again";
    }
    EXPECT_EQ(text_of((*files)->open("/etc/passwd", self)).substr(0, 5), "root:");
}

}  // namespace
}  // namespace abiscope::target
