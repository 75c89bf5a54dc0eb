#include "target/sparse_file.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace abiscope::target {
namespace {

// Runs of zeros and of other bytes, in pieces that end anywhere in a page.
TEST(SparseFile, HoldsWhatWasAppended) {
    std::mt19937 random(1);
    std::vector<std::byte> all;
    auto file = SparseFile::create();
    ASSERT_TRUE(file) << file.error().describe();
    for (int piece = 0; piece < 300; ++piece) {
        std::vector<std::byte> bytes(random() % 60000 + 1);
        if (piece % 3 != 0) std::ranges::generate(bytes, [&] { return std::byte(random()); });
        all.insert(all.end(), bytes.begin(), bytes.end());
        ASSERT_TRUE((*file)->append(bytes));
    }
    EXPECT_EQ((*file)->size(), all.size());
    auto source = (*file)->finish("dump");
    ASSERT_TRUE(source) << source.error().describe();
    file->reset();   // the bytes outlive it
    EXPECT_EQ((*source)->name(), "dump");
    ASSERT_EQ((*source)->size(), all.size());
    EXPECT_TRUE(std::ranges::equal((*source)->view().bytes(), all));
}

TEST(SparseFile, MayEndWithAHoleOrBeEmpty) {
    auto file = SparseFile::create();
    ASSERT_TRUE(file);
    std::vector<std::byte> zeros(10000);
    ASSERT_TRUE((*file)->append(zeros));
    auto source = (*file)->finish("zeros");
    ASSERT_TRUE(source);
    EXPECT_TRUE(std::ranges::equal((*source)->view().bytes(), zeros));

    file = SparseFile::create();
    ASSERT_TRUE(file);
    source = (*file)->finish("nothing");
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->size(), 0U);
}

TEST(SparseFile, SaysWhyItCannotBeWritten) {
    ::setenv("TMPDIR", "/nonexistent", 1);
    auto file = SparseFile::create();
    ::unsetenv("TMPDIR");
    ASSERT_FALSE(file);
    EXPECT_NE(file.error().describe().find("TMPDIR"), std::string::npos);
}

}  // namespace
}  // namespace abiscope::target
