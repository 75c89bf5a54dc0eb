#include <cerrno>

#include <gtest/gtest.h>

#include "bytes/source.h"
#include "loader/shell_message.h"

namespace abiscope::loader {
namespace {

using target::ShellKind;

target::Target with_shell(ShellKind kind, Version version) {
    target::Target target;
    target.name = "test";
    target.shell = {kind, std::move(version)};
    return target;
}

RefusedFile file_of(std::string_view bytes) { return {.path = "./x", .bytes = View(std::as_bytes(std::span(bytes)), 0)}; }

struct Said {
    std::string text;
    int code;
    bool operator==(const Said&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Said& said) { return out << said.code << ' ' << said.text; }

Said said(ShellKind kind, Version version, const RefusedFile& file, int error) {
    Message message = refused_message(file, error, with_shell(kind, std::move(version)));
    return {message.text, message.exit_code.value_or(-1)};
}

// Each text is what that release printed for the file. [tests/differential/kernel_exec.py]
TEST(ShellMessage, BashOfEveryReleaseOnAMissingInterpreter) {
    RefusedFile program = file_of(
        "\x7f"
        "ELF");
    EXPECT_EQ(said(ShellKind::bash, {5, 1, 4}, program, ENOENT), (Said{"bash: ./x: No such file or directory", 127}));
    EXPECT_EQ(said(ShellKind::bash, {5, 2, 15}, program, ENOENT), (Said{"bash: ./x: cannot execute: required file not found", 127}));
    EXPECT_EQ(said(ShellKind::bash, {5, 3, 15}, program, ENOENT), (Said{"bash: ./x: cannot execute: required file not found", 127}));
    RefusedFile script = file_of("#!/no/such\n");
    EXPECT_EQ(said(ShellKind::bash, {5, 1, 4}, script, ENOENT),
              (Said{"bash: ./x: /no/such: bad interpreter: No such file or directory", 126}));
    EXPECT_EQ(said(ShellKind::bash, {5, 2, 15}, script, ENOENT), (Said{"bash: ./x: cannot execute: required file not found", 127}));
    EXPECT_EQ(said(ShellKind::bash, {5, 3, 15}, script, ENOENT),
              (Said{"bash: ./x: /no/such: bad interpreter: No such file or directory", 126}));
}

TEST(ShellMessage, BashOverwritesTheLastByteItRead) {
    EXPECT_EQ(said(ShellKind::bash, {5, 3}, file_of("#!/no/such"), ENOENT),
              (Said{"bash: ./x: /no/suc: bad interpreter: No such file or directory", 126}));
    std::string longest = "#!/" + std::string(150, 'n') + "\n";
    EXPECT_EQ(said(ShellKind::bash, {5, 3}, file_of(longest), ENOENT).text,
              "bash: ./x: /" + std::string(124, 'n') + ": bad interpreter: No such file or directory");
}

TEST(ShellMessage, CarriageReturnAtTheEndOfTheInterpreter) {
    RefusedFile file = file_of("#!/bin/sh\r\nexit 7\n");
    EXPECT_EQ(said(ShellKind::bash, {5, 3}, file, ENOENT).text, "bash: ./x: /bin/sh^M: bad interpreter: No such file or directory");
    EXPECT_EQ(said(ShellKind::zsh, {5, 9}, file, ENOENT), (Said{"zsh: ./x: bad interpreter: /bin/sh^M: no such file or directory", 127}));
}

TEST(ShellMessage, ZshEndsANameAtSpacesOnlyAndShowsControlCharacters) {
    EXPECT_EQ(said(ShellKind::zsh, {5, 9}, file_of("#!\t/no/such\t-x\n"), ENOENT).text,
              "zsh: ./x: bad interpreter: \\t/no/such\\t-x: no such file or directory");
    EXPECT_EQ(said(ShellKind::zsh, {5, 9}, file_of("#!/no/\x1bsuch a\n"), ENOENT).text,
              "zsh: ./x: bad interpreter: /no/^[such: no such file or directory");
}

TEST(ShellMessage, ZshPrintsUtf8AsItIsAndOtherBytesAsMeta) {
    EXPECT_EQ(said(ShellKind::zsh, {5, 9}, file_of("#!/no/such\xc3\xa9\xff\xc3 a\n"), ENOENT).text,
              "zsh: ./x: bad interpreter: /no/such\xc3\xa9\\M-^?\\M-C: no such file or directory");
}

TEST(ShellMessage, ZshNamesTheInterpreterAfterEnoexecOnlyWhenNoLineEnds) {
    EXPECT_EQ(said(ShellKind::zsh, {5, 9}, file_of("#!\nexit 7\n"), ENOEXEC), (Said{"zsh: exec format error: ./x", 126}));
    std::string line = "#!./" + std::string(300, 'n') + "\n";
    EXPECT_EQ(said(ShellKind::zsh, {5, 9}, file_of(line), ENOEXEC),
              (Said{"zsh: ./x: bad interpreter: ./" + std::string(124, 'n') + ": exec format error", 126}));
}

TEST(ShellMessage, AFileTheUserCannotRead) {
    RefusedFile file = file_of(
        "\x7f"
        "ELF");
    file.readable = false;
    EXPECT_EQ(said(ShellKind::bash, {5, 2}, file, ENOEXEC), (Said{"bash: ./x: Permission denied", 126}));
    EXPECT_EQ(said(ShellKind::dash, {0, 5, 12}, file, ENOEXEC), (Said{"sh: 1: ./x: Permission denied", 126}));
    EXPECT_EQ(said(ShellKind::zsh, {5, 9}, file, ENOEXEC), (Said{"zsh: permission denied: ./x", 126}));
    EXPECT_EQ(said(ShellKind::zsh, {5, 9}, file, ENOENT), (Said{"zsh: permission denied: ./x", 126}));
    EXPECT_EQ(said(ShellKind::busybox, {1, 37}, file, ENOEXEC), (Said{"ash: can't open './x': Permission denied", 2}));
    EXPECT_EQ(said(ShellKind::busybox, {1, 38}, file, ENOEXEC), (Said{"ash: line 0: can't open ./x: Permission denied", 2}));
}

TEST(ShellMessage, WhatIsABinaryToWhom) {
    auto fallback = [](ShellKind kind, Version version, std::string_view bytes) {
        return shell_fallback(file_of(bytes), {kind, std::move(version)});
    };
    constexpr std::string_view magic =
                                   "\x7f"
                                   "ELF",
                               nul_in_second_line("exit 7\n\0\0", 9), nul_behind_hash_bang("#!\n#\0\nexit 7\n", 13);
    EXPECT_EQ(fallback(ShellKind::bash, {5, 2}, magic), Fallback::refuses);
    EXPECT_EQ(fallback(ShellKind::bash, {5, 1}, magic), Fallback::runs_as_script);
    EXPECT_EQ(fallback(ShellKind::bash, {5, 2}, nul_behind_hash_bang), Fallback::refuses);
    EXPECT_EQ(fallback(ShellKind::bash, {5, 1}, nul_behind_hash_bang), Fallback::runs_as_script);
    EXPECT_EQ(fallback(ShellKind::bash, {5, 2}, nul_in_second_line), Fallback::runs_as_script);
    EXPECT_EQ(fallback(ShellKind::zsh, {5, 9}, nul_in_second_line), Fallback::runs_as_script);
    EXPECT_EQ(fallback(ShellKind::zsh, {5, 8, 1}, nul_in_second_line), Fallback::refuses);
    EXPECT_EQ(fallback(ShellKind::busybox, {1, 36}, magic), Fallback::runs_as_script);
    EXPECT_EQ(fallback(ShellKind::none, {}, magic), Fallback::no_shell);
}

TEST(ShellMessage, OnlyZshSearchesAnInterpreterInPath) {
    RefusedFile bare = file_of("#!perl -w\n");
    EXPECT_EQ(searched_in_path(bare, ENOENT, {ShellKind::zsh, {5, 9}}), "perl");
    EXPECT_EQ(searched_in_path(bare, EACCES, {ShellKind::zsh, {5, 9}}), "");
    EXPECT_EQ(searched_in_path(bare, ENOENT, {ShellKind::bash, {5, 2}}), "");
    EXPECT_EQ(searched_in_path(file_of("#!/usr/bin/perl\n"), ENOENT, {ShellKind::zsh, {5, 9}}), "");
}

TEST(ShellMessage, SaysWhoseWordsItUsesWhenTheReleaseWasNotHeard) {
    EXPECT_EQ(assumed_shell(with_shell(ShellKind::bash, {5, 2, 37})), "");
    EXPECT_EQ(assumed_shell(with_shell(ShellKind::dash, {0, 5, 12})), "");
    EXPECT_EQ(assumed_shell(with_shell(ShellKind::none, {})), "");
    EXPECT_EQ(assumed_shell(with_shell(ShellKind::bash, {4, 4})),
              "the words and the exit code of bash 4.4 are taken to be like those of 5.1 to 5.3");
    EXPECT_EQ(assumed_shell(with_shell(ShellKind::dash, {})),
              "the words and the exit code are those of dash 0.5.12: which release test has is not known");
    EXPECT_EQ(said(ShellKind::bash, {4, 2}, file_of(std::string_view("MZ\0", 3)), ENOEXEC).text, "bash: ./x: cannot execute binary file");
}

TEST(ShellMessage, EveryPrefixOfAHashBangLineIsSafe) {
    std::string line("#! \t/no/such\r \t-x\0y\n#\0", 22);
    for (std::size_t size = 0; size <= line.size(); ++size) {
        for (const auto& [kind, version] : {std::pair{ShellKind::bash, Version{5, 3}},
                                            {ShellKind::dash, Version{}},
                                            {ShellKind::zsh, Version{}},
                                            {ShellKind::busybox, Version{}}}) {
            for (int error : {ENOENT, ENOEXEC, EACCES}) {
                RefusedFile file = file_of(std::string_view(line).substr(0, size));
                static_cast<void>(said(kind, version, file, error));
                static_cast<void>(searched_in_path(file, error, {kind, version}));
            }
        }
    }
}

TEST(ShellMessage, SignalsInEachShellsWords) {
    EXPECT_EQ(killed_message("./x", 11, with_shell(ShellKind::bash, {5, 2})).text, "Segmentation fault");
    EXPECT_EQ(killed_message("./x", 11, with_shell(ShellKind::zsh, {5, 9})).text, "zsh: segmentation fault  ./x");
    EXPECT_EQ(killed_message("./x", 9, with_shell(ShellKind::zsh, {5, 9})).text, "zsh: killed     ./x");
    EXPECT_EQ(killed_message("./x", 7, with_shell(ShellKind::dash, {})).exit_code, 135);
    target::Target mac = with_shell(ShellKind::bash, {3, 2});
    mac.os = target::Os::macos;
    EXPECT_EQ(killed_message("./x", 9, mac).text, "Killed: 9");
}

}  // namespace
}  // namespace abiscope::loader
