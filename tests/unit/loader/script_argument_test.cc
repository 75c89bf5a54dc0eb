#include <gtest/gtest.h>

#include "bytes/source.h"
#include "loader/script_perl.h"
#include "loader/simulate.h"

namespace abiscope::loader {
namespace {

using target::ShellKind;

// A script on a machine of which only names are known.
Outcome start(std::string_view line, std::string name, ShellKind shell) {
    target::Target target;
    target.name = std::move(name);
    target.shell = {shell, {}};
    target.commands = {"/usr/bin/perl"};
    std::string text = "#!" + std::string(line) + "\n";
    std::vector<std::byte> bytes(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = static_cast<std::byte>(text[i]);
    ModuleCache cache(target.files);
    return simulate({"./x", make_module(Source::from_memory("./x", std::move(bytes))), {.mode = 0755, .uid = 1000, .gid = 1000}}, target,
                    cache, {});
}

TEST(ScriptArgument, ShellsOfSystemsSpeakForThemselves) {
    EXPECT_EQ(start("/bin/sh -e -u", "debian:12/amd64", ShellKind::bash).message.text, "/bin/sh: 0: Illegal option - ");
    EXPECT_EQ(start("/bin/sh -e -u", "rhel:9/amd64", ShellKind::bash).message.text, "/bin/sh: - : invalid option");
    EXPECT_EQ(start("/bin/sh -e -u", "rhel:9/amd64", ShellKind::bash).message.exit_code, 1);
    EXPECT_EQ(start("/bin/sh -e -u", "alpine:3.20/amd64", ShellKind::busybox).message.text, "/bin/sh: illegal option - ");
    Outcome option = start("/bin/sh -eo pipefail", "alpine:3.20/amd64", ShellKind::busybox);
    EXPECT_EQ(option.message.text, "/bin/sh: illegal option -o ./x");
    EXPECT_EQ(option.message.exit_code, std::nullopt);
    EXPECT_NE(start("/bin/sh -eu", "alpine:3.20/amd64", ShellKind::busybox).verdict, Verdict::fails);
}

TEST(ScriptArgument, WhatIsNotKnownIsNotPromised) {
    for (const char* line :
         {"/bin/sh -c", "/bin/sh -z", "/bin/sh other", "/bin/sh /opt/other", "/usr/bin/perl -e", "/usr/bin/perl other"}) {
        EXPECT_EQ(start(line, "debian:12/amd64", ShellKind::bash).verdict, Verdict::unknown) << line;
    }
    EXPECT_EQ(start("/usr/bin/perl -x", "debian:12/amd64", ShellKind::bash).message.text, "Can't emulate -x on #! line.");
}

TEST(ScriptArgument, PerlReadsTheLineTwice) {
    using Kind = PerlAnswer::Kind;
    auto kind = [](std::string_view argument) { return read_by_perl(argument, "./x").kind; };
    for (const char* good :
         {"-w", "-w -T", "-CSDA -w", "-l012n", "-0777", "-F: -a", "-I. -w", "-i.bak -p", "-w\r", "-w # all", "-w -- all"}) {
        EXPECT_EQ(kind(good), Kind::read) << good;
    }
    for (const char* bad : {"-Mstrict", "-mstrict", "-w -M", "-x", "-wS", "-l -f"}) EXPECT_EQ(kind(bad), Kind::refused) << bad;
    for (const char* other : {"-e", "-wnle", "-C", "-I", "-z", "-u", "-d:x"}) EXPECT_EQ(kind(other), Kind::unknown) << other;
    EXPECT_EQ(read_by_perl("-wMstrict", "./x").text, "Too late for \"-Mstrict\" option at ./x line 1.");
    EXPECT_EQ(read_by_perl("-Mnosuch", "./x").text, "");
    EXPECT_EQ(read_by_perl("-wfoo", "./x").text, "");
}

}  // namespace
}  // namespace abiscope::loader
