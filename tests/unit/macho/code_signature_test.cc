#include "macho/code_signature.h"

#include "macho/hardening.h"
#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

using test::ByteWriter;

ByteWriter directory(std::uint32_t flags, std::uint32_t version = 0x20500) {
    ByteWriter d(true);
    // 96 bytes of header for 0x20500 (padded), identifier at 96, team at 104, two hashes of 32 bytes at 112
    d.u32(0xfade0c02).u32(112 + 64).u32(version).u32(flags).u32(112).u32(96).u32(0).u32(2).u32(0x2000).u8(32).u8(2).u8(0).u8(12).u32(0);
    d.u32(0).u32(104).u32(0).u64(0).u64(0).u64(0x1000).u64(1).u32(0x000d0000).u32(0);
    d.zeros(96 - d.size()).fixed("com.x", 8).fixed("TEAMID", 8).zeros(64);
    return d;
}

std::vector<std::byte> signed_library(const ByteWriter& superblob, std::uint32_t cpu_type = 0x0100000c) {
    auto builder = small_library();
    builder.cpu_type = cpu_type;
    builder.put(0x2400, superblob).data(0x1d, 0x2400, static_cast<std::uint32_t>(superblob.size()));
    return builder.build();
}

ByteWriter superblob(const ByteWriter& main, const ByteWriter& cms) {
    ByteWriter blob(true);
    ByteWriter entitlements(true);
    entitlements.u32(0xfade7171).u32(8 + 8).fixed("<plist/>", 8);
    auto total = static_cast<std::uint32_t>(36 + main.size() + entitlements.size() + cms.size());
    auto second = static_cast<std::uint32_t>(36 + main.size());
    blob.u32(0xfade0cc0).u32(total).u32(3).u32(0).u32(36).u32(5).u32(second).u32(0x10000).u32(second + entitlements.size());
    blob.append(main.bytes()).append(entitlements.bytes()).append(cms.bytes());
    return blob;
}

TEST(MachoCodeSignature, ReadsTheCodeDirectory) {
    ByteWriter cms(true);
    cms.u32(0xfade0b01).u32(8 + 4).u32(0x30030201);
    Loaded loaded(signed_library(superblob(directory(0x10000), cms)));
    auto signature = *read_code_signature(loaded.image(), loaded.sink);
    ASSERT_TRUE(signature);
    EXPECT_THAT(loaded.rules(), testing::IsEmpty());
    const CodeDirectory* d = signature->directory();
    ASSERT_NE(d, nullptr);
    EXPECT_EQ(d->identifier, "com.x");
    EXPECT_EQ(d->team_id, "TEAMID");
    EXPECT_EQ(d->page_size, 4096U);
    EXPECT_EQ(d->code_limit, 0x2000U);
    EXPECT_EQ(d->runtime, 0x000d0000U);
    EXPECT_EQ(d->exec_segment_flags, 1U);
    EXPECT_EQ(find_name(names::hash_types, d->hash_type), "sha256");
    EXPECT_TRUE(signature->has_cms);
    EXPECT_EQ(signature->entitlements->as_text(), "<plist/>");
    auto facts = *read_hardening(loaded.image());
    EXPECT_TRUE(facts.is_signed && facts.hardened_runtime && facts.has_certificate && facts.has_entitlements);
    EXPECT_FALSE(facts.adhoc || facts.linker_signed);
}

TEST(MachoCodeSignature, AnEmptyCmsBlobIsNoCertificate) {
    ByteWriter cms(true);
    cms.u32(0xfade0b01).u32(8);
    Loaded loaded(signed_library(superblob(directory(0x20002, 0x20400), cms)));
    auto signature = *read_code_signature(loaded.image(), loaded.sink);
    ASSERT_TRUE(signature);
    EXPECT_FALSE(signature->has_cms);
    EXPECT_EQ(signature->directory()->runtime, std::nullopt);
    auto facts = *read_hardening(loaded.image());
    EXPECT_TRUE(facts.is_signed && facts.adhoc && facts.linker_signed);
}

TEST(MachoCodeSignature, MissingMattersOnArm64Only) {
    auto builder = small_library();
    Loaded intel(builder.build());
    EXPECT_FALSE(*read_code_signature(intel.image(), intel.sink));
    EXPECT_THAT(intel.rules(), testing::IsEmpty());
    builder.cpu_type = 0x0100000c;
    builder.cpu_subtype = 0;
    Loaded apple(builder.build());
    EXPECT_FALSE(*read_code_signature(apple.image(), apple.sink));
    EXPECT_THAT(apple.rules(), testing::ElementsAre("MACHO-SIGNATURE-MISSING"));
    EXPECT_FALSE(read_hardening(apple.image())->is_signed);
    builder.file_type = 1;
    Loaded object(builder.build());
    EXPECT_FALSE(*read_code_signature(object.image(), object.sink));
    EXPECT_FALSE(object.has("MACHO-SIGNATURE-MISSING"));
}

TEST(MachoCodeSignature, SaysWhatIsWrong) {
    ByteWriter cms(true);
    cms.u32(0xfade0b01).u32(8);
    auto sound = superblob(directory(2), cms).bytes();
    auto malformed = [](const std::vector<std::byte>& blob) {
        ByteWriter writer;
        writer.append(blob);
        Loaded loaded(signed_library(writer));
        EXPECT_TRUE(read_code_signature(loaded.image(), loaded.sink));
        return loaded.has("MACHO-SIGNATURE-MALFORMED");
    };
    EXPECT_FALSE(malformed(sound));
    // magic, length, count, offset of the directory, its length, its hash and identifier offsets, its code slots and code limit
    for (std::size_t at : {0, 4, 8, 16, 40, 52, 56, 64, 68}) {
        auto broken = sound;
        broken[at] = std::byte{0x7f};
        EXPECT_TRUE(malformed(broken)) << at;
    }
    EXPECT_TRUE(malformed(std::vector<std::byte>(sound.begin(), sound.begin() + 8)));
}

TEST(MachoHardening, SeesFlagsSectionsAndImports) {
    auto builder = small_library();
    builder.flags |= 0x1200000;
    builder.segment({.name = "__RESTRICT",
                     .address = 0x30000,
                     .memory_size = 0,
                     .protection = 1,
                     .sections = {{.segment = "__RESTRICT", .name = "__restrict", .address = 0x30000}}});
    builder.put(0x2000, ByteWriter().u32(1).u8(1).u8(0).u16(0).u64(0).u32(19).u8(1).u8(0).u16(0).u64(0));
    builder.put(0x2800, ByteWriter().text("").text("___stack_chk_fail").text("___memcpy_chk"));
    builder.command(0x2, builder.writer().u32(0x2000).u32(2).u32(0x2800).u32(40));
    builder.command(0x2c, builder.writer().u32(0x800).u32(0x100).u32(0).u32(0));
    Loaded loaded(builder.build());
    auto facts = *read_hardening(loaded.image());
    EXPECT_TRUE(facts.pie && facts.no_heap_execution && facts.stack_canary && facts.fortify && facts.restricted);
    EXPECT_FALSE(facts.encrypted || facts.allows_stack_execution || facts.arc || facts.is_signed);
}

}  // namespace
}  // namespace abiscope::macho
