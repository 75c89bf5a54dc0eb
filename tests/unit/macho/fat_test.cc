#include "macho/fat.h"

#include "unit/macho/helpers.h"

namespace abiscope::macho {
namespace {

using test::ByteWriter;
using test::FatSpec;
using test::MachoBuilder;

struct Opened {
    Opened(const std::vector<FatSpec>& slices, bool wide, std::size_t size) : Opened(bytes_of(slices, wide, size)) {}
    explicit Opened(std::vector<std::byte> bytes)
        : source(Source::from_memory("fat", std::move(bytes))), file(read_fat(source, source->view(), sink)) {}

    static std::vector<std::byte> bytes_of(const std::vector<FatSpec>& slices, bool wide, std::size_t size) {
        auto bytes = test::fat_header(slices, wide).bytes();
        bytes.resize(std::max(bytes.size(), size));
        return bytes;
    }
    [[nodiscard]] std::vector<std::string> rules() const {
        std::vector<std::string> names;
        for (const auto& finding : sink.findings()) names.emplace_back(finding::rule(finding.rule()).name);
        return names;
    }

    finding::Sink sink;
    SourcePtr source;
    Result<FatFile> file;
};

constexpr std::uint32_t x86_64 = 0x01000007;
constexpr std::uint32_t arm64 = 0x0100000c;

TEST(MachoFat, ReadsBothWidths) {
    for (bool wide : {false, true}) {
        Opened fat({{x86_64, 3, 0x1000, 0x800}, {arm64, 0x80000002, 0x4000, 0x1000, 14}}, wide, 0x5000);
        ASSERT_TRUE(fat.file);
        EXPECT_THAT(fat.rules(), testing::IsEmpty());
        EXPECT_EQ(fat.file->wide, wide);
        ASSERT_EQ(fat.file->slices.size(), 2U);
        EXPECT_EQ(fat.file->slices[0].arch(), "x86_64");
        EXPECT_EQ(fat.file->slices[1].arch(), "arm64e");
        EXPECT_EQ(fat.file->slices[1].bytes.file_offset(), 0x4000U);
        EXPECT_EQ(fat.file->slices[1].bytes.size(), 0x1000U);
        EXPECT_EQ(fat.file->slices[1].align_log2, 14U);
    }
}

TEST(MachoFat, EvidenceInASliceNamesTheFileOnDisk) {
    auto image = small_library().path(0x8000001c, "/a").command(0x80000077, ByteWriter()).build();
    auto bytes = Opened::bytes_of({{x86_64, 3, 0x1000, image.size()}}, false, 0x1000);
    bytes.insert(bytes.end(), image.begin(), image.end());
    Opened fat(bytes);
    ASSERT_TRUE(fat.file);
    auto slice = Image::parse(fat.source, fat.file->slices[0].bytes, fat.sink);
    ASSERT_TRUE(slice);
    EXPECT_EQ(slice->commands().front().file_offset(), 0x1000U + 32);
    EXPECT_EQ(fat.sink.findings().back().evidence().front().offset, slice->commands().back().file_offset());
}

TEST(MachoFat, TellsJavaClassesApart) {
    auto kind = [](ByteWriter bytes) { return fat_kind(View(bytes.zeros(64).bytes(), 0)); };
    EXPECT_EQ(kind(ByteWriter(true).u32(0xcafebabe).u16(0).u16(65)), FatKind::java_class);
    EXPECT_EQ(kind(ByteWriter(true).u32(0xcafebabe).u16(3).u16(45)), FatKind::java_class);        // JDK 1.1
    EXPECT_EQ(kind(ByteWriter(true).u32(0xcafebabe).u16(0xffff).u16(61)), FatKind::java_class);   // preview features
    EXPECT_EQ(kind(ByteWriter(true).u32(0xcafebabe).u32(2)), FatKind::fat);
    EXPECT_EQ(kind(ByteWriter(true).u32(0xcafebabf).u32(65)), FatKind::fat);                      // no class file starts so
    EXPECT_EQ(kind(ByteWriter(true).u32(0xfeedface).u32(2)), FatKind::not_fat);
    EXPECT_EQ(fat_kind(View()), FatKind::not_fat);
    Opened java(ByteWriter(true).u32(0xcafebabe).u32(65).zeros(100).bytes());
    ASSERT_FALSE(java.file);
    EXPECT_EQ(java.file.error().had, "a Java class file");
}

TEST(MachoFat, ManySlicesAreFatWhenTheFirstOneIsReal) {
    std::vector<FatSpec> slices(50, FatSpec{x86_64, 3, 0x1000, 0x100});
    EXPECT_EQ(fat_kind(View(Opened::bytes_of(slices, false, 0x2000), 0)), FatKind::fat);
}

TEST(MachoFat, SlicesOutsideTheFile) {
    Opened cut({{x86_64, 3, 0x1000, 0x800}, {arm64, 0, 0x4000, 0x1000}}, false, 0x4800);
    EXPECT_THAT(cut.rules(), testing::ElementsAre("MACHO-FAT-SLICE-OUTSIDE"));
    EXPECT_EQ(cut.file->slices[1].bytes.size(), 0x800U);
    Opened wrap({{x86_64, 3, ~std::uint64_t{0xfff}, 0x2000}}, true, 0x1000);
    EXPECT_THAT(wrap.rules(), testing::ElementsAre("MACHO-FAT-SLICE-OUTSIDE"));
    Opened beyond({{x86_64, 3, 0xfffff000, 0xfffff000}}, false, 0x1000);   // the sum does not fit 32 bits
    EXPECT_THAT(beyond.rules(), testing::ElementsAre("MACHO-FAT-SLICE-OUTSIDE"));
}

TEST(MachoFat, SlicesThatOverlap) {
    Opened two({{x86_64, 3, 0x1000, 0x1001}, {arm64, 0, 0x2000, 0x1000}}, false, 0x4000);
    EXPECT_THAT(two.rules(), testing::ElementsAre("MACHO-FAT-SLICE-OVERLAP"));
    Opened touching({{x86_64, 3, 0x1000, 0x1000}, {arm64, 0, 0x2000, 0x1000}}, false, 0x4000);
    EXPECT_THAT(touching.rules(), testing::IsEmpty());
    Opened header({{x86_64, 3, 0, 0x1000}}, false, 0x4000);
    EXPECT_THAT(header.rules(), testing::ElementsAre("MACHO-FAT-SLICE-OVERLAP"));
}

TEST(MachoFat, SlicesThatAreMisaligned) {
    EXPECT_THAT(Opened({{x86_64, 3, 0x1800, 0x100}}, false, 0x4000).rules(), testing::ElementsAre("MACHO-FAT-SLICE-MISALIGNED"));
    EXPECT_THAT(Opened({{x86_64, 3, 0x1800, 0x100, 11}}, false, 0x4000).rules(), testing::IsEmpty());
    EXPECT_THAT(Opened({{x86_64, 3, 0x1000, 0x100, 99}}, false, 0x4000).rules(), testing::ElementsAre("MACHO-FAT-SLICE-MISALIGNED"));
}

TEST(MachoFat, TwoSlicesForOneProcessor) {
    Opened twice({{x86_64, 3, 0x1000, 0x100}, {x86_64, 0x80000003, 0x2000, 0x100}}, false, 0x4000);
    EXPECT_THAT(twice.rules(), testing::ElementsAre("MACHO-FAT-ARCH-DUPLICATE"));
    EXPECT_THAT(Opened({{x86_64, 3, 0x1000, 0x100}, {x86_64, 8, 0x2000, 0x100}}, false, 0x4000).rules(), testing::IsEmpty());
}

TEST(MachoFat, ASliceOfAnotherProcessor) {
    auto with = [](std::uint32_t cpu_type) {
        auto image = MachoBuilder().build();
        auto bytes = Opened::bytes_of({{cpu_type, cpu_type == arm64 ? 0U : 0x80000003U, 0x1000, image.size()}}, false, 0x1000);
        bytes.insert(bytes.end(), image.begin(), image.end());
        return bytes;
    };
    EXPECT_THAT(Opened(with(arm64)).rules(), testing::ElementsAre("MACHO-FAT-ARCH-MISMATCH"));
    EXPECT_THAT(Opened(with(x86_64)).rules(), testing::IsEmpty());
}

TEST(MachoFat, ATableThatDoesNotFit) {
    auto bytes = test::fat_header({{x86_64, 3, 0x1000, 0}}, true).bytes();
    bytes[7] = std::byte{40};
    Opened cut(bytes);
    EXPECT_THAT(cut.rules(), testing::Contains("MACHO-FAT-TABLE-TRUNCATED"));
    EXPECT_EQ(cut.file->slices.size(), 1U);
    bytes.resize(20);
    Opened none(bytes);
    ASSERT_FALSE(none.file);
    EXPECT_EQ(none.file.error().code, ErrorCode::truncated);
}

}  // namespace
}  // namespace abiscope::macho
