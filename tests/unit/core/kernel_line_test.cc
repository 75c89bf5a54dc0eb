#include "core/kernel_line.h"

#include <string>

#include <gtest/gtest.h>

namespace abiscope::core {
namespace {

KernelLine only(std::string_view log) {
    auto lines = read_kernel_lines(log);
    EXPECT_EQ(lines.size(), 1U) << log;
    return lines.empty() ? KernelLine() : lines.front();
}

// As Linux 6.18 printed them.
TEST(KernelLine, ReadsAPageFaultWithItsCode) {
    KernelLine line = only(
        "[54273.780113] pointers[29314]: segfault at 18 ip 0000555feec8f1f5 sp 00007ffd29c23fb0 error 4 in pointers[11f5,555feec8f000+1000] "
        "likely on CPU 1 (core 1, socket 0)\n"
        "[54273.780127] Code: 7d f8 48 8b 45 f8 <8b> 40 18 5d c3\n");
    EXPECT_EQ(line.kind, LineKind::x86_page_fault);
    EXPECT_EQ(line.name, "pointers");
    EXPECT_EQ(line.pid, 29314U);
    EXPECT_EQ(line.address, 0x18U);
    EXPECT_EQ(line.pc, 0x555feec8f1f5U);
    EXPECT_EQ(line.sp, 0x7ffd29c23fb0U);
    EXPECT_EQ(line.error, 4U);
    EXPECT_EQ(line.module, "pointers");
    EXPECT_EQ(line.module_start, 0x555feec8f000U);
    EXPECT_EQ(line.module_size, 0x1000U);
    EXPECT_EQ(line.file_offset, 0x11f5U);
    EXPECT_EQ(line.cpu, 1U);
    ASSERT_EQ(line.code.size(), 11U);
    EXPECT_EQ(line.code_before, 6U);
    EXPECT_EQ(line.code[6], std::byte{0x8b});
    EXPECT_TRUE(line.text.starts_with("pointers[29314]: segfault at 18 ")) << line.text;
}

TEST(KernelLine, ReadsATrap) {
    KernelLine line = only(
        "[54137.012491] traps: instructions-gc[22582] trap divide error ip:555669a59633 sp:7fffcf7641a8 error:0 in "
        "instructions-gcc-O2[1633,555669a59000+1000]");
    EXPECT_EQ(line.kind, LineKind::x86_trap);
    EXPECT_EQ(line.name, "instructions-gc");
    EXPECT_EQ(line.what, "trap divide error");
    EXPECT_EQ(line.pc, 0x555669a59633U);
    EXPECT_EQ(line.address, std::nullopt);
    EXPECT_EQ(line.module, "instructions-gcc-O2");
    line = only("traps: app[5] general protection fault ip:401136 sp:7ffd1c9a2e10 error:14a in app[401000+1000]");
    EXPECT_EQ(line.what, "general protection fault");
    EXPECT_EQ(line.error, 0x14aU);
    EXPECT_EQ(line.file_offset, std::nullopt);
}

TEST(KernelLine, ReadsTheFormsOfOlderKernels) {
    KernelLine line = only("app[123]: segfault at 18 ip 000000000040113a sp 00007ffe3f1c5a30 error 4 in app[401000+1000]");
    EXPECT_EQ(line.module, "app");
    EXPECT_EQ(line.module_start, 0x401000U);
    EXPECT_EQ(line.file_offset, std::nullopt);
    line = only("app[123]: segfault at 0 ip 0000000000000000 sp 00007ffe3f1c5a30 error 14\nCode: Bad RIP value.\n");
    EXPECT_TRUE(line.module.empty());
    EXPECT_TRUE(line.code.empty());
    line = only("app[1]: segfault at 0 ip 0000000000000000 sp 00007ffe3f1c5a30 error 14 in app (deleted)[401000+1000]");
    EXPECT_EQ(line.module, "app (deleted)");
}

TEST(KernelLine, PassesOverWhatLogsPutBefore) {
    for (const char* prefix : {"", "[    1.000000] ", "[12345.678901][ T123] ", "<6>[    1.0] ",
                               "Nov 27 01:02:03 host kernel: ", "2026-11-27T01:02:03+0000 host kernel: [    1.0] ", "kernel: "}) {
        KernelLine line = only(std::string(prefix) + "app[123]: segfault at 18 ip 40113a sp 7ffe3f1c5a30 error 4 in app[401000+1000]");
        EXPECT_EQ(line.name, "app") << prefix;
        line = only(std::string(prefix) + "traps: app[123] trap int3 ip:40113a sp:7ffe3f1c5a30 error:0 in app[401000+1000]");
        EXPECT_EQ(line.name, "app") << prefix;
    }
}

TEST(KernelLine, LeavesAProgramItsName) {
    EXPECT_EQ(only("a b[c] d[7]: segfault at 18 ip 1 sp 2 error 4").name, "a b[c] d");
    EXPECT_EQ(only("tmux: server[7]: segfault at 18 ip 1 sp 2 error 4 in x[y][1000+1000]").name, "tmux: server");
    EXPECT_EQ(only("tmux: server[7]: segfault at 18 ip 1 sp 2 error 4 in x[y][1000+1000]").module, "x[y]");
}

TEST(KernelLine, ReadsBothFormsOfArm64) {
    KernelLine line = only("app[123]: unhandled level 2 translation fault (11) at 0x00000018, esr 0x92000006, in app[aaaae1c90000+1000]");
    EXPECT_EQ(line.kind, LineKind::arm64);
    EXPECT_EQ(line.what, "level 2 translation fault");
    EXPECT_EQ(line.address, 0x18U);
    EXPECT_EQ(line.error, 0x92000006U);
    EXPECT_EQ(line.module, "app");
    line = only(
        "app[123]: unhandled exception: DABT (lower EL), ESR 0x0000000092000046, level 2 translation fault in app[aaaae1c90000+1000]\n"
        "CPU: 0 PID: 123 Comm: app Not tainted 6.1.0\npc : 0000aaaae1c9081c\nlr : 0000aaaae1c90844\n");
    EXPECT_EQ(line.what, "level 2 translation fault");
    EXPECT_EQ(line.error, 0x92000046U);
    EXPECT_EQ(line.address, std::nullopt);
    EXPECT_EQ(line.pc, 0xaaaae1c9081cU);
    EXPECT_EQ(line.module_start, 0xaaaae1c90000U);
}

TEST(KernelLine, KeepsSeveralApart) {
    auto lines = read_kernel_lines(
        "a[1]: segfault at 1 ip 1 sp 2 error 4\nsome other line\ntraps: b[2] trap int3 ip:1 sp:2 error:0\nCode: cc <90> 90\n"
        "c[3]: segfault at 3 ip 1 sp 2 error 6\nCode: <00> 00\nCode: <11> 11\n");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_TRUE(lines[0].code.empty());
    EXPECT_EQ(lines[1].code.size(), 3U);
    EXPECT_EQ(lines[2].code.front(), std::byte{0}) << "the first is its own";
}

TEST(KernelLine, TakesNothingElseForOne) {
    for (const char* text :
         {"", "segfault at 18", ": segfault at 18 ip 1 sp 2 error 4", "app: segfault at 18 ip 1 sp 2 error 4",
          "app[x]: segfault at 18 ip 1 sp 2 error 4", "app[1]: segfault at zz ip 1 sp 2 error 4", "app[1]: segfault at 18 ip 1",
          "app[99999999999]: segfault at 18 ip 1 sp 2 error 4", "app[1] ip:1 sp:2 error:0", "app[1] trap x ip:1 sp:2",
          "[1]: segfault at 18 ip 1 sp 2 error 4", "Code: <8b>", "app[1]: unhandled exception: ", "app[1]: unhandled "})
        EXPECT_TRUE(read_kernel_lines(text).empty()) << text;
}

TEST(KernelLine, SaysWhatTheErrorCodeMeans) {
    EXPECT_EQ(page_fault_words(4), "a read of a page that is not there, by the program itself");
    EXPECT_EQ(page_fault_words(7), "a write to a page that is there and does not allow it, by the program itself");
    EXPECT_EQ(page_fault_words(0x15), "the fetch of an instruction from a page that is there and does not allow it, by the program itself");
    EXPECT_EQ(page_fault_words(0x25), "a read of a page that is there and does not allow it, by its protection key, by the program itself");
}

}  // namespace
}  // namespace abiscope::core
