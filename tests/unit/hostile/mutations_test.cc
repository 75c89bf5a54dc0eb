// Small files of every format, cut off at every offset and with every byte of their headers changed: nothing may crash or hang, and what
// cannot be read must say where.
#include <filesystem>
#include <set>

#include "bytes/mapped_file.h"
#include "unit/hostile/answer.h"

namespace abiscope::test {
namespace {

constexpr std::size_t header_bytes = 1024;
constexpr std::size_t most_cuts = 1500;

// Both words and byte orders of each format, and every kind of file that `inspect` and `check` tell apart.
const char* const samples[] = {
    "elf/seed-amd64-dynamic",
    "elf/seed-amd64-library-versions",
    "elf/seed-amd64-object",
    "elf/seed-amd64-core",
    "elf/seed-i386-static",
    "elf/seed-armhf-library",
    "elf/seed-s390x-big-endian",
    "elf/seed-powerpc-big-endian-32",
    "elf/seed-musl-dynamic",
    "pe/seed-amd64-console",
    "pe/lib-i386.dll",
    "pe/seed-amd64-object",
    "macho/everything_64",
    "macho/everything_32_big",
    "macho/seed-arm64-object",
    "macho/seed-fat-objects",
    "archive/seed-static-with-index",
    "archive/seed-thin",
    "archive/seed-windows-import",
    "other/seed-script",
    "other/seed-script-carriage-return",
};

Bytes read_sample(const std::string& name) {
    auto source = open_file(std::string(ABISCOPE_SOURCE) + "/tests/fuzz/corpus/" + name);
    if (!source) return {};
    auto bytes = (*source)->view().bytes();
    return {bytes.begin(), bytes.end()};
}

class Mutations : public testing::TestWithParam<const char*> {
protected:
    target::Target target = small_target();
    Bytes bytes = read_sample(GetParam());
};

TEST_P(Mutations, CutAtEveryOffset) {
    ASSERT_FALSE(bytes.empty());
    // Every offset of the headers, then in equal steps; an odd step, so that no table's stride hides another.
    std::size_t step = std::max<std::size_t>((bytes.size() - std::min(bytes.size(), header_bytes)) / most_cuts, 1) | 1;
    for (std::size_t at = 0; at < bytes.size(); at += at < header_bytes ? 1 : step) {
        answer(GetParam(), Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at)), target);
    }
}

TEST_P(Mutations, EveryByteOfTheHeadersChanged) {
    ASSERT_FALSE(bytes.empty());
    for (std::size_t at = 0; at < std::min(bytes.size(), header_bytes); ++at) {
        for (unsigned flip : {0xffU, 0x01U, 0x80U}) {
            Bytes changed = bytes;
            changed[at] ^= static_cast<std::byte>(flip);
            answer(GetParam(), std::move(changed), target);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Files, Mutations, testing::ValuesIn(samples), [](const auto& param) {
    std::string name = param.param;
    for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return name;
});

// What the list above is for: no kind of file is missing from it.
TEST(MutationSamples, CoverEveryFormatWordAndByteOrder) {
    std::set<std::string> seen;
    for (const char* name : samples) {
        SourcePtr source = Source::from_memory(name, read_sample(name));
        finding::Sink sink;
        auto card = inspect::inspect(source, {}, sink);
        ASSERT_TRUE(card) << name;
        const inspect::Subject& subject = card->subject;
        seen.insert(subject.bits == 0 ? subject.format : subject.format + " " + std::to_string(subject.bits) + " " + subject.endian);
        if (name == std::string_view("elf/seed-amd64-core")) {
            EXPECT_EQ(subject.kind, "core dump");
        }
    }
    for (const char* wanted : {"ELF 32 little", "ELF 64 little", "ELF 32 big", "ELF 64 big", "PE 32 little", "PE 64 little",
                               "Mach-O 64 little", "Mach-O 32 big"}) {
        EXPECT_TRUE(seen.contains(wanted)) << wanted;
    }
}

}  // namespace
}  // namespace abiscope::test
