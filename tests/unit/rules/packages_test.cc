#include "rules/packages.h"

#include <gtest/gtest.h>

namespace abiscope::rules {
namespace {

TEST(Packages, AreThoseOfTheRelease) {
    EXPECT_EQ(install_command("debian:12/amd64", "libssl.so.3"), "apt-get install libssl3");
    EXPECT_EQ(install_command("debian:11/amd64", "libssl.so.3"), std::nullopt);
    EXPECT_EQ(install_command("debian:11/amd64", "libssl.so.1.1"), "apt-get install libssl1.1");
    EXPECT_EQ(install_command("debian:sid/amd64", "libssl.so.1.1"), std::nullopt);
    EXPECT_EQ(install_command("ubuntu:20.04/amd64", "libssl.so.1.1"), "apt-get install libssl1.1");
    EXPECT_EQ(install_command("ubuntu:22.04/amd64", "libssl.so.1.1"), std::nullopt);
    EXPECT_EQ(install_command("ubuntu:24.04/arm64", "libssl.so.3"), "apt-get install libssl3");
    EXPECT_EQ(install_command("alpine:3.12/amd64", "libssl.so.3"), std::nullopt);
    EXPECT_EQ(install_command("alpine:3.20/amd64", "libssl.so.3"), "apk add libssl3");
}

TEST(Packages, ComeByTheCommandOfTheRelease) {
    EXPECT_EQ(install_command("rhel:7/amd64", "libstdc++.so.6"), "yum install libstdc++");
    EXPECT_EQ(install_command("rhel:9/amd64", "libstdc++.so.6"), "dnf install libstdc++");
    EXPECT_EQ(install_command("amazonlinux:2/amd64", "libz.so.1"), "yum install zlib");
    EXPECT_EQ(install_command("opensuse:tumbleweed/amd64", "libffi.so.8"), "zypper install libffi8");
}

TEST(Packages, AreNotNamedWhereADistributionHasThemUnderAnotherName) {
    EXPECT_EQ(install_command("debian:12/amd64", "libjpeg.so.8"), std::nullopt);
    EXPECT_EQ(install_command("ubuntu:22.04/amd64", "libjpeg.so.8"), "apt-get install libjpeg8");
    EXPECT_EQ(install_command("ubuntu:22.04/amd64", "libjpeg.so.62"), std::nullopt);
    EXPECT_EQ(install_command("debian:12/amd64", "libunheard.so.1"), std::nullopt);
    EXPECT_EQ(install_command("host", "libz.so.1"), std::nullopt);
}

}  // namespace
}  // namespace abiscope::rules
