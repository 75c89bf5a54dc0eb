#include "golang/types.h"

#include <map>

#include <gtest/gtest.h>

#include "golang/program.h"
#include "golang/release_data.h"
#include "golang/types_format.h"
#include "unit/golang/go_memory.h"

namespace abiscope::golang {
namespace {

struct Opened {
    test::GoProgramSpec spec;
    test::GoProgram made;
    RangeMemory memory;
    finding::Sink sink;
    Result<Program> program;

    explicit Opened(test::GoProgramSpec of, test::GoProgram built)
        : spec(std::move(of)), made(std::move(built)), memory(memory_of(made, spec)), program(Program::open(memory, std::nullopt, sink)) {}
};

TEST(GoTypes, StructsFieldsTagsAndNamesOfEveryRelease) {
    for (unsigned minor = 16; minor <= 26; ++minor) {
        for (unsigned word : {4U, 8U}) {
            for (bool big : {false, true}) {
                SCOPED_TRACE(testing::Message() << "1." << minor << " word " << word << (big ? " big" : ""));
                test::GoProgramSpec spec{.minor = minor, .word = word, .big = big};
                spec.version = "go1." + std::to_string(minor);
                Opened opened(spec, make_go_program(spec, two_functions()));
                ASSERT_TRUE(opened.program);
                EXPECT_EQ(opened.program->version().text, spec.version);
                EXPECT_EQ(opened.program->release().minor, minor);
                std::map<std::string, Type> found;
                TypeReader types = opened.program->types(opened.program->main());
                EXPECT_EQ(visit_types(types, [&](const Type& type) { found.emplace(type.text, type); }, opened.sink), 3U);
                ASSERT_TRUE(found.contains("main.Node"));
                const Type& node = found["main.Node"];
                EXPECT_EQ(node.kind, Kind::struct_);
                EXPECT_EQ(name_of(node), "Node");
                EXPECT_EQ(node.package, "main");
                EXPECT_EQ(node.size, 2 * word);
                ASSERT_EQ(node.fields.size(), 2U);
                EXPECT_EQ(node.fields[0].name, "Value");
                EXPECT_EQ(node.fields[0].tag, "json:\"v\"");
                EXPECT_EQ(node.fields[0].type, opened.made.number_type);
                EXPECT_EQ(node.fields[1].offset, word);
                EXPECT_EQ(node.fields[1].package, "main");
                EXPECT_FALSE(node.fields[1].embedded);
                EXPECT_EQ(found["main.Number"].kind, Kind::int32);
                EXPECT_EQ(found["*main.Node"].element, node.address);   // a circle: Node, *Node, Node
            }
        }
    }
}

TEST(GoTypes, ACountThatLiesIsAnErrorWithItsPlace) {
    test::GoProgramSpec spec{.minor = 22, .version = "go1.22"};
    test::GoProgram made = make_go_program(spec, two_functions());
    std::size_t count = made.node_type - made.rodata + 48 + 16;
    made.read_only[count + 6] = std::byte{0x7f};
    Opened opened(spec, std::move(made));
    ASSERT_TRUE(opened.program);
    auto type = opened.program->types(opened.program->main()).read(opened.made.node_type);
    ASSERT_FALSE(type);
    EXPECT_EQ(type.error().code, ErrorCode::truncated);
    EXPECT_NE(type.error().offset, Error::no_offset);
    EXPECT_EQ(visit_types(opened.program->types(opened.program->main()), [](const Type&) {}, opened.sink), 1U);
    bool told = false;
    for (const finding::Finding& finding : opened.sink.findings()) told = told || finding.rule() == finding::RuleId::GO_TYPE_UNREADABLE;
    EXPECT_TRUE(told);
}

TEST(GoTypes, ChangedBytesAreSurvived) {
    test::GoProgramSpec spec{.minor = 26, .version = "go1.26"};
    test::GoProgram made = make_go_program(spec, two_functions());
    for (std::size_t at = 0; at < made.read_only.size(); at += 3) {
        for (unsigned value : {0U, 0xffU}) {
            test::GoProgram changed = made;
            changed.read_only[at] = static_cast<std::byte>(value);
            Opened opened(spec, std::move(changed));
            if (!opened.program) continue;
            TypeReader types = opened.program->types(opened.program->main());
            EXPECT_LE(visit_types(types, [](const Type&) {}, opened.sink), 64U);
        }
    }
}

TEST(GoTypes, TheDescriptorIsThatOfTheData) {
    for (unsigned word : {4U, 8U}) {
        TypeOffsets ours = type_offsets(word);
        for (std::uint16_t minor = 16; minor <= newest_release.minor; ++minor) {
            bool old = minor < 21;
            auto layout = struct_layout(old ? "runtime._type" : "internal/abi.Type", {minor}, word);
            ASSERT_TRUE(layout) << minor;
            EXPECT_EQ(layout->size(), ours.size);
            EXPECT_EQ(layout->field(old ? "tflag" : "TFlag")->offset, ours.flags);
            EXPECT_EQ(layout->field(old ? "kind" : "Kind_")->offset, ours.kind);
            EXPECT_EQ(layout->field(old ? "str" : "Str")->offset, ours.text);
            EXPECT_EQ(layout->field(old ? "ptrToThis" : "PtrToThis")->offset, ours.pointer_to_this);
        }
    }
}

}  // namespace
}  // namespace abiscope::golang
