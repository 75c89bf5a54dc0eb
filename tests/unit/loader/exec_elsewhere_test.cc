#include <gtest/gtest.h>

#include "bytes/source.h"
#include "loader/simulate.h"

namespace abiscope::loader {
namespace {

using target::Architecture;
using target::ShellKind;

void put(std::string& out, std::size_t at, std::uint64_t value, int width) {
    if (out.size() < at + static_cast<std::size_t>(width)) out.resize(at + static_cast<std::size_t>(width));
    for (int i = 0; i < width; ++i) out[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (8 * i) & 0xff);
}

Outcome start(std::string_view bytes, const target::Target& target, const std::string& path = "./x", std::uint32_t mode = 0755) {
    std::vector<std::byte> copy(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) copy[i] = static_cast<std::byte>(bytes[i]);
    ModuleCache cache(target.files);
    return exec({path,
                 make_module(Source::from_memory(path, std::move(copy))),
                 {.mode = mode, .uid = 1000, .gid = 1000, .size = bytes.size()}},
                target, cache)
        .outcome;
}

target::Target windows(Version version = {10}, Architecture architecture = Architecture::amd64) {
    target::Target target;
    target.name = "windows";
    target.os = target::Os::windows;
    target.architecture = architecture;
    target.os_version = std::move(version);
    target.shell = {ShellKind::none, {}};
    return target;
}

struct Pe {
    std::uint16_t machine = 0x8664, characteristics = 0x22, major = 6, minor = 0, subsystem = 3;
    [[nodiscard]] std::string build() const {
        std::string out = "MZ";
        put(out, 0x3c, 0x80, 4);
        put(out, 0x80, 0x4550, 4);
        put(out, 0x84, machine, 2);
        put(out, 0x80 + 22, characteristics, 2);
        put(out, 0x80 + 24, 0x20b, 2);
        put(out, 0x80 + 24 + 48, major, 2);
        put(out, 0x80 + 24 + 50, minor, 2);
        put(out, 0x80 + 24 + 68, subsystem, 2);
        out.resize(0x200);
        return out;
    }
};

TEST(ExecWindows, WhatHeadersCannotDecideIsUnknown) {
    Outcome outcome = start(Pe().build(), windows());
    EXPECT_EQ(outcome.verdict, Verdict::unknown);
    ASSERT_EQ(outcome.problems.size(), 1U);
    EXPECT_EQ(outcome.problems[0].kind, ProblemKind::os_not_simulated);
    EXPECT_EQ(start(Pe{.machine = 0x14c}.build(), windows()).verdict, Verdict::unknown);
}

TEST(ExecWindows, AnotherMachine) {
    auto error = [](std::uint16_t machine, const target::Target& target) {
        return start(Pe{.machine = machine}.build(), target, "x.exe").message.error_name;
    };
    EXPECT_EQ(error(0xaa64, windows()), "ERROR_EXE_MACHINE_TYPE_MISMATCH");
    EXPECT_EQ(error(0x8664, windows({10}, Architecture::i386)), "ERROR_EXE_MACHINE_TYPE_MISMATCH");
    EXPECT_EQ(error(0x8664, windows({10}, Architecture::arm64)), "ERROR_EXE_MACHINE_TYPE_MISMATCH");
    EXPECT_EQ(error(0x8664, windows({11}, Architecture::arm64)), "");
    Outcome outcome = start(Pe{.machine = 0xaa64}.build(), windows(), "x.exe");
    EXPECT_TRUE(outcome.message.text.starts_with("This version of x.exe is not compatible with the version of Windows you're running."));
    EXPECT_FALSE(outcome.assumptions.empty());
}

TEST(ExecWindows, FilesThatAreNoPe) {
    for (std::string_view bytes : {std::string_view("\x7f"
                                                    "ELF\2\1\1"),
                                   std::string_view("#!/bin/sh\n"), std::string_view("hello\n"), std::string_view("M")}) {
        Outcome outcome = start(bytes, windows(), "x.exe");
        EXPECT_EQ(outcome.verdict, Verdict::fails);
        EXPECT_EQ(outcome.message.text, "x.exe is not a valid Win32 application.");
        EXPECT_EQ(outcome.message.error_name, "ERROR_BAD_EXE_FORMAT");
    }
    EXPECT_EQ(start(Pe{.characteristics = 0x2022}.build(), windows()).message.error_name, "ERROR_BAD_EXE_FORMAT");
    EXPECT_EQ(start(Pe{.characteristics = 0x20}.build(), windows()).message.error_name, "ERROR_BAD_EXE_FORMAT");
}

TEST(ExecWindows, WhatNobodyVerifiedHasNoMessage) {
    target::Target seven = windows({7});
    for (const auto& [bytes, target] : {std::pair{Pe{.major = 10}.build(), seven},
                                        {Pe{.major = 3, .minor = 9}.build(), windows()},
                                        {Pe{.subsystem = 1}.build(), windows()},
                                        {std::string("MZ") + std::string(62, '\0'), windows()},
                                        {std::string(), windows()}}) {
        Outcome outcome = start(bytes, target);
        EXPECT_EQ(outcome.verdict, Verdict::fails);
        EXPECT_EQ(outcome.message.text, "");
        EXPECT_EQ(outcome.message.error_name, "");
        ASSERT_EQ(outcome.problems.size(), 1U);
        EXPECT_FALSE(outcome.problems[0].certain);
        EXPECT_FALSE(outcome.assumptions.empty());
    }
    EXPECT_EQ(start(Pe{.major = 6, .minor = 1}.build(), seven).verdict, Verdict::unknown);
    EXPECT_EQ(start(std::string("MZ") + std::string(62, '\0'), windows({10}, Architecture::i386)).verdict, Verdict::unknown);
}

TEST(ExecWindows, BatchFilesAreForCmd) {
    EXPECT_EQ(start("@echo off\r\n", windows(), "run.BAT").verdict, Verdict::unknown);
    EXPECT_EQ(start("@echo off\r\n", windows(), "run.cmd").verdict, Verdict::unknown);
    EXPECT_EQ(start("@echo off\r\n", windows(), "run").verdict, Verdict::fails);
}

TEST(ExecWindows, EveryPrefixIsSafe) {
    std::string whole = Pe().build();
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_NE(start(std::string_view(whole).substr(0, size), windows()).verdict, Verdict::runs);
}

target::Target mac(Architecture architecture = Architecture::arm64, Version version = {14},
                   target::Shell shell = {ShellKind::zsh, {5, 9}}) {
    target::Target target;
    target.name = "macos";
    target.os = target::Os::macos;
    target.architecture = architecture;
    target.os_version = std::move(version);
    target.shell = std::move(shell);
    return target;
}

constexpr std::uint32_t x86_64 = 0x01000007, arm64 = 0x0100000c;

std::string macho(std::uint32_t cpu, bool signature, std::uint32_t type = 2, std::uint32_t platform = 1) {
    std::string out;
    put(out, 0, 0xfeedfacf, 4), put(out, 4, cpu, 4), put(out, 12, type, 4), put(out, 16, signature ? 2 : 1, 4),
        put(out, 20, signature ? 40 : 24, 4);
    put(out, 32, 0x32, 4), put(out, 36, 24, 4), put(out, 40, platform, 4);
    if (signature) put(out, 56, 0x1d, 4), put(out, 60, 16, 4);
    out.resize(72);
    return out;
}

TEST(ExecMacos, WhatHeadersCannotDecideIsUnknown) {
    EXPECT_EQ(start(macho(arm64, true), mac()).verdict, Verdict::unknown);
    EXPECT_EQ(start(macho(x86_64, false), mac(Architecture::amd64)).verdict, Verdict::unknown);
    EXPECT_EQ(start(macho(arm64, true, 2, 2), mac()).verdict, Verdict::unknown);
    EXPECT_EQ(start("#!/bin/sh\n", mac()).verdict, Verdict::unknown);
    // Whether Rosetta is there nobody knows.
    EXPECT_EQ(start(macho(x86_64, false), mac()).verdict, Verdict::unknown);
}

TEST(ExecMacos, AnotherProcessor) {
    Outcome outcome = start(macho(arm64, true), mac(Architecture::amd64));
    EXPECT_EQ(outcome.message.text, "zsh: bad CPU type in executable: ./x");
    EXPECT_EQ(outcome.message.error_name, "EBADARCH");
    outcome = start(macho(arm64, true), mac(Architecture::amd64, {10, 14}, {ShellKind::bash, {3, 2}}));
    EXPECT_EQ(outcome.message.text, "bash: ./x: Bad CPU type in executable");
    EXPECT_EQ(outcome.message.exit_code, 126);
    EXPECT_EQ(start(std::string_view("\xfe\xed\xfa\xce\0\0\0\x12", 8), mac()).message.error_name, "EBADARCH");
}

TEST(ExecMacos, UnsignedCodeOnArm) {
    Outcome outcome = start(macho(arm64, false), mac());
    EXPECT_EQ(outcome.message.signal, "SIGKILL");
    EXPECT_EQ(outcome.message.exit_code, 137);
    EXPECT_EQ(outcome.message.text, "zsh: killed     ./x");
    // A file that breaks off in its commands may hold the signature further on.
    EXPECT_EQ(start(std::string_view(macho(arm64, true)).substr(0, 50), mac()).verdict, Verdict::unknown);
}

TEST(ExecMacos, OtherFiles) {
    Outcome elf = start(std::string_view("\x7f"
                                         "ELF\2\1\1\0\0",
                                         9),
                        mac());
    EXPECT_EQ(elf.verdict, Verdict::fails);
    EXPECT_EQ(elf.message.text, "zsh: exec format error: ./x");
    EXPECT_EQ(elf.message.exit_code, 126);
    EXPECT_FALSE(elf.assumptions.empty());
    EXPECT_EQ(start(macho(arm64, true, 6), mac()).message.error_name, "ENOEXEC");
    // The shell runs a text itself.
    EXPECT_EQ(start("exit 7\n", mac()).verdict, Verdict::conditional);
    EXPECT_EQ(start(macho(arm64, true), mac(), "./x", 0644).message.text, "zsh: permission denied: ./x");
}

TEST(ExecMacos, FatFiles) {
    std::string fat("\xca\xfe\xba\xbe\0\0\0\1\1\0\0\x07\0\0\0\3\0\0\x10\0\0\0\0\x48\0\0\0\x0c", 28);
    fat.resize(0x1000);
    fat += macho(x86_64, false);
    EXPECT_EQ(start(fat, mac(Architecture::amd64)).verdict, Verdict::unknown);
    fat.resize(0x1000);   // the slice is not there
    EXPECT_EQ(start(fat, mac(Architecture::amd64)).message.error_name, "ENOEXEC");
    // A Java class file begins with the same bytes.
    EXPECT_EQ(start(std::string_view("\xca\xfe\xba\xbe\0\0\0\x41\0\0", 10), mac()).message.error_name, "ENOEXEC");
}

}  // namespace
}  // namespace abiscope::loader
