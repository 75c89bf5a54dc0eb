// Every reader on small files that are cut at every offset and changed at every byte of their headers and tables: no crash, no endless
// loop, and nothing read that the file does not hold.
#include <chrono>

#include "pe/certificates.h"
#include "pe/checksum.h"
#include "pe/clr.h"
#include "pe/exports.h"
#include "pe/hardening.h"
#include "pe/imports.h"
#include "pe/load_config.h"
#include "pe/manifest.h"
#include "pe/notes.h"
#include "pe/overlay.h"
#include "pe/relocations.h"
#include "pe/resources.h"
#include "pe/rich.h"
#include "pe/symbols.h"
#include "pe/tls.h"
#include "pe/version_info.h"
#include "unit/pe/testing.h"

namespace abiscope::pe {
namespace {

using test::PeBuilder;
using test::PeBytes;

// A program with nearly every table, in one section of 0x400 bytes.
PeBuilder everything(PeBuilder builder) {
    std::uint32_t rva = builder.next_rva();
    bool wide = builder.wide;
    std::uint64_t base = builder.image_base + rva;
    PeBytes all;
    auto place = [&](std::size_t index, const PeBytes& bytes, std::uint32_t size) {
        all.zeros((16 - all.size() % 16) % 16);
        builder.directories.at(index) = {rva + static_cast<std::uint32_t>(all.size()), size};
        all.append(bytes);
    };
    auto here = [&] { return rva + static_cast<std::uint32_t>((all.size() + 15) / 16 * 16); };
    std::uint32_t at = here();
    place(0,
          PeBytes()
              .zeros(12)
              .u32(at + 60)
              .u32(1)
              .u32(2)
              .u32(1)
              .u32(at + 40)
              .u32(at + 48)
              .u32(at + 52)
              .u32(0x1000)
              .u32(at + 66)
              .u32(at + 54)
              .u16(0)
              .text("fun", true)
              .zeros(2)
              .text("m.dll")
              .text("k.Fwd"),
          80);
    at = here();
    std::uint32_t word = wide ? 8 : 4;
    place(1,
          PeBytes()
              .u32(at + 40)
              .u32(0)
              .u32(0)
              .u32(at + 40 + 2 * word)
              .u32(at + 40)
              .zeros(20)
              .word(wide, at + 46 + 2 * word)
              .word(wide, 0)
              .text("a.dll")
              .u16(1)
              .text("f"),
          40);
    at = here();
    place(
        13,
        PeBytes().u32(1).u32(at + 64).u32(at).u32(at + 72).u32(at + 72).zeros(44).text("d.dll").zeros(2).word(wide, at + 64).word(wide, 0),
        64);
    place(5, PeBytes().u32(0x1000).u32(12).u16(0x3000).u16(0xa008), 12);
    at = here();
    place(6, PeBytes().zeros(12).u32(2).u32(30).u32(at + 28).u32(0).text("RSDS", false).zeros(20).text("a.pdb"), 28);
    place(9, PeBytes().word(wide, base).word(wide, base).word(wide, base).word(wide, base + all.size() + 64).u64(0).zeros(40),
          wide ? 40 : 24);
    at = here();
    place(2, PeBytes().zeros(14).u16(1).u32(24).u32(0x80000018).zeros(14).u16(1).u32(1).u32(0x30).u32(at + 64).u32(4).zeros(8).text("<a/>"),
          68);
    place(10, PeBytes().u32(112).zeros(108).u32(0x1000), 112);
    at = here();
    place(14,
          PeBytes()
              .u32(72)
              .u32(0)
              .u32(at + 72)
              .u32(64)
              .zeros(56)
              .text("BSJB", false)
              .zeros(8)
              .u32(4)
              .text("v1\0")
              .zeros(1)
              .u16(0)
              .u16(1)
              .u32(0)
              .u32(4)
              .text("#~")
              .zeros(1),
          72);
    builder.add(".all", PeBuilder::data, all);
    return builder;
}

std::size_t read_everything(const SourcePtr& source) {
    finding::Sink sink;
    auto image = Image::parse(source, source->view(), sink);
    if (!image) {
        EXPECT_FALSE(image.error().describe().empty());
        return 0;
    }
    std::size_t records = image->sections().size();
    auto count = [&records](const auto& read, auto&& size) {
        if (read) records += size(*read);
    };
    count(read_symbols(*image, sink), [](const auto& read) { return read.symbols.size(); });
    for (const auto& imports : {read_imports(*image, sink), read_delay_imports(*image, sink)}) {
        if (!imports) continue;
        for (const ImportedLibrary& library : imports->libraries) records += 1 + library.symbols.size();
    }
    count(read_bound_imports(*image, sink), [](const auto& read) { return read.size(); });
    count(read_exports(*image, sink), [](const auto& read) { return read ? read->exports.size() : 0; });
    count(read_relocations(*image, sink), [](const auto& read) { return read.blocks.size(); });
    count(read_debug_directory(*image, sink), [](const auto& read) { return read.entries.size(); });
    auto config = read_load_config(*image, sink);
    if (config && *config) {
        records += read_safe_handlers(*image, **config, sink).size();
        records +=
            read_guard_table(*image, **config, LoadConfigField::guard_cf_function_table, LoadConfigField::guard_cf_function_count, sink)
                .size();
        count(read_chpe(*image, **config, sink), [](const auto& read) { return read ? read->ranges.size() : 0; });
    }
    count(read_tls(*image, sink), [](const auto& read) { return read ? read->callbacks.size() : 0; });
    if (auto resources = read_resources(*image, sink)) {
        records += resources->resources.size();
        for (const Resource& resource : resources->resources) {
            static_cast<void>(read_manifest(resource.data));
            static_cast<void>(read_version_info(resource.data));
        }
    }
    count(read_clr(*image, sink), [](const auto& read) { return read ? read->streams.size() : 0; });
    count(read_rich_header(*image, sink), [](const auto& read) { return read ? read->entries.size() : 0; });
    count(read_certificates(*image, sink), [](const auto& read) { return read.size(); });
    static_cast<void>(check_checksum(*image, sink));
    static_cast<void>(read_hardening(*image, sink));
    static_cast<void>(find_overlay(*image));
    // Every finding can be placed: an offset, or an absence that says what was searched.
    for (const finding::Finding& finding : sink.findings())
        EXPECT_TRUE(finding.evidence()[0].offset || !finding.evidence()[0].reading.empty());
    return records;
}

TEST(Hostile, TheFileItselfIsClean) {
    for (const PeBuilder& builder : {everything(PeBuilder()), everything(PeBuilder::i386())}) {
        Parsed file = parse(builder);
        EXPECT_TRUE(file.sink.findings().empty());
        EXPECT_GT(read_everything(builder.source()), 10U);
        EXPECT_EQ(read_exports(file.image, file.sink)->value().exports.at(0).name, "fun");
        EXPECT_EQ(read_imports(file.image, file.sink)->libraries.at(0).symbols.at(0).name, "f");
        EXPECT_EQ(read_resources(file.image, file.sink)->resources.at(0).data.as_text(), "<a/>");
        EXPECT_EQ(read_clr(file.image, file.sink)->value().streams.at(0).name, "#~");
        EXPECT_TRUE(file.sink.findings().empty());
    }
}

TEST(Hostile, TruncatedAtEveryOffset) {
    for (const PeBuilder& builder : {everything(PeBuilder()), everything(PeBuilder::i386())}) {
        auto bytes = builder.bytes();
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            auto cut = bytes;
            cut.resize(size);
            cut.shrink_to_fit();   // so that AddressSanitizer sees the first byte past the end
            read_everything(Source::from_memory("cut", std::move(cut)));
        }
    }
}

TEST(Hostile, EveryByteChanged) {
    for (const PeBuilder& builder : {everything(PeBuilder()), everything(PeBuilder::i386())}) {
        auto bytes = builder.bytes();
        auto start = std::chrono::steady_clock::now();
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            for (unsigned flip : {0x01U, 0x80U, 0xffU}) {
                auto changed = bytes;
                changed[at] ^= static_cast<std::byte>(flip);
                // No record takes less than two bytes of the file, and no table is read more than a few times.
                EXPECT_LT(read_everything(Source::from_memory("changed", std::move(changed))), 4 * bytes.size());
            }
        }
        // 10,000 files: a minute would mean that one of them loops.
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(1));
    }
}

TEST(Hostile, AMillionSymbolsInFourKilobytes) {
    PeBuilder builder = everything(PeBuilder());
    builder.symbol_table = 0x600;
    builder.symbol_count = 1'000'000;
    EXPECT_LT(read_everything(builder.source()), 4096U);
}

}  // namespace
}  // namespace abiscope::pe
