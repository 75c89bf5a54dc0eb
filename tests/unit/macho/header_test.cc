#include "macho/header.h"

#include "macho/spec.h"
#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

using test::ByteWriter;
using test::MachoBuilder;

TEST(MachoHeader, ReadsBothWidthsAndByteOrders) {
    for (bool wide : {false, true}) {
        for (bool big : {false, true}) {
            MachoBuilder builder(wide, big);
            builder.cpu_type = 18;
            builder.cpu_subtype = 100;
            builder.file_type = 2;
            builder.flags = 0x200085;
            Loaded loaded(builder.build());
            ASSERT_TRUE(loaded.parsed);
            const Header& header = loaded.image().header();
            EXPECT_EQ(header.wide, wide);
            EXPECT_EQ(header.order, big ? Endian::big : Endian::little);
            EXPECT_EQ(header.cpu_type, 18U);
            EXPECT_EQ(header.arch(), "ppc970");
            EXPECT_EQ(header.file_type, mh_execute);
            EXPECT_TRUE(header.has(mh_pie));
            EXPECT_EQ(header.size(), wide ? 32U : 28U);
        }
    }
}

TEST(MachoHeader, TellsWhatIsNoMacho) {
    finding::Sink sink;
    auto source = Source::from_memory("x", ByteWriter().u32(0x464c457f).zeros(60).bytes());
    auto image = Image::parse(source, source->view(), sink);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, ErrorCode::bad_magic);
    EXPECT_EQ(image.error().file, "x");
}

TEST(MachoHeader, TellsATruncatedHeader) {
    auto bytes = MachoBuilder().build();
    bytes.resize(20);
    Loaded loaded(bytes);
    ASSERT_FALSE(loaded.parsed);
    EXPECT_EQ(loaded.parsed.error().code, ErrorCode::truncated);
    EXPECT_EQ(loaded.parsed.error().offset, 20U);
}

TEST(MachoHeader, NamesArchitecturesWithoutTheirCapabilityBits) {
    EXPECT_EQ(arch_name(0x01000007, 0x80000003), "x86_64");
    EXPECT_EQ(arch_name(0x01000007, 8), "x86_64h");
    EXPECT_EQ(arch_name(0x0100000c, 0x80000002), "arm64e");
    EXPECT_EQ(arch_name(0x0200000c, 1), "arm64_32");
    EXPECT_EQ(arch_name(12, 11), "armv7s");
    EXPECT_EQ(arch_name(99, 7), "cputype 99 subtype 7");
}

TEST(MachoHeader, ReadsThePointerAuthenticationAbi) {
    MachoBuilder builder;
    builder.cpu_type = 0x0100000c;
    builder.cpu_subtype = 0xc3000002;
    Loaded loaded(builder.build());
    auto abi = loaded.image().header().pointer_auth_abi();
    ASSERT_TRUE(abi);
    EXPECT_EQ(abi->version, 3);
    EXPECT_TRUE(abi->versioned);
    EXPECT_TRUE(abi->kernel);
    builder.cpu_subtype = 0;
    EXPECT_FALSE(Loaded(builder.build()).image().header().pointer_auth_abi());
}

TEST(MachoSpec, EveryNameParsesBackToItsValue) {
    for (NameTable table : {names::load_commands, names::header_flags, names::platforms, names::section_types, names::stabs}) {
        for (const Name& entry : table) EXPECT_EQ(find_value(table, entry.name), entry.value) << entry.name;
    }
    EXPECT_EQ(protection_text(5), "r-x");
}

}  // namespace
}  // namespace abiscope::macho
