// Files that claim what they do not have, or lead a reader in circles. Each made some reader of such files, ours or another, crash, hang or
// take memory that the file does not justify.
#include <cstring>

#include "elf/exports.h"
#include "elf/function_starts.h"
#include "elf/image.h"
#include "elf/notes.h"
#include "elf/sections.h"
#include "elf/symbols.h"
#include "elf/versions.h"
#include "object/archive.h"
#include "support/macho_builder.h"
#include "support/pe_builder.h"
#include "support/small_elf.h"
#include "unit/hostile/answer.h"

namespace abiscope::test {
namespace {

using abiscope::testing::SmallElf;

constexpr const char* glibc_loader = "/lib64/ld-linux-x86-64.so.2";
constexpr const char* musl_loader = "/lib/ld-musl-x86_64.so.1";
constexpr std::uint64_t dt_gnu_hash = 0x6ffffef5, dt_versym = 0x6ffffff0, dt_verdef = 0x6ffffffc, dt_verdefnum = 0x6ffffffd,
                        dt_verneed = 0x6ffffffe, dt_verneednum = 0x6fffffff;

void put(std::string& out, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) out += static_cast<char>(value >> 8 * i & 0xff);
}

void patch(std::string& out, std::size_t at, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) out[at + i] = static_cast<char>(value >> 8 * i & 0xff);
}

class Claims : public ::testing::Test {
protected:
    Answered ask(const std::string& name, const std::string& bytes) { return answer(name, bytes_of(bytes), target, true); }
    // Under both loaders.
    void ask_both(const std::string& name, SmallElf program) {
        for (const char* loader : {glibc_loader, musl_loader}) {
            program.interpreter = loader;
            ask(name + " by " + loader, program.build());
        }
    }

    target::Target target = small_target();
};

elf::Image image_of(const std::string& bytes) {
    auto image = elf::Image::parse(Source::from_memory("claims", bytes_of(bytes)));
    EXPECT_TRUE(image);
    return *std::move(image);
}

TEST_F(Claims, ANeededOf5000Bytes) {
    SmallElf program;
    program.interpreter = glibc_loader;
    program.needed = {std::string(5000, 'x'), "/" + std::string(5000, 'y')};
    EXPECT_NE(ask("needed", program.build()).checked.outcome.verdict, loader::Verdict::runs);
    program.interpreter = musl_loader;
    EXPECT_EQ(ask("needed", program.build()).checked.outcome.verdict, loader::Verdict::fails);
}

TEST_F(Claims, ACycleOfLibraries) {
    auto files = std::make_shared<target::MemoryFileSystem>(false);
    target = small_target(files);
    SmallElf one;
    SmallElf two;
    SmallElf program;
    one.needed = {"libtwo.so", "libone.so"};
    two.needed = {"libone.so", "libtwo.so"};
    program.needed = {"libone.so"};
    ASSERT_TRUE(files->add_file("/lib/libone.so", one.build()));
    ASSERT_TRUE(files->add_file("/lib/libtwo.so", two.build()));
    for (const char* loader : {glibc_loader, musl_loader}) {
        program.interpreter = loader;
        auto answered = ask("cycle", program.build());
        std::size_t with_two = 0;
        for (const loader::LoadedLibrary& library : answered.checked.outcome.libraries)
            with_two += library.path == "/lib/libtwo.so" ? 1 : 0;
        EXPECT_EQ(with_two, 1U) << loader;
        EXPECT_LE(answered.checked.outcome.libraries.size(), 4U) << loader;
    }
}

