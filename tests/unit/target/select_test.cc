#include "target/select.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "target/archive_root.h"
#include "target/root_facts.h"
#include "target/sysroot.h"

namespace abiscope::target {
namespace {

namespace fs = std::filesystem;

std::string complaint(const Selection& selection) {
    auto target = select_target(selection, Architecture::amd64);
    EXPECT_FALSE(target);
    return target ? std::string() : target.error().what;
}

TEST(Select, PutsTheWordsIntoTheTarget) {
    Selection words{.target = "debian:12",
                    .environment = {"LD_LIBRARY_PATH=/a:/b", "EMPTY="},
                    .user = "12:34",
                    .cpu = "v3",
                    .kernel = "4.4.1-generic",
                    .page_size = 65536,
                    .shell = "dash",
                    .working_directory = "/srv",
                    .binfmt = {"wine", "arm64"}};
    auto target = select_target(words, Architecture::arm64);
    ASSERT_TRUE(target) << target.error().describe();
    EXPECT_EQ(target->name, "debian:12/arm64");
    EXPECT_EQ(target->variable("LD_LIBRARY_PATH"), "/a:/b");
    EXPECT_EQ(target->variable("EMPTY"), "");
    EXPECT_EQ(target->user, (Credentials{12, 34}));
    EXPECT_EQ(target->cpu.name, "x86-64-v3");
    EXPECT_EQ(target->kernel.version, (Version{4, 4, 1}));
    EXPECT_EQ(target->kernel.page_size, 65536U);
    EXPECT_EQ(target->shell.kind, ShellKind::dash);
    EXPECT_EQ(target->working_directory, "/srv");
    ASSERT_EQ(target->kernel.binfmt.size(), 2U);
    EXPECT_EQ(target->kernel.binfmt[1].magic,
              std::string("\x7f"
                          "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\xb7\0",
                          20));
    EXPECT_EQ(target->kernel.binfmt[1].mask.size(), 20U);
}

TEST(Select, SaysWhatIsWrong) {
    EXPECT_NE(complaint({.target = "alpin:3.20"}).find("alpine:3.20"), std::string::npos);
    EXPECT_NE(complaint({.target = "scratch", .environment = {"=x"}}).find("NAME=VALUE"), std::string::npos);
    EXPECT_NE(complaint({.target = "scratch", .user = "alice"}).find("alice"), std::string::npos);
    EXPECT_NE(complaint({.target = "scratch", .user = "4294967295"}).find("UID"), std::string::npos);
    EXPECT_NE(complaint({.target = "scratch", .cpu = "Hazwell-x"}).find("unknown CPU"), std::string::npos);
    EXPECT_NE(complaint({.target = "scratch", .kernel = "new"}).find("new"), std::string::npos);
    EXPECT_NE(complaint({.target = "scratch", .page_size = 5000}).find("power of two"), std::string::npos);
    EXPECT_NE(complaint({.target = "scratch", .shell = "fish"}).find("fish"), std::string::npos);
    EXPECT_NE(complaint({.target = "scratch", .working_directory = "here"}).find("absolute"), std::string::npos);
    EXPECT_NE(complaint({.target = "scratch", .binfmt = {"vax"}}).find("vax"), std::string::npos);
}

class PackedRoot : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "abiscope-packed-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = pattern;
        fs::create_directories(folder / "root/usr/lib");
        fs::create_directories(folder / "root/etc");
        fs::copy_file("/bin/true", folder / "root/usr/lib/libself.so");
        write("root/usr/lib/other", std::string(5000, 'o'));
        write("root/etc/os-release", "ID=packed\nPRETTY_NAME=\"Packed 1\"\n");
        fs::create_symlink("usr/lib", folder / "root/lib");
        fs::create_hard_link(folder / "root/usr/lib/other", folder / "root/usr/lib/twin");
        fs::permissions(folder / "root/usr/lib/other", fs::perms::owner_read);
    }
    void TearDown() override { fs::remove_all(folder); }
    void write(const std::string& path, const std::string& text) const {
        fs::create_directories((folder / path).parent_path());
        std::ofstream(folder / path) << text;
    }
    bool run(const std::string& command) const {
        return std::system(("cd '" + folder.string() + "' && " + command + " > /dev/null 2>&1").c_str()) == 0;
    }
    void check(const MemoryFileSystem& files) const {
        auto status = files.status("/lib/libself.so", Credentials{});
        ASSERT_TRUE(status);
        EXPECT_EQ(status->size, fs::file_size("/bin/true"));
        EXPECT_EQ(files.status("/lib/other", Credentials{})->mode, 0400U);
        EXPECT_EQ(files.status("/lib/other", Credentials{})->inode, files.status("/lib/twin", Credentials{})->inode);
        EXPECT_EQ(read_os_release(files).id, "packed");
    }
    fs::path folder;
};

