#include "core/core_writer.h"

#include <cstring>

#include <gtest/gtest.h>

#include "core/process.h"
#include "core/spec.h"
#include "elf/spec.h"

namespace abiscope::core {
namespace {

std::vector<std::byte> bytes_of(std::size_t size, unsigned char first) {
    std::vector<std::byte> out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::byte>((first + i) & 0xff);
    return out;
}

DumpedProcess example(bool wide) {
    DumpedProcess out;
    out.layout = find_layout(wide ? elf::em_x86_64 : elf::em_386, wide);
    out.pid = 4711;
    out.parent = 12;
    out.uid = 1000;
    out.name = "a name that is too long for the field";
    out.arguments = "./app one two";
    out.signal = 11;
    out.code = 1;
    std::vector<std::byte> info(128);
    std::int32_t number = 11, code = 1;
    std::uint64_t address = 0x18;
    std::memcpy(info.data(), &number, 4);
    std::memcpy(info.data() + 8, &code, 4);
    std::memcpy(info.data() + 16, &address, 8);
    out.signal_info = wide ? info : narrow_siginfo(info);
    out.auxiliary = std::vector<std::byte>(wide ? 16 : 8);
    out.auxiliary[0] = std::byte{at_entry};
    out.auxiliary[wide ? 8 : 4] = std::byte{0x77};
    std::size_t registers = wide ? 27 * 8 : 17 * 4;
    out.threads = {
        {.id = 4711, .general = bytes_of(registers, 1), .others = {{nt_fpregset, bytes_of(108, 7)}, {nt_x86_xstate, bytes_of(577, 9)}}},
        {.id = 4712, .general = bytes_of(registers, 2), .others = {}}};
    out.mappings = {{.start = 0x10000, .end = 0x12000, .flags = 5, .dumped = 0x1000, .path = "/bin/app", .file_offset = 0x3000},
                    {.start = 0x20000, .end = 0x23000, .flags = 6, .dumped = 0x3000},
                    {.start = 0x30000, .end = 0x31000, .flags = 0, .dumped = 0}};
    return out;
}

// The whole file, its memory made of the low bytes of each address's page number.
SourcePtr file_of(const CoreLayout& layout) {
    std::vector<std::byte> file = layout.head;
    file.resize(layout.size);
    for (const DumpedPiece& piece : layout.pieces) {
        EXPECT_EQ(piece.file_offset % 4096, 0U);
        for (std::uint64_t i = 0; i < piece.size; ++i)
            file[piece.file_offset + i] = static_cast<std::byte>((piece.address + i) >> 12 & 0xff);
    }
    return Source::from_memory("core", std::move(file));
}

class CoreWriter : public testing::TestWithParam<bool> {};

TEST_P(CoreWriter, IsReadBack) {
    bool wide = GetParam();
    DumpedProcess written = example(wide);
    CoreLayout layout = lay_out_core(written);
    ASSERT_EQ(layout.pieces.size(), 2U);
    auto process = open_process(file_of(layout), nullptr);
    ASSERT_TRUE(process) << process.error().describe();
    EXPECT_TRUE(process->lost.empty()) << process->lost.front();
    const CoreNotes& notes = process->notes;
    ASSERT_TRUE(notes.process && notes.signal);
    EXPECT_EQ(notes.process->pid, 4711U);
    EXPECT_EQ(notes.process->parent, 12U);
    EXPECT_EQ(notes.process->uid, 1000U);
    EXPECT_EQ(notes.process->name, "a name that is ");
    EXPECT_EQ(notes.process->arguments, "./app one two");
    EXPECT_TRUE(notes.signal->complete);
    EXPECT_EQ(notes.signal->number, 11);
    EXPECT_EQ(notes.signal->code, 1);
    EXPECT_EQ(notes.signal->address, 0x18U);
    EXPECT_EQ(notes.auxiliary_value(at_entry), 0x77U);
    ASSERT_EQ(notes.threads.size(), 2U);
    EXPECT_EQ(notes.threads[0].id, 4711U);
    EXPECT_EQ(notes.threads[1].id, 4712U);
    EXPECT_EQ(notes.threads[0].extended.size(), 577U);
    EXPECT_EQ(notes.threads[0].registers.get(wide ? "r15" : "ebx"), wide ? 0x0807060504030201U : 0x04030201U);
    EXPECT_EQ(notes.threads[1].registers.get(wide ? "r15" : "ebx"), wide ? 0x0908070605040302U : 0x05040302U);
    ASSERT_EQ(notes.files.size(), 1U);
    EXPECT_EQ(notes.files[0].path, "/bin/app");
    EXPECT_EQ(notes.files[0].file_offset, 0x3000U);
    EXPECT_EQ(process->memory.regions().size(), 3U);
    EXPECT_EQ(process->memory.number(0x10fff, 1), 0x10U);
    EXPECT_EQ(process->memory.number(0x11000, 1), std::nullopt);   // not dumped
    EXPECT_EQ(process->memory.number(0x22fff, 1), 0x22U);
    EXPECT_EQ(process->memory.region_at(0x30800)->permissions(), "---");
}
INSTANTIATE_TEST_SUITE_P(Widths, CoreWriter, testing::Bool());

// A structure may lie across two mappings: what adjoins in memory and in the dump is one piece, up to the first page that was not dumped.
TEST(CoreMemory, JoinsWhatAdjoins) {
    DumpedProcess written = example(true);
    written.mappings = {{.start = 0x10000, .end = 0x11000, .flags = 5, .dumped = 0x1000},
                        {.start = 0x11000, .end = 0x12000, .flags = 6, .dumped = 0x1000},
                        {.start = 0x12000, .end = 0x14000, .flags = 6, .dumped = 0x1000},
                        {.start = 0x14000, .end = 0x15000, .flags = 6, .dumped = 0x1000},
                        {.start = 0x16000, .end = 0x17000, .flags = 6, .dumped = 0x1000}};
    auto process = open_process(file_of(lay_out_core(written)), nullptr);
    ASSERT_TRUE(process) << process.error().describe();
    const Memory& memory = process->memory;
    EXPECT_EQ(memory.chunk(0x10ff8).bytes.size(), 0x2008U);
    EXPECT_EQ(memory.chunk(0x12ffc).bytes.size(), 4U);
    EXPECT_EQ(memory.chunk(0x13000).bytes.size(), 0U);
    EXPECT_EQ(memory.chunk(0x14ff0).bytes.size(), 0x10U) << "the next mapping is elsewhere";
    EXPECT_EQ(memory.region_at(0x10ff8)->dumped.size(), 0x1000U);
}

TEST(CoreWriterLimits, CountsMoreMappingsThanTheHeaderCan) {
    DumpedProcess written = example(true);
    written.mappings.clear();
    for (std::uint64_t i = 0; i < 70000; ++i) written.mappings.push_back({.start = i * 0x2000, .end = i * 0x2000 + 0x1000, .flags = 4});
    auto process = open_process(file_of(lay_out_core(written)), nullptr);
    ASSERT_TRUE(process) << process.error().describe();
    EXPECT_EQ(process->memory.regions().size(), 70000U);
    EXPECT_EQ(process->notes.threads.size(), 2U);
}

TEST(CoreWriterLimits, WritesAProcessOfWhichNothingIsKnown) {
    DumpedProcess written;
    written.layout = find_layout(elf::em_aarch64, true);
    auto process = open_process(file_of(lay_out_core(written)), nullptr);
    ASSERT_TRUE(process);
    EXPECT_TRUE(process->notes.threads.empty());
}

}  // namespace
}  // namespace abiscope::core
