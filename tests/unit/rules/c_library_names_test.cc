#include "rules/c_library_names.h"

#include <gtest/gtest.h>

namespace abiscope::rules {
namespace {

TEST(CLibraryNames, HaveTheirMeaningsApart) {
    EXPECT_TRUE(is_c_function("raise", raises_signals));
    EXPECT_TRUE(is_c_function("raise", leads_to_abort));
    EXPECT_FALSE(is_c_function("malloc_printerr", raises_signals));
    EXPECT_TRUE(is_c_function("malloc_printerr", leads_to_abort));
    EXPECT_TRUE(is_c_function("free", takes_block));
    EXPECT_FALSE(is_c_function("malloc", takes_block));
    EXPECT_TRUE(is_c_function("a_crash", stops_musl));
    EXPECT_TRUE(is_c_function("_Unwind_RaiseException", unwinds));
    EXPECT_TRUE(is_c_function("__longjmp", jumps_back));
}

TEST(CLibraryNames, HoldForWhatTheCompilerMadeOfThem) {
    EXPECT_TRUE(is_c_function("_int_free_merge_chunk.isra.0", takes_block));
    EXPECT_TRUE(is_c_function("_int_malloc.cold", leads_to_abort));
    EXPECT_TRUE(is_c_function("__memcpy_chk", leads_to_abort));
}

TEST(CLibraryNames, AreWholeUnlessTheyAreAStart) {
    EXPECT_FALSE(is_c_function("freeze", takes_block));
    EXPECT_FALSE(is_c_function("raise_the_roof", raises_signals));
    EXPECT_FALSE(is_c_function("check_chk", leads_to_abort));
    EXPECT_FALSE(is_c_function("", unwinds));
    EXPECT_TRUE(is_c_function("__libc_message_impl", leads_to_abort));
}

}  // namespace
}  // namespace abiscope::rules