TEST_F(PackedRoot, TarInAnyCompression) {
    for (const char* flag : {"", "-z", "-J"}) {
        ASSERT_TRUE(run(std::string("tar -C root -cf root.tar ") + flag + " ."));
        auto files = read_archive_root(folder / "root.tar", Architecture::amd64);
        ASSERT_TRUE(files) << files.error().describe();
        check(**files);
    }
}

TEST_F(PackedRoot, ImageWithWhiteouts) {
    write("two/usr/lib/new", "new");
    write("two/usr/lib/.wh.gone", "");
    write("two/var/.wh..wh..opq", "");
    write("two/var/fresh", "fresh");
    write("root/usr/lib/gone", "gone");
    write("root/var/stale", "stale");
    ASSERT_TRUE(run("mkdir -p image/blobs/sha256 && tar -C root -czf image/blobs/sha256/aa . && tar -C two -cf image/blobs/sha256/bb ."));
    write("image/oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    write(
        "image/index.json",
        R"({"manifests":[{"digest":"sha256:00","platform":{"architecture":"s390x"}},{"digest":"sha256:cc","platform":{"architecture":"amd64"}}]})");
    write("image/blobs/sha256/cc", R"({"layers":[{"digest":"sha256:aa"},{"digest":"sha256:bb"}]})");
    ASSERT_TRUE(run("tar -C image -cf image.tar ."));
    EXPECT_TRUE(holds_packed_root(folder / "image"));
    EXPECT_FALSE(holds_packed_root(folder / "root"));
    for (const char* path : {"image", "image.tar"}) {
        auto files = read_archive_root(folder / path, Architecture::amd64);
        ASSERT_TRUE(files) << path << ": " << files.error().describe();
        check(**files);
        EXPECT_TRUE((*files)->status("/lib/new", Credentials{}));
        EXPECT_EQ((*files)->status("/lib/gone", Credentials{}).error(), ENOENT);
        EXPECT_EQ((*files)->list("/var"), std::vector<std::string>{"fresh"});
    }
}

TEST_F(PackedRoot, WhatIsNoRootIsRefused) {
    write("text", "hello");
    EXPECT_FALSE(read_archive_root(folder / "text", Architecture::amd64));
    EXPECT_FALSE(read_archive_root(folder / "missing", Architecture::amd64));
    write("cut/index.json", "{\"manifests\":[]}");
    write("cut/oci-layout", "{}");
    EXPECT_EQ(read_archive_root(folder / "cut", Architecture::amd64).error().code, ErrorCode::unsupported);
}

TEST_F(PackedRoot, SysrootOnTopOfATargetAndAlone) {
    auto alone = select_target({.sysroot = (folder / "root").string()}, Architecture::arm64);
    ASSERT_TRUE(alone) << alone.error().describe();
    EXPECT_EQ(alone->title, "Packed 1");
    EXPECT_TRUE(alone->kernel.version.empty());
    EXPECT_EQ(alone->libc.kind, LibcKind::none);
    EXPECT_TRUE(alone->files->complete());
    auto over = select_target({.target = "debian:11/amd64", .sysroot = (folder / "root").string()}, Architecture::unknown);
    ASSERT_TRUE(over);
    EXPECT_EQ(over->kernel.version, (Version{5, 10}));
    EXPECT_EQ(over->title, "Packed 1");
    EXPECT_FALSE(select_target({.sysroot = (folder / "nothing").string()}, Architecture::amd64));
}

}  // namespace
}  // namespace abiscope::target