TEST_F(Claims, AMillionSymbolsInFourKilobytes) {
    SmallElf program;
    program.symbols = {{"f"}, {"g", 0, 0}};
    program.relocations = {{7, 2}, {6, 999'999}};
    program.claimed_symbols = 1'000'000;
    EXPECT_LE(elf::dynamic_symbols(image_of(program.build())).size(), program.build().size() / 24);
    ask_both("symbols", program);
}

// Section 0 says how many sections there are when e_shnum is 0.
TEST_F(Claims, FourBillionSections) {
    std::string bytes = SmallElf().build();
    std::size_t table = bytes.size();
    bytes.resize(table + 128);
    patch(bytes, 40, table, 8);  // e_shoff
    patch(bytes, 58, 64, 2);  // e_shentsize
    for (std::uint64_t count : {std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
        patch(bytes, table + 32, count, 8);  // sh_size
        finding::Sink sink;
        EXPECT_EQ(elf::read_sections(image_of(bytes), sink).size(), 2U);
        EXPECT_FALSE(sink.findings().empty());
        ask("sections", bytes);
    }
}

TEST_F(Claims, ACompressedSectionOfAnExabyte) {
    std::string bytes = SmallElf().build();
    std::size_t contents = bytes.size();
    for (std::uint64_t value : {std::uint64_t{1}, std::uint64_t{1} << 60, std::uint64_t{1}}) put(bytes, value, 8);  // zlib, size, alignment
    bytes += std::string_view("\x78\x9c\x63\x60\x80\x00", 6);  // the start of a stream
    std::size_t table = bytes.size();
    bytes.append(64, '\0');
    put(bytes, 0, 4);
    put(bytes, 1, 4);  // SHT_PROGBITS
    for (std::uint64_t value : {std::uint64_t{0x800}, std::uint64_t{0}, std::uint64_t{contents}, std::uint64_t{table - contents}})
        put(bytes, value, 8);
    bytes.append(24, '\0');
    patch(bytes, 40, table, 8);
    patch(bytes, 58, 64, 2);
    patch(bytes, 60, 2, 2);
    elf::Image image = image_of(bytes);
    finding::Sink sink;
    auto sections = elf::read_sections(image, sink);
    ASSERT_EQ(sections.size(), 2U);
    long before = peak_megabytes();
    EXPECT_FALSE(elf::section_contents(image, sections[1], {}));
    EXPECT_LT(peak_megabytes() - before, 64);
    ask("compressed", bytes);
}

// Records a few bytes apart, each with 65,535 auxiliary records that lie as close: without a bound there are more of them than grains of
// sand.
TEST_F(Claims, OverlappingVersionChains) {
    SmallElf program;
    for (int i = 0; i < 4096; ++i) put(program.first, 0x0001'0001'0001'ffff, 8);
    for (std::size_t at = 0; at + 16 <= program.first.size(); at += 4) {
        patch(program.first, at, at % 8 == 0 ? 0xffff'0001 : 4, 4);
    }
    program.more = {{dt_verneed, SmallElf::first_at},
                    {dt_verneednum, ~0ULL},
                    {dt_verdef, SmallElf::first_at},
                    {dt_verdefnum, ~0ULL},
                    {dt_versym, SmallElf::first_at}};
    elf::Versions versions = elf::read_versions(image_of(program.build()));
    std::size_t records = versions.definitions.size() + versions.needs.size();
    for (const elf::VersionNeed& need : versions.needs) records += need.versions.size();
    EXPECT_LE(records, program.build().size() / 4);
    ask_both("versions", program);
}

// Every record names the same text, which is as long as the file: looking for its end once each is quadratic.
TEST_F(Claims, OneEndlessNameForEveryVersion) {
    SmallElf program;
    program.symbols = {{std::string(2'000'000, 'n')}};
    for (int i = 0; i < 50'000; ++i) {
        put(program.first, 0x0000'0001, 4);  // vn_version 1, no auxiliary records
        put(program.first, 1, 4);  // vn_file
        put(program.first, 0, 4);
        put(program.first, 16, 4);  // vn_next
    }
    program.more = {{dt_verneed, SmallElf::first_at}, {dt_verneednum, 50'000}};
    EXPECT_GE(elf::read_versions(image_of(program.build())).needs.size(), 50'000U);
    ask_both("names", program);
}

// As many symbols as needed versions, each with the last of them.
TEST_F(Claims, EverySymbolAsksForTheLastVersion) {
    SmallElf program;
    constexpr std::uint32_t count = 30'000;
    put(program.first, 1, 2);
    put(program.first, count, 2);
    put(program.first, 0, 4);
    put(program.first, 16, 4);
    put(program.first, 0, 4);
    for (std::uint32_t i = 0; i < count; ++i) {
        put(program.first, 0, 4);
        put(program.first, 0, 2);
        put(program.first, i + 2, 2);
        put(program.first, 0, 4);
        put(program.first, 16, 4);
    }
    std::size_t versym = program.first.size();
    for (std::uint32_t i = 0; i <= count; ++i) put(program.first, count + 1, 2);
    program.symbols.assign(count, {"s", 0, 0});
    program.more = {{dt_verneed, SmallElf::first_at}, {dt_verneednum, 1}, {dt_versym, SmallElf::first_at + versym}};
    elf::Image image = image_of(program.build());
    elf::Versions versions = elf::read_versions(image);
    ASSERT_NE(versions.needed(versions.index_of(1)), nullptr);
    ask_both("version lookups", program);
}

TEST_F(Claims, AHashTableOfFourBillionBuckets) {
    for (std::uint64_t buckets : {0xffff'ffffULL, 0x4000'0000ULL, 1ULL}) {
        SmallElf program;
        program.hash = false;
        program.symbols = {{"f"}, {"g", 0, 0}};
        program.relocations = {{7, 2}};
        for (std::uint64_t word : {buckets, std::uint64_t{1}, std::uint64_t{1}, std::uint64_t{6}}) put(program.first, word, 4);
        put(program.first, ~0ULL, 8);  // a bloom filter that lets everything through
        put(program.first, 1, 4);
        for (int i = 0; i < 2000; ++i) put(program.first, 0xdead'beee, 4);  // a chain that never ends
        program.more = {{dt_gnu_hash, SmallElf::first_at}};
        elf::Image image = image_of(program.build());
        elf::ExportTable exports(image);
        std::size_t visited = 0;
        static_cast<void>(exports.for_each(elf::HashedName("absent"), [&](std::uint64_t) { return ++visited > 100'000; }));
        EXPECT_LE(visited, program.build().size());
        ask_both("buckets", program);
    }
}

TEST_F(Claims, ASysvChainThatGoesRound) {
    SmallElf program;
    program.hash = false;
    program.symbols = {{"f"}, {"g", 0, 0}};
    program.relocations = {{7, 2}};
    for (std::uint64_t word : {1, 3, 1, 0, 2, 1}) put(program.first, word, 4);  // 1 bucket, 3 chains; 1 -> 2 -> 1
    program.more = {{4, SmallElf::first_at}};
    ask_both("round", program);
}

TEST_F(Claims, ANoteWithAHugeName) {
    for (std::uint64_t size : {0xffff'ffffULL, 0xffff'fff1ULL, 0x7fff'ffffULL}) {
        SmallElf program;
        program.interpreter = glibc_loader;
        put(program.first, size, 4);
        put(program.first, size, 4);
        put(program.first, 1, 4);
        program.first += "GNU";
        std::string bytes = program.build();
        patch(bytes, 64, 4, 4);  // the first program header becomes PT_NOTE
        patch(bytes, 64 + 8, SmallElf::first_at, 8);
        patch(bytes, 64 + 32, ~0ULL >> 1, 8);
        EXPECT_TRUE(elf::read_notes(image_of(bytes)).empty());
        ask("note", bytes);
    }
}

// 60,000 segments over the same notes.
TEST_F(Claims, TheSameNotesInEverySegment) {
    constexpr std::size_t segments = 60'000, notes = 20'000;
    std::string bytes = SmallElf().build();
    std::size_t table = bytes.size(), at = table + segments * 56;
    for (std::size_t i = 0; i < segments; ++i) {
        put(bytes, 4, 4);
        put(bytes, 4, 4);
        for (std::uint64_t value :
             {std::uint64_t{at}, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{notes * 12}, std::uint64_t{0}, std::uint64_t{4}})
            put(bytes, value, 8);
    }
    bytes.resize(bytes.size() + notes * 12);
    patch(bytes, 32, table, 8);
    patch(bytes, 56, segments, 2);
    EXPECT_LE(elf::read_notes(image_of(bytes)).size(), bytes.size() / 12);
    ask("notes", bytes);
}

TEST_F(Claims, AnUnwindTableOfFourBillionFunctions) {
    std::string bytes = SmallElf().build();
    std::size_t at = bytes.size();
    bytes += "\x01\x1b\x03\x3b";
    put(bytes, 0, 4);
    put(bytes, 0xffff'ffff, 4);
    for (int i = 0; i < 1000; ++i) put(bytes, 0x8000'0000'7fff'ffffULL, 8);
    patch(bytes, 64, 0x6474e550, 4);
    patch(bytes, 64 + 8, at, 8);
    patch(bytes, 64 + 32, ~0ULL >> 1, 8);
    EXPECT_EQ(elf::function_starts(image_of(bytes)).size(), 1000U);
    ask("unwind table", bytes);
}

TEST_F(Claims, ArchiveMembersBeyondTheEnd) {
    for (std::string_view size : {"9999999999", "4294967295", "-1        ", "          ", "0         "}) {
        std::string bytes = "!<arch>\n";
        for (int i = 0; i < 50; ++i) bytes += "/0              0           0     0     100644  " + std::string(size) + "`\n";
        ask("archive " + std::string(size), bytes);
        auto archive = object::read_archive(Source::from_memory("a", bytes_of(bytes))->view());
        if (archive) {
            EXPECT_LE(archive->members.size(), bytes.size() / 60);
        }
    }
}

TEST_F(Claims, SixtyFiveThousandSectionsOfAPeImage) {
    PeBuilder builder;
    PeBytes bytes;
    for (std::byte byte : builder.bytes()) bytes.u8(static_cast<std::uint8_t>(byte));
    bytes.patch(PeBuilder::coff_at + 2, 65535, 2);
    answer("sections.exe", bytes.bytes(), target, true);
    bytes.zeros(std::size_t{65535} * 40);  // now they are there
    answer("sections.exe", bytes.bytes(), target, true);
}

// An import descriptor whose name, lookup table and address table are the descriptor itself; and a table without an end.
TEST_F(Claims, ImportsThatNameThemselves) {
    PeBuilder builder;
    std::uint32_t rva = builder.next_rva();
    PeBytes table;
    for (int i = 0; i < 200; ++i) table.u32(rva).u32(0).u32(0).u32(rva).u32(rva);
    builder.add_directory(1, table, 0xffff'ffff);
    answer("imports.exe", builder.bytes(), target, true);
    PeBuilder delay;
    rva = delay.next_rva();
    PeBytes descriptors;
    for (int i = 0; i < 200; ++i) descriptors.u32(1).u32(rva).u32(rva).u32(rva).u32(rva).u32(rva).u32(rva).u32(rva);
    delay.add_directory(13, descriptors, 0x7fff'ffff);
    answer("delay.exe", delay.bytes(), target, true);
}

// Each directory of resources holds itself sixty thousand times.
TEST_F(Claims, ResourcesThatHoldThemselves) {
    PeBuilder builder;
    PeBytes tree;
    tree.u32(0).u32(0).u32(0).u16(0).u16(0xffff);
    for (int i = 0; i < 500; ++i) tree.u32(i).u32(0x8000'0000);
    builder.add_directory(2, tree, 0xffff'ffff);
    answer("resources.exe", builder.bytes(), target, true);
}

TEST_F(Claims, FourBillionLoadCommands) {
    for (bool wide : {true, false}) {
        MachoBuilder builder(wide);
        builder.uuid().uuid();
        std::vector<std::byte> good = builder.build();
        for (std::uint32_t count : {0xffff'ffffU, 0x1000'0000U}) {
            for (std::uint32_t size : {0xffff'ffffU, 48U}) {
                ByteWriter bytes;
                bytes.append(good).patch_u32(16, count).patch_u32(20, size);
                answer("commands", bytes.bytes(), target, true);
                bytes.patch_u32((wide ? 32 : 28) + 4, 0);  // a command of no size leads nowhere
                answer("commands", bytes.bytes(), target, true);
            }
        }
    }
}

// A page whose first pointer leads to itself, or back and forth; and starts that name each other.
TEST_F(Claims, FixupChainsThatLoop) {
    for (std::uint16_t start : {std::uint16_t{0}, std::uint16_t{0x8000}, std::uint16_t{0x7fff}}) {
        for (std::uint64_t pointer : {std::uint64_t{0}, std::uint64_t{1} << 51, ~std::uint64_t{0}, std::uint64_t{0x7ff} << 51}) {
            MachoBuilder builder;
            builder.segment({.name = "__TEXT", .address = 0, .memory_size = 0x1000, .offset = 0, .file_size = 0x1000, .sections = {}});
            builder.segment({.name = "__DATA",
                             .address = 0x1000,
                             .memory_size = 0x1000,
                             .offset = 0x1000,
                             .file_size = 0x1000,
                             .protection = 3,
                             .sections = {}});
            builder.segment({.name = "__LINKEDIT",
                             .address = 0x2000,
                             .memory_size = 0x1000,
                             .offset = 0x2000,
                             .file_size = 0x200,
                             .protection = 1,
                             .sections = {}});
            builder.data(0x80000034, 0x2000, 0x200);
            ByteWriter page = builder.writer();
            for (int i = 0; i < 512; ++i) page.u64(pointer);
            builder.put(0x1000, page);
            ByteWriter fixups = builder.writer();
            fixups.u32(0).u32(32).u32(128).u32(192).u32(0xffff'ffff).u32(1).u32(0).zeros(4);  // four billion imports
            fixups.u32(3).u32(0).u32(16).u32(0);  // starts of three segments
            fixups.u32(22 + 4).u16(0x1000).u16(2).u64(0x1000).u32(0).u16(0xffff).u16(start).u16(start).u16(start);
            builder.put(0x2000, fixups);
            answer("fixups", builder.build(), target, true);
        }
    }
}

}  // namespace
}  // namespace abiscope::test
