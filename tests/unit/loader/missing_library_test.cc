#include "loader/missing_library.h"

#include <memory>

#include <gtest/gtest.h>

#include "target/catalogue.h"
#include "target/memory_file_system.h"

namespace abiscope::loader {
namespace {

using Certainty = MissingLibrary::Certainty;

finding::Trace tried(std::initializer_list<const char*> paths) {
    finding::Trace trace;
    for (const char* path : paths) trace.push_back({finding::StepAction::tried, path, "No such file or directory"});
    return trace;
}

// As a profile has it: some folders whole, nothing of others.
target::Target profile() {
    auto files = std::make_shared<target::MemoryFileSystem>(false);
    EXPECT_TRUE(files->add_directory("/usr/lib"));
    EXPECT_TRUE(files->add_directory("/opt"));
    files->mark_listed("/");
    files->mark_listed("/usr");
    files->mark_listed("/usr/lib");
    target::Target target;
    target.name = "profile";
    target.libc.directories = {"/usr/lib"};
    target.files = files;
    return target;
}

TEST(MissingLibrary, IsCertainWhereEveryFolderIsKnown) {
    EXPECT_EQ(how_missing(tried({"/usr/lib/libx.so.1"}), profile()).certainty, Certainty::certain);
    EXPECT_EQ(how_missing(tried({"/usr/lib/glibc-hwcaps/x86-64-v2/libx.so.1"}), profile()).certainty,
              Certainty::certain);   // not in a folder that is whole
    EXPECT_EQ(how_missing(tried({"/srv/lib/libx.so.1"}), profile()).certainty, Certainty::certain);  // nor is /srv in /
}

TEST(MissingLibrary, IsUnknownWhereAProfileHasNothingOfAFolder) {
    MissingLibrary missing = how_missing(tried({"/opt/app/lib/libx.so.1", "/usr/lib/libx.so.1"}), profile());
    EXPECT_EQ(missing.certainty, Certainty::unknown);
    EXPECT_EQ(missing.folder, "/opt/app/lib");
    EXPECT_EQ(unknown_folder_text(missing, "libx.so.1", profile()),
              "what lies in /opt/app/lib of profile is not known, and libx.so.1 may be there");
}

TEST(MissingLibrary, IsOnlyLikelyInABaseSystem) {
    auto debian = target::find_target("debian:12/amd64");
    ASSERT_TRUE(debian);
    EXPECT_EQ(how_missing(tried({"/lib/x86_64-linux-gnu/libx.so.1", "/usr/lib/libx.so.1"}), *debian).certainty, Certainty::likely);
    EXPECT_EQ(how_missing(tried({"/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v2/libx.so.1"}), *debian).certainty, Certainty::likely);
}

// A package's private folder below one of the loader's: DT_RUNPATH leads there, and a base system says nothing of it.
TEST(MissingLibrary, IsUnknownInAFolderBelowTheLoadersThatIsNoneOfItsOwn) {
    auto debian = target::find_target("debian:12/amd64");
    ASSERT_TRUE(debian);
    EXPECT_EQ(how_missing(tried({"/usr/lib/man-db/libman.so.1", "/usr/lib/libman.so.1"}), *debian).certainty, Certainty::unknown);
    EXPECT_EQ(how_missing(tried({"/usr/lib/man-db/glibc-hwcaps/x86-64-v3/libman.so.1"}), *debian).certainty, Certainty::unknown);
    EXPECT_EQ(how_missing(tried({"/usr/lib/tls/haswell/x86_64/libman.so.1"}), *debian).certainty, Certainty::likely);
    EXPECT_EQ(how_missing(tried({"/usr/library/libman.so.1"}), *debian).certainty, Certainty::unknown);
}

// A program that brings its libraries: what lies beside it on that machine nobody has said.
TEST(MissingLibrary, IsUnknownBesideTheProgram) {
    auto debian = target::find_target("debian:12/amd64");
    ASSERT_TRUE(debian);
    EXPECT_EQ(how_missing(tried({"./../lib/libx.so.1", "/usr/lib/libx.so.1"}), *debian).certainty, Certainty::unknown);
}

TEST(MissingLibrary, IsCertainInAnEmptyImage) {
    auto scratch = target::find_target("scratch");
    ASSERT_TRUE(scratch);
    EXPECT_EQ(how_missing(tried({"/opt/lib/libx.so.1"}), *scratch).certainty, Certainty::certain);
}

}  // namespace
}  // namespace abiscope::loader
