// The smaller tables: debug directory, load configuration, TLS, CLR, certificates, overlay, hardening.
#include "pe/certificates.h"
#include "pe/clr.h"
#include "pe/hardening.h"
#include "pe/load_config.h"
#include "pe/notes.h"
#include "pe/overlay.h"
#include "pe/tls.h"
#include "unit/pe/testing.h"

namespace abiscope::pe {
namespace {

using finding::RuleId;
using test::PeBuilder;
using test::PeBytes;

// One entry and its data behind it.
PeBytes debug_section(std::uint32_t rva, std::uint32_t type, const PeBytes& data) {
    PeBytes bytes;
    auto size = static_cast<std::uint32_t>(data.size());
    bytes.u32(0).u32(0).u16(0).u16(0).u32(type).u32(size).u32(rva + 28).u32(0).append(data);
    return bytes;
}

Parsed with_debug(std::uint32_t type, const PeBytes& data) {
    PeBuilder builder;
    builder.add_directory(6, debug_section(builder.next_rva(), type, data), 28);
    return parse(builder);
}

TEST(DebugDirectory, CodeView70) {
    Parsed file = with_debug(
        2, PeBytes().text("RSDS", false).u32(0x11223344).u16(0x5566).u16(0x7788).u64(0x0011aabbccddeeff).u32(10).text("c:\\x.pdb"));
    auto debug = read_debug_directory(file.image, file.sink);
    ASSERT_TRUE(debug && debug->codeview);
    EXPECT_EQ(to_string(debug->codeview->guid), "11223344-5566-7788-FFEE-DDCCBBAA1100");
    EXPECT_EQ(debug->codeview->path, "c:\\x.pdb");
    EXPECT_EQ(debug->codeview->key(), "1122334455667788FFEEDDCCBBAA1100A");
    EXPECT_TRUE(file.sink.findings().empty());
}

TEST(DebugDirectory, CodeView20) {
    Parsed file = with_debug(2, PeBytes().text("NB10", false).u32(0).u32(0x3b8a).u32(2).text("old.pdb"));
    auto debug = read_debug_directory(file.image, file.sink);
    ASSERT_TRUE(debug && debug->codeview);
    EXPECT_FALSE(debug->codeview->pdb70);
    EXPECT_EQ(debug->codeview->key(), "00003B8A2");
}

TEST(DebugDirectory, OtherKinds) {
    Parsed repro = with_debug(16, PeBytes().u32(2).u16(0xabcd));
    auto debug = read_debug_directory(repro.image, repro.sink);
    ASSERT_TRUE(debug && debug->reproducible);
    EXPECT_EQ(debug->reproducible->size(), 2U);

    Parsed pogo =
        with_debug(13, PeBytes().text("LTCG", false).u32(0x1000).u32(0x10).text(".text$mn").align(4).u32(0x2000).u32(4).text(".data"));
    debug = read_debug_directory(pogo.image, pogo.sink);
    ASSERT_EQ(debug->pogo.size(), 2U);
    EXPECT_EQ(debug->pogo[1].name, ".data");

    Parsed feature = with_debug(12, PeBytes().u32(1).u32(2).u32(3).u32(4).u32(5));
    EXPECT_EQ(read_debug_directory(feature.image, feature.sink)->vc_feature->guard, 5U);

    Parsed checksum = with_debug(19, PeBytes().text("SHA256").zeros(32));
    EXPECT_EQ(read_debug_directory(checksum.image, checksum.sink)->pdb_checksum->algorithm, "SHA256");
    EXPECT_EQ(read_debug_directory(checksum.image, checksum.sink)->pdb_checksum->bytes.size(), 32U);

    Parsed cet = with_debug(20, PeBytes().u32(1));
    EXPECT_EQ(read_debug_directory(cet.image, cet.sink)->ex_dll_characteristics, 1U);
    EXPECT_EQ(read_hardening(cet.image, cet.sink)->cet_compat, true);
}

TEST(DebugDirectory, DataThatIsTooShortIsAFinding) {
    Parsed file = with_debug(2, PeBytes().text("RSDS", false).u32(1));
    EXPECT_TRUE(read_debug_directory(file.image, file.sink));
    EXPECT_TRUE(file.has(RuleId::PE_TABLE_DAMAGED));
}

TEST(LoadConfig, EndsWhereItsOwnSizeSays) {
    PeBuilder builder = PeBuilder::i386();
    std::uint32_t rva = builder.next_rva();
    PeBytes bytes;
    bytes.u32(72).zeros(56).u32(0x403000).u32(rva + 0x400000 + 72).u32(2).u32(0x1010).u32(0x1020);
    builder.add_directory(10, bytes, 64);
    Parsed file = parse(builder);
    auto config = read_load_config(file.image, file.sink);
    ASSERT_TRUE(config && *config);
    EXPECT_EQ((*config)->get(LoadConfigField::security_cookie), 0x403000U);
    EXPECT_EQ((*config)->get(LoadConfigField::se_handler_count), 2U);
    EXPECT_EQ((*config)->get(LoadConfigField::guard_flags), std::nullopt);
    EXPECT_EQ(read_safe_handlers(file.image, **config, file.sink), (std::vector<std::uint32_t>{0x1010, 0x1020}));
    auto facts = read_hardening(file.image, file.sink);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->safe_seh, true);
    EXPECT_EQ(facts->high_entropy_va, std::nullopt);
    EXPECT_TRUE(facts->security_cookie);
    EXPECT_TRUE(file.sink.findings().empty());
}

PeBytes guard_config(std::uint32_t rva, std::uint32_t flags, std::uint64_t count, std::uint64_t chpe) {
    PeBytes bytes;
    bytes.u32(208).zeros(124).u64(0x140000000 + rva + 208).u64(count).u32(flags).zeros(52).u64(chpe);
    bytes.u32(0x1000).u8(1).u32(0x1008).u8(2);
    return bytes;
}

TEST(LoadConfig, GuardTablesHaveAStride) {
    PeBuilder builder;
    builder.dll_characteristics |= 0x4000;
    builder.add_directory(10, guard_config(builder.next_rva(), 0x10000500, 2, 0), 208);
    Parsed file = parse(builder);
    auto config = read_load_config(file.image, file.sink);
    ASSERT_TRUE(config && *config);
    EXPECT_EQ((*config)->get(LoadConfigField::chpe_metadata_pointer), 0U);
    EXPECT_EQ((*config)->get(LoadConfigField::guard_rf_failure_routine), std::nullopt);
    auto table = read_guard_table(file.image, **config, LoadConfigField::guard_cf_function_table, LoadConfigField::guard_cf_function_count,
                                  file.sink);
    ASSERT_EQ(table.size(), 2U);
    EXPECT_EQ(table[1].rva, 0x1008U);
    EXPECT_EQ(table[1].extra.size(), 1U);
    auto facts = read_hardening(file.image, file.sink);
    EXPECT_TRUE(facts->guard_cf);
    EXPECT_EQ(facts->guard_functions, 2U);
    EXPECT_TRUE(file.sink.findings().empty());
}

TEST(LoadConfig, AGuardTableThatIsNotInTheFile) {
    PeBuilder builder;
    builder.add_directory(10, guard_config(builder.next_rva(), 0x10000500, ~std::uint64_t{0}, 0), 208);
    Parsed file = parse(builder);
    auto config = read_load_config(file.image, file.sink);
    auto table = read_guard_table(file.image, **config, LoadConfigField::guard_cf_function_table, LoadConfigField::guard_cf_function_count,
                                  file.sink);
    EXPECT_LE(table.size(), 0x200U / 5);
    EXPECT_TRUE(file.has(RuleId::PE_TABLE_DAMAGED));
}

TEST(LoadConfig, HybridRanges) {
    PeBuilder builder;
    std::uint32_t rva =
        builder.add(".hybrid", PeBuilder::rodata, PeBytes().u32(1).u32(0x2000 + 12).u32(2).u32(0x1001).u32(0x80).u32(0x1002).u32(0x40));
    builder.add_directory(10, guard_config(builder.next_rva(), 0, 0, 0x140000000 + rva), 208);
    Parsed file = parse(builder);
    auto chpe = read_chpe(file.image, **read_load_config(file.image, file.sink), file.sink);
    ASSERT_TRUE(chpe && *chpe);
    ASSERT_EQ((*chpe)->ranges.size(), 2U);
    EXPECT_EQ((*chpe)->ranges[0].rva, 0x1000U);
    EXPECT_EQ((*chpe)->ranges[0].code, ChpeCode::arm64ec);
    EXPECT_EQ((*chpe)->ranges[1].code, ChpeCode::amd64);
}

TEST(Tls, CallbacksUpToTheZero) {
    PeBuilder builder;
    std::uint64_t base = builder.image_base + builder.next_rva();
    builder.add_directory(
        9, PeBytes().u64(base).u64(base + 8).u64(base + 16).u64(base + 40).u32(24).u32(0).u64(base + 1).u64(base + 2).u64(0), 40);
    Parsed file = parse(builder);
    auto tls = read_tls(file.image, file.sink);
    ASSERT_TRUE(tls && *tls);
    EXPECT_EQ((*tls)->zero_fill, 24U);
    EXPECT_EQ((*tls)->callbacks, (std::vector<std::uint64_t>{base + 1, base + 2}));

    builder.sections[1].contents.patch(24, 0x10, 8);
    Parsed outside = parse(builder);
    EXPECT_TRUE((*read_tls(outside.image, outside.sink))->callbacks.empty());
    EXPECT_TRUE(outside.has(RuleId::PE_TABLE_DAMAGED));
}

PeBytes clr_section(std::uint32_t rva, std::string_view signature) {
    PeBytes bytes;
    bytes.u32(72).u16(2).u16(5).u32(rva + 72).u32(0x100).u32(1).u32(0x06000001).zeros(72 - 24);
    bytes.text(signature, false).u16(1).u16(1).u32(0).u32(12).text("v4.0.30319").align(4);
    bytes.u16(0).u16(2).u32(0x40).u32(0x10).text("#~").align(4).u32(0x50).u32(0x20).text("#Strings").align(4).zeros(0x100);
    return bytes;
}

TEST(Clr, RuntimeVersionAndStreams) {
    PeBuilder builder;
    builder.add_directory(14, clr_section(builder.next_rva(), "BSJB"), 72);
    Parsed file = parse(builder);
    auto clr = read_clr(file.image, file.sink);
    ASSERT_TRUE(clr && *clr);
    EXPECT_TRUE(file.image.is_dotnet());
    EXPECT_EQ((*clr)->runtime_version, "v4.0.30319");
    EXPECT_EQ((*clr)->flags, clr_flag::il_only);
    ASSERT_EQ((*clr)->streams.size(), 2U);
    EXPECT_EQ((*clr)->streams[1].name, "#Strings");
    EXPECT_EQ((*clr)->streams[0].offset, 0x600U + 72 + 0x40);
    EXPECT_FALSE((*clr)->ready_to_run);
    EXPECT_TRUE(file.sink.findings().empty());

    PeBuilder damaged;
    damaged.add_directory(14, clr_section(damaged.next_rva(), "XXXX"), 72);
    Parsed other = parse(damaged);
    EXPECT_EQ((*read_clr(other.image, other.sink))->runtime_version, "");
    EXPECT_TRUE(other.has(RuleId::PE_TABLE_DAMAGED));
}

TEST(Certificates, AndOverlay) {
    PeBuilder builder;
    EXPECT_EQ(find_overlay(parse(builder).image), std::nullopt);
    builder.overlay.text("payload!", false);
    Parsed plain = parse(builder);   // a View lives no longer than its image
    auto overlay = find_overlay(plain.image);
    ASSERT_TRUE(overlay);
    EXPECT_EQ(overlay->as_text(), "payload!");
    EXPECT_EQ(overlay->file_offset(), 0x600U);

    builder.overlay.u32(16).u16(0x200).u16(2).u64(0).u32(9).u16(0x200).u16(2).u8(1).zeros(7);
    builder.directories[4] = {0x608, 32};
    Parsed file = parse(builder);
    auto certificates = read_certificates(file.image, file.sink);
    ASSERT_TRUE(certificates);
    ASSERT_EQ(certificates->size(), 2U);
    EXPECT_EQ(certificates->at(0).data.size(), 8U);
    EXPECT_EQ(certificates->at(1).type, 2);
    EXPECT_EQ(find_overlay(file.image)->as_text(), "payload!");
    EXPECT_TRUE(read_hardening(file.image, file.sink)->certificate);
    EXPECT_TRUE(file.sink.findings().empty());

    builder.overlay.patch(8, 7, 4);
    Parsed damaged = parse(builder);
    EXPECT_TRUE(read_certificates(damaged.image, damaged.sink)->empty());
    EXPECT_TRUE(damaged.has(RuleId::PE_TABLE_DAMAGED));
}

TEST(Hardening, FlagsAsTheyStand) {
    PeBuilder builder;
    builder.dll_characteristics = 0x20 | 0x40 | 0x80 | 0x100 | 0x200 | 0x1000;
    Parsed file = parse(builder);
    auto facts = read_hardening(file.image, file.sink);
    ASSERT_TRUE(facts);
    EXPECT_TRUE(facts->dynamic_base && facts->nx_compat && facts->force_integrity && facts->no_isolation && facts->app_container);
    EXPECT_EQ(facts->high_entropy_va, true);
    EXPECT_EQ(facts->safe_seh, std::nullopt);
    EXPECT_EQ(facts->cet_compat, false);
    EXPECT_FALSE(facts->guard_cf);
    PeBuilder no_seh = PeBuilder::i386();
    no_seh.dll_characteristics = 0x400;
    Parsed other = parse(no_seh);
    EXPECT_EQ(read_hardening(other.image, other.sink)->safe_seh, true);
}

}  // namespace
}  // namespace abiscope::pe
