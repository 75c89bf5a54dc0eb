#include "target/catalogue.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "target/cpu_levels.h"
#include "target/library_catalogue.h"

namespace abiscope::target {
namespace {

std::shared_ptr<const DescribedLibrary> library(const Target& target, std::string_view path) {
    auto contents = target.files->open(path, Credentials{1000, 1000});
    if (!contents) return nullptr;
    const auto* described = std::get_if<std::shared_ptr<const DescribedLibrary>>(&*contents);
    return described != nullptr ? *described : nullptr;
}

bool defines(const Target& target, std::string_view path, std::string_view node) {
    auto found = library(target, path);
    return found && std::ranges::find(found->versions, node) != found->versions.end();
}

Target get(std::string_view name) {
    auto target = find_target(name);
    EXPECT_TRUE(target) << name << ": " << target.error().describe();
    return target ? *std::move(target) : Target();
}

TEST(Catalogue, EveryTargetOfEveryArchitectureIsWhole) {
    std::set<std::string> names;
    for (const CatalogueEntry& entry : all_targets()) {
        EXPECT_TRUE(names.insert(entry.name).second) << entry.name << " twice";
        ASSERT_FALSE(entry.architectures.empty()) << entry.name;
        for (Architecture architecture : entry.architectures) {
            auto target = find_target(entry.name, architecture);
            ASSERT_TRUE(target) << entry.name << ": " << target.error().describe();
            EXPECT_EQ(target->name, entry.name + "/" + std::string(to_string(architecture)));
            EXPECT_FALSE(target->title.empty()) << target->name;
            EXPECT_FALSE(target->sources.empty()) << target->name;
            for (const FactSource& fact : target->sources) EXPECT_FALSE(fact.source.empty()) << target->name << ' ' << fact.fact;
            ASSERT_NE(target->files, nullptr);
            if (target->os != Os::linux) {
                EXPECT_FALSE(target->os_version.empty()) << target->name;
                continue;
            }
            if (target->libc.kind == LibcKind::none) continue;
            EXPECT_FALSE(target->libc.loader.empty()) << target->name;
            EXPECT_FALSE(target->libc.directories.empty()) << target->name;
        }
        for (const std::string& alias : entry.aliases) EXPECT_TRUE(find_target(alias)) << alias;
    }
    EXPECT_GE(names.size(), 80U);
}

TEST(Catalogue, CommandsHaveTheirPathsOfEachRelease) {
    for (const CatalogueEntry& entry : all_targets()) {
        for (const std::string& command : find_target(entry.name, entry.architectures.front())->commands)
            EXPECT_TRUE(command.starts_with('/')) << entry.name << ' ' << command;
    }
    EXPECT_TRUE(get("debian:12/amd64").has_command("/usr/bin/bash"));
    EXPECT_TRUE(get("debian:11/amd64").has_command("/bin/bash"));
    EXPECT_FALSE(get("debian:11/amd64").has_command("/usr/bin/bash"));
    EXPECT_TRUE(get("alpine:3.20/amd64").has_command("/bin/sh"));
    EXPECT_FALSE(get("alpine:3.20/amd64").has_command("/bin/bash"));
    EXPECT_FALSE(get("scratch/amd64").has_command("/bin/sh"));
}

TEST(Catalogue, EveryBaseSystemResolvesItsOwnLibraries) {
    int checked = 0;
    for (const CatalogueEntry& entry : all_targets()) {
        for (Architecture architecture : entry.architectures) {
            Target target = *find_target(entry.name, architecture);
            auto has = [&](const std::string& name) {
                return std::ranges::any_of(target.libc.directories,
                                           [&](const std::string& folder) { return library(target, folder + "/" + name) != nullptr; });
            };
            std::string libc = target.libc.kind == LibcKind::glibc ? "libc.so.6" : "ld-musl";
            if (target.libc.kind != LibcKind::glibc || !has(libc)) continue;
            EXPECT_NE(library(target, target.libc.loader), nullptr) << target.name << ' ' << target.libc.loader;
            for (const std::string& folder : {target.libc.directories.front(), target.libc.directories.back()}) {
                for (const std::string& name : target.files->list(folder)) {
                    auto found = library(target, folder + "/" + name);
                    if (!found) continue;
                    EXPECT_FALSE(found->source.empty());
                    for (const std::string& needed : found->needed)
                        EXPECT_TRUE(has(needed)) << target.name << ": " << name << " needs " << needed;
                    ++checked;
                }
            }
        }
    }
    EXPECT_GT(checked, 1000);
}

TEST(Catalogue, KnowsWhatTheReleasesDefine) {
    Target buster = get("debian:10/amd64");
    EXPECT_EQ(buster.libc.version, (Version{2, 28}));
    EXPECT_TRUE(defines(buster, "/lib/x86_64-linux-gnu/libc.so.6", "GLIBC_2.28"));
    EXPECT_FALSE(defines(buster, "/lib/x86_64-linux-gnu/libc.so.6", "GLIBC_2.34"));
    EXPECT_TRUE(defines(buster, "/lib/x86_64-linux-gnu/libpthread.so.0", "GLIBC_PRIVATE"));
    EXPECT_EQ(buster.files->real_path("/lib/x86_64-linux-gnu/libpthread.so.0").value(), "/lib/x86_64-linux-gnu/libpthread-2.28.so");
    EXPECT_TRUE(defines(buster, "/usr/lib/x86_64-linux-gnu/libstdc++.so.6", "GLIBCXX_3.4.25"));
    EXPECT_FALSE(defines(buster, "/usr/lib/x86_64-linux-gnu/libstdc++.so.6", "GLIBCXX_3.4.26"));
    EXPECT_EQ(buster.files->real_path("/usr/lib/x86_64-linux-gnu/libstdc++.so.6").value(), "/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.25");

    Target bookworm = get("bookworm");
    EXPECT_EQ(bookworm.name, "debian:12/amd64");
    EXPECT_TRUE(defines(bookworm, "/lib/x86_64-linux-gnu/libc.so.6", "GLIBC_ABI_DT_RELR"));
    EXPECT_TRUE(defines(bookworm, "/lib/x86_64-linux-gnu/libc.so.6", "GLIBC_2.31"));
    EXPECT_FALSE(defines(bookworm, "/lib/x86_64-linux-gnu/libpthread.so.0", "GLIBC_PRIVATE"));
    EXPECT_EQ(bookworm.files->real_path("/lib64/ld-linux-x86-64.so.2").value(), "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
    EXPECT_FALSE(bookworm.files->complete());

    Target arm = get("ubuntu:22.04/arm64");
    EXPECT_TRUE(defines(arm, "/lib/aarch64-linux-gnu/libc.so.6", "GLIBC_2.17"));
    EXPECT_FALSE(defines(arm, "/lib/aarch64-linux-gnu/libc.so.6", "GLIBC_2.2.5"));
    EXPECT_EQ(arm.libc.lib_token, "lib/aarch64-linux-gnu");

    Target nine = get("almalinux:9.4");
    EXPECT_EQ(nine.name, "almalinux:9/amd64");
    EXPECT_EQ(nine.cpu.name, "x86-64-v2");
    EXPECT_EQ(nine.libc.directories, (std::vector<std::string>{"/lib64", "/usr/lib64"}));

    Target alpine = get("alpine:3.20.3/arm64");
    EXPECT_EQ(alpine.libc.kind, LibcKind::musl);
    EXPECT_NE(library(alpine, "/lib/ld-musl-aarch64.so.1"), nullptr);
    EXPECT_NE(library(alpine, "/lib/libc.musl-aarch64.so.1"), nullptr);
    EXPECT_EQ(alpine.shell.kind, ShellKind::busybox);

    EXPECT_TRUE(get("scratch").files->complete());
    EXPECT_EQ(get("windows:11/arm64").os_version, (Version{10, 0, 22000}));
}

TEST(Catalogue, NodesOnlyEverAppearAsReleasesGoOn) {
    std::vector<std::string> debian{"8", "9", "10", "11", "12", "13", "sid"};
    std::set<std::string> before;
    for (const std::string& version : debian) {
        auto libc = library(get("debian:" + version + "/amd64"), "/lib/x86_64-linux-gnu/libc.so.6");
        ASSERT_TRUE(libc);
        std::set<std::string> now(libc->versions.begin(), libc->versions.end());
        EXPECT_TRUE(std::ranges::includes(now, before)) << version;
        EXPECT_GT(now.size(), before.size()) << version;
        before = now;
    }
}

TEST(Catalogue, ExplainsWhatItDoesNotKnow) {
    auto text = [](std::string_view name) {
        auto target = find_target(name);
        EXPECT_FALSE(target) << name;
        return target ? std::string() : target.error().what;
    };
    EXPECT_NE(text("debain:12").find("did you mean 'debian:12'"), std::string::npos);
    EXPECT_NE(text("debian:77").find("debian:12"), std::string::npos);
    EXPECT_NE(text("debian").find("several releases"), std::string::npos);
    EXPECT_NE(text("debian:12/sparc").find("arm64"), std::string::npos);
    EXPECT_NE(text("").find("unknown target"), std::string::npos);
    EXPECT_TRUE(names_catalogue_target("debian:77"));
    EXPECT_TRUE(names_catalogue_target("bookworm/arm64"));
    EXPECT_FALSE(names_catalogue_target("server.profile"));
}

TEST(DatedNode, IsReadAndApplied) {
    auto node = parse_dated_node("GLIBC_2.31@2.34");
    ASSERT_TRUE(node);
    EXPECT_EQ(node_state(*node, Version{2, 33}), NodeState::absent);
    EXPECT_EQ(node_state(*node, Version{2, 34}), NodeState::present);
    node = parse_dated_node("GLIBC_PRIVATE@0~2.33");
    EXPECT_EQ(node_state(*node, Version{2, 31}), NodeState::present);
    EXPECT_EQ(node_state(*node, Version{2, 34}), NodeState::absent);
    node = parse_dated_node("GLIBC_ABI_GNU2_TLS@2.43?2.39");
    EXPECT_EQ(node_state(*node, Version{2, 38}), NodeState::absent);
    EXPECT_EQ(node_state(*node, Version{2, 41}), NodeState::doubtful);
    EXPECT_EQ(node_state(*node, Version{2, 43}), NodeState::present);
    EXPECT_FALSE(parse_dated_node("GLIBC_PRIVATE"));
}

TEST(Cpu, LevelsAndFeatures) {
    auto v3 = find_cpu("x86-64-v3");
    ASSERT_TRUE(v3);
    auto has = [](const Cpu& cpu, std::string_view feature) { return std::ranges::find(cpu.features, feature) != cpu.features.end(); };
    EXPECT_TRUE(has(*v3, "avx2") && has(*v3, "sse2") && has(*v3, "popcnt"));
    EXPECT_FALSE(has(*v3, "avx512f"));
    auto changed = parse_cpu("v2,+avx2,-popcnt", Cpu{});
    ASSERT_TRUE(changed);
    EXPECT_TRUE(has(*changed, "avx2") && has(*changed, "sse4_2"));
    EXPECT_FALSE(has(*changed, "popcnt"));
    EXPECT_EQ(changed->name, "x86-64-v2,+avx2,-popcnt");
    EXPECT_NE(parse_cpu("x86-64-v9", Cpu{}).error().what.find("did you mean"), std::string::npos);
}

// docker-library/busybox: what busybox and getconf need, out of Debian's packages, in /lib.
TEST(Catalogue, BusyboxHasAFewOfGlibcsLibraries) {
    Target target = get("busybox:glibc/amd64");
    EXPECT_TRUE(target.files->status("/lib64/ld-linux-x86-64.so.2", Credentials{}));
    EXPECT_TRUE(defines(target, "/lib/libc.so.6", "GLIBC_2.36"));
    EXPECT_EQ(library(target, "/lib/libdl.so.2"), nullptr);
    EXPECT_EQ(target.libc.directories.front(), "/lib/x86_64-linux-gnu");
}

// A rolling release whose version nobody wrote down has its libraries, but which nodes they define is open.
TEST(Catalogue, OfAnUnknownReleaseEveryNodeIsDoubtful) {
    Target target = get("void:glibc");
    EXPECT_TRUE(target.files->status("/lib64/ld-linux-x86-64.so.2", Credentials{}));
    auto libc = library(target, "/usr/lib/libc.so.6");
    ASSERT_NE(libc, nullptr);
    EXPECT_TRUE(libc->versions.empty());
    EXPECT_NE(std::ranges::find(libc->doubtful_versions, "GLIBC_2.34"), libc->doubtful_versions.end());
}

}  // namespace
}  // namespace abiscope::target
