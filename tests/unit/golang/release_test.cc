#include "golang/release.h"

#include <gtest/gtest.h>

#include "golang/program.h"
#include "golang/release_data.h"
#include "unit/golang/go_memory.h"

namespace abiscope::golang {
namespace {

TEST(Release, OfVersionsAsProgramsHaveThem) {
    EXPECT_EQ(parse_release("go1.22.3"), Release{22});
    EXPECT_EQ(parse_release("go1.27rc1"), Release{27});
    EXPECT_EQ(parse_release("go1.25.1 X:greenteagc"), Release{25});
    EXPECT_EQ(parse_release("devel go1.23-0a1b2c3 Mon"), Release{23});
    EXPECT_EQ(parse_release("go2"), std::nullopt);
    EXPECT_EQ(parse_release("go1."), std::nullopt);
    EXPECT_EQ(parse_release(""), std::nullopt);
    EXPECT_EQ((ReleaseRange{{20}, {22}}).to_string(), "1.20 to 1.22");
}

TEST(ReleaseData, StructsOfAReleaseAndArchitecture) {
    // runtime.g on amd64: DWARF of programs built by these releases.
    EXPECT_EQ(struct_layout("runtime.g", {19}, "amd64")->field("goid")->offset, 152U);
    EXPECT_EQ(struct_layout("runtime.g", {24}, "amd64")->field("goid")->offset, 160U);
    EXPECT_EQ(struct_layout("runtime.g", {27}, "amd64")->size(), 456U);
    EXPECT_EQ(struct_layout("runtime.g", {27}, "386")->field("goid")->offset, 80U);
    EXPECT_FALSE(struct_layout("runtime.gobuf", {25}, "arm64")->field("ret"));
    EXPECT_EQ(struct_layout("runtime.g", {27}, "mips64")->size(), struct_layout("runtime.g", {27}, "mips64le")->size());
    EXPECT_FALSE(struct_layout("runtime.g", {28}, "amd64"));
    EXPECT_FALSE(struct_layout("runtime.g", {27}, "pdp11"));
    EXPECT_FALSE(struct_layout("runtime.nothing", {27}, "amd64"));
}

TEST(ReleaseData, NamesThatWereRenumbered) {
    EXPECT_EQ(value_of(NameKind::wait_reason, {25}, "chan receive"), 14U);
    EXPECT_EQ(value_of(NameKind::wait_reason, {26}, "chan receive"), 19U);
    EXPECT_EQ(name_of(NameKind::wait_reason, {27}, 14), "sleep");
    EXPECT_EQ(name_of(NameKind::goroutine_status, {25}, 10), std::nullopt);
    EXPECT_EQ(name_of(NameKind::goroutine_status, {26}, 10), "leaked");
    EXPECT_EQ(value_of(NameKind::function_id, {21}, "sigpanic"), 18U);
    EXPECT_EQ(value_of(NameKind::function_id, {22}, "sigpanic"), 19U);
    EXPECT_EQ(value_of(NameKind::function_id, {25}, "sigpanic"), 20U);
}

TEST(GoVersion, NewerThanTheDataIsSaid) {
    test::GoProgramSpec spec{.minor = 27, .version = "go1.31.2"};
    test::GoProgram made = make_go_program(spec, two_functions());
    RangeMemory memory = memory_of(made, spec);
    finding::Sink sink;
    auto program = Program::open(memory, std::nullopt, sink);
    ASSERT_TRUE(program);
    EXPECT_EQ(program->version().text, "go1.31.2");
    EXPECT_EQ(program->release(), newest_release);
    ASSERT_FALSE(sink.findings().empty());
    EXPECT_EQ(sink.findings()[0].rule(), finding::RuleId::GO_VERSION_NEWER_THAN_DATA);
}

TEST(GoVersion, WhatTheBytesContradictIsNotBelieved) {
    test::GoProgramSpec spec{.minor = 26};
    test::GoProgram made = make_go_program(spec, two_functions());
    RangeMemory memory = memory_of(made, spec);
    finding::Sink sink;
    BuildInfo build;
    build.version = "go1.19.3";
    auto program = Program::open(memory, build, sink);
    ASSERT_TRUE(program);
    EXPECT_EQ(program->release(), Release{26});
    ASSERT_FALSE(sink.findings().empty());
    EXPECT_EQ(sink.findings()[0].rule(), finding::RuleId::GO_VERSION_CONTRADICTED);
}

TEST(GoVersion, NumbersOfTheRuntimesFunctionsNarrowTheRange) {
    test::GoProgramSpec spec{.minor = 23};
    std::vector<test::GoFunctionSpec> functions = two_functions();
    functions[0].id = 8;   // goexit from 1.22 on
    test::GoProgram made = make_go_program(spec, functions);
    RangeMemory memory = memory_of(made, spec);
    finding::Sink sink;
    auto program = Program::open(memory, std::nullopt, sink);
    ASSERT_TRUE(program);
    EXPECT_EQ(program->main().module.fits.to_string(), "1.21 to 1.25");
    EXPECT_EQ(program->version().shape.to_string(), "1.22 to 1.25");
    EXPECT_EQ(program->version().source, VersionSource::shape);
}

TEST(Packages, OfFunctions) {
    EXPECT_EQ(package_of("main.main"), "main");
    EXPECT_EQ(package_of("github.com/a/b.(*T).M"), "github.com/a/b");
    EXPECT_EQ(package_of("gopkg.in/yaml%2ev3.Unmarshal"), "gopkg.in/yaml.v3");
    EXPECT_EQ(package_of("main.each[go.shape.string]"), "main");
    EXPECT_EQ(package_of("main.Map[github.com/a/b.T,int].Get"), "main");
    EXPECT_EQ(package_of("type:.eq.main.T"), "");
    EXPECT_EQ(package_of("type..eq.main.T"), "");
    EXPECT_EQ(package_of("go.uber.org/zap.New"), "go.uber.org/zap");
    EXPECT_EQ(package_of("_rt0_amd64"), "");
}

}  // namespace
}  // namespace abiscope::golang
