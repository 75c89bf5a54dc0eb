#include "live/mappings.h"

#include <gtest/gtest.h>

namespace abiscope::live {
namespace {

constexpr const char* smaps =
    "55d0c000-55d0e000 r-xp 00001000 fe:00 1234                      /usr/bin/a b\\012c (deleted)\n"
    "Size:                  8 kB\n"
    "Rss:                   8 kB\n"
    "Anonymous:             0 kB\n"
    "Swap:                  0 kB\n"
    "VmFlags: rd ex mr mw me sd \n"
    "55d0e000-55d0f000 rw-p 00003000 fe:00 1234                      /usr/bin/a\n"
    "Size:                  4 kB\n"
    "Anonymous:             4 kB\n"
    "VmFlags: rd wr mr mw me ac sd \n"
    "7f0000000000-7f0040000000 rw-p 00000000 00:00 0 \n"
    "Size:            1048576 kB\n"
    "Anonymous:             0 kB\n"
    "Swap:                  4 kB\n"
    "VmFlags: rd wr mr mw me ac dd sd \n"
    "7ffd1000-7ffd3000 r-xp 00000000 00:00 0                          [vdso]\n"
    "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n";

TEST(Mappings, ReadsWhatTheKernelPrints) {
    auto all = parse_mappings(smaps);
    ASSERT_EQ(all.size(), 5U);
    EXPECT_EQ(all[0].start, 0x55d0c000U);
    EXPECT_EQ(all[0].end, 0x55d0e000U);
    EXPECT_EQ(all[0].flags, 5U);
    EXPECT_EQ(all[0].file_offset, 0x1000U);
    EXPECT_EQ(all[0].path, "/usr/bin/a b\nc (deleted)");
    EXPECT_TRUE(all[0].counted);
    EXPECT_FALSE(all[0].private_pages);
    EXPECT_TRUE(all[1].private_pages);
    EXPECT_TRUE(all[2].private_pages);
    EXPECT_TRUE(all[2].excluded);
    EXPECT_EQ(all[3].name, "[vdso]");
    EXPECT_EQ(all[4].end, 0xffffffffff601000U);
}

// fs/coredump.c, vma_dump_size(), with the default filter 0x33.
TEST(Mappings, KnowsWhatADumpHolds) {
    auto part = [](const char* line) { return dumped_part(parse_mappings(line).at(0)); };
    EXPECT_EQ(part("1000-2000 r--p 00000000 fe:00 1 /lib/x\nSize: 4 kB\nAnonymous: 0 kB\n"), Part::header_if_elf);
    EXPECT_EQ(part("1000-2000 r--p 00001000 fe:00 1 /lib/x\nSize: 4 kB\nAnonymous: 0 kB\n"), Part::nothing);
    EXPECT_EQ(part("1000-2000 r--p 00001000 fe:00 1 /lib/x\nSize: 4 kB\nAnonymous: 4 kB\n"), Part::all);
    EXPECT_EQ(part("1000-2000 rw-p 00001000 fe:00 1 /lib/x\nSize: 4 kB\nAnonymous: 0 kB\n"), Part::nothing);
    EXPECT_EQ(part("1000-2000 ---p 00000000 00:00 0\nSize: 4 kB\nAnonymous: 0 kB\n"), Part::nothing);
    EXPECT_EQ(part("1000-2000 rw-p 00000000 00:00 0 [heap]\nSize: 4 kB\nAnonymous: 4 kB\n"), Part::all);
    EXPECT_EQ(part("1000-2000 rw-s 00000000 fe:00 1 /tmp/shared\nSize: 4 kB\nAnonymous: 0 kB\n"), Part::nothing);
    EXPECT_EQ(part("1000-2000 rw-s 00000000 00:01 1 /dev/zero (deleted)\nSize: 4 kB\nAnonymous: 0 kB\n"), Part::all);
    EXPECT_EQ(part("1000-2000 r--p 00000000 00:00 0 [vvar]\nSize: 4 kB\nVmFlags: rd mr pf io dd\n"), Part::nothing);
    EXPECT_EQ(part("1000-2000 rw-p 00000000 00:00 0\nSize: 4 kB\nAnonymous: 4 kB\nVmFlags: rd wr dd\n"), Part::nothing);
    // Without the counts of smaps.
    EXPECT_EQ(part("1000-2000 rw-p 00001000 fe:00 1 /lib/x\n"), Part::all);
    EXPECT_EQ(part("1000-2000 r-xp 00001000 fe:00 1 /lib/x\n"), Part::nothing);
    EXPECT_EQ(part("1000-2000 rw-p 00000000 00:00 0\n"), Part::all);
}

TEST(Mappings, PassesOverWhatItDoesNotKnow) {
    for (const char* text : {"", "\n\n", "nonsense", "12-", "2000-1000 r--p 0 0:0 0", "1000-2000 r", "1000-2000 rw-p", "Size: 4 kB\n"})
        EXPECT_TRUE(parse_mappings(text).empty()) << text;
    EXPECT_EQ(parse_mappings("1000-2000 rw-p 00000000").size(), 0U);
    EXPECT_EQ(parse_mappings("1000-2000 rw-p 00000000 00:00 0").size(), 1U);
}

}  // namespace
}  // namespace abiscope::live
