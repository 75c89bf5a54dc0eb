#include "elf/image.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "bytes/mapped_file.h"
#include "elf/exports.h"
#include "elf/imports.h"
#include "elf/notes.h"
#include "elf/relocations.h"
#include "elf/versions.h"

namespace abiscope::elf {
namespace {

// This test program itself: a dynamic program of the machine the tests run on.
Image self() {
    auto source = open_file("/proc/self/exe");
    EXPECT_TRUE(source) << source.error().describe();
    auto image = Image::parse(*source);
    EXPECT_TRUE(image) << image.error().describe();
    return *std::move(image);
}

TEST(Image, ParseAsLooksAtNoIdentification) {
    Image image = self();
    std::vector<std::byte> bytes(image.bytes().bytes().begin(), image.bytes().bytes().end());
    bytes[0] = std::byte{'?'};
    bytes[4] = std::byte{1};
    bytes[5] = std::byte{2};
    SourcePtr patched = Source::from_memory("patched", bytes);
    EXPECT_FALSE(Image::parse(patched));
    auto as_is = Image::parse_as(patched, patched->view(), image.encoding());
    ASSERT_TRUE(as_is);
    EXPECT_EQ(as_is->segments().size(), image.segments().size());
    EXPECT_EQ(as_is->interpreter(), image.interpreter());
    bytes.resize(63);
    SourcePtr cut = Source::from_memory("cut", bytes);
    EXPECT_FALSE(Image::parse_as(cut, cut->view(), Encoding{true, Endian::little}));
}

TEST(Image, ReadsTheProgramThatIsRunning) {
    Image image = self();
    ASSERT_TRUE(image.interpreter());
    EXPECT_NE(image.interpreter()->find("ld-"), std::string_view::npos);
    ASSERT_TRUE(image.dynamic());
    EXPECT_TRUE(image.dynamic()->terminated);
    auto needed = image.dynamic()->strings_of(dt_needed);
    EXPECT_TRUE(std::ranges::any_of(needed, [](const DynamicString& name) { return name.text == "libc.so.6"; }));

    finding::Sink sink;
    auto sections = read_sections(image, sink);
    EXPECT_TRUE(sink.findings().empty());
    ASSERT_NE(find_section(sections, ".text"), nullptr);
    EXPECT_EQ(section_at(sections, image.header().entry)->name, ".text");

    SymbolTable symbols = dynamic_symbols(image);
    Versions versions = read_versions(image);
    EXPECT_TRUE(versions.whole);
    bool versioned = false;
    for (const Import& import : read_imports(image, symbols, versions)) versioned |= import.version.starts_with("GLIBC_");
    EXPECT_TRUE(versioned);
    EXPECT_EQ(known_notes(image, read_notes(image)).build_id.size(), 20U);
}

TEST(Exports, AreFoundByHash) {
    auto source = open_file("/lib/x86_64-linux-gnu/libc.so.6");
    if (!source) GTEST_SKIP() << "SKIPPED 1: no amd64 glibc at the usual place";
    auto image = Image::parse(*source);
    ASSERT_TRUE(image);
    ExportTable exports(*image);
    int versions_of_memcpy = 0;
    exports.for_each(HashedName("memcpy"), [&](std::uint64_t) {
        ++versions_of_memcpy;
        return false;
    });
    EXPECT_EQ(versions_of_memcpy, 2);   // GLIBC_2.2.5 and GLIBC_2.14
    EXPECT_FALSE(exports.for_each(HashedName("no_such_function"), [](std::uint64_t) { return true; }));
}

TEST(Hash, FollowsTheSpecifications) {
    // The examples of the gABI's and of glibc's own test suites.
    EXPECT_EQ(sysv_hash("printf"), 0x077905a6U);
    EXPECT_EQ(gnu_hash("printf"), 0x156b2bb8U);
    EXPECT_EQ(sysv_hash("GLIBC_2.2.5"), 0x09691a75U);
}

TEST(Hash, OfEveryLengthIsTheOneOfLetterAfterLetter) {
    std::string name;
    std::uint32_t expected = 5381;
    for (int letter = 0; letter < 70; ++letter) {
        EXPECT_EQ(gnu_hash(name), expected) << name.size();
        name += static_cast<char>(letter * 37 + 200);    // letters above 127 among them
        expected = expected * 33 + static_cast<unsigned char>(name.back());
    }
}

TEST(Header, ErrorsAreLocated) {
    auto source = Source::from_memory("short", std::vector<std::byte>{std::byte{0x7f}, std::byte{'E'}, std::byte{'L'}, std::byte{'F'}});
    auto image = Image::parse(source);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, ErrorCode::truncated);
    EXPECT_EQ(image.error().file, "short");
}

}  // namespace
}  // namespace abiscope::elf
