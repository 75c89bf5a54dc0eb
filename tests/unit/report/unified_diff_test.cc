// Patches, byte for byte: `patch` and `git apply` take what diff -u would print.
#include <gtest/gtest.h>

#include "report/unified_diff.h"

namespace abiscope::report {
namespace {

TEST(UnifiedDiff, IsNothingForEqualTexts) { EXPECT_EQ(unified_diff("f", "a\nb\n", "a\nb\n"), ""); }

TEST(UnifiedDiff, ShowsThreeLinesAround) {
    EXPECT_EQ(unified_diff("f.c", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
              "--- f.c\n+++ f.c\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(UnifiedDiff, MakesHunksOfWhatIsFarApart) {
    EXPECT_EQ(unified_diff("f", "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "1\n2\n3\n4\n5\n6\n7\nb\nc\n"),
              "--- f\n+++ f\n@@ -1,4 +1,3 @@\n-a\n 1\n 2\n 3\n@@ -7,3 +6,4 @@\n 6\n 7\n b\n+c\n");
}

TEST(UnifiedDiff, SaysThatTheLastLineHasNoEnd) {
    EXPECT_EQ(unified_diff("a b", "1\n2", "2\n1\n"), "--- a b\t\n+++ a b\t\n@@ -1,2 +1,2 @@\n+2\n 1\n-2\n\\ No newline at end of file\n");
}

}  // namespace
}  // namespace abiscope::report
