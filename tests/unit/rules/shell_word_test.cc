#include "rules/shell_word.h"

#include <gtest/gtest.h>

namespace abiscope::rules {
namespace {

TEST(ShellWord, IsLeftAloneWhereTheShellWouldLeaveIt) {
    EXPECT_EQ(shell_word("./app"), "./app");
    EXPECT_EQ(shell_word("/opt/x-1.2_3/lib+:/usr/lib"), "/opt/x-1.2_3/lib+:/usr/lib");
}

TEST(ShellWord, IsQuotedWhereItWouldNot) {
    EXPECT_EQ(shell_word(""), "''");
    EXPECT_EQ(shell_word("/My App/p"), "'/My App/p'");
    EXPECT_EQ(shell_word("$(reboot)"), "'$(reboot)'");
    EXPECT_EQ(shell_word("it's"), R"('it'\''s')");
    EXPECT_EQ(shell_word("~/a"), "'~/a'");
}

}  // namespace
}  // namespace abiscope::rules
