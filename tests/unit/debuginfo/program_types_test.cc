// The types of whole files, and files whose headers lie about their debug sections.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "bytes/mapped_file.h"
#include "debuginfo/program_types.h"

namespace abiscope {
namespace {

std::vector<std::byte> seed(const std::string& name) {
    auto source = open_file(std::string(ABISCOPE_SOURCE) + "/tests/fuzz/corpus/dwarf/" + name);
    EXPECT_TRUE(source) << name;
    if (!source) return {};
    auto bytes = (*source)->view().bytes();
    return {bytes.begin(), bytes.end()};
}

class Files final : public debuginfo::FileFinder {
public:
    Result<SourcePtr> open(const std::string& path) override {
        asked.push_back(path);
        auto found = files.find(path);
        if (found == files.end()) return fail(ErrorCode::not_found, path);
        return Source::from_memory(path, found->second);
    }
    std::map<std::string, std::vector<std::byte>> files;
    std::vector<std::string> asked;
};

struct Program {
    explicit Program(std::vector<std::byte> bytes, debuginfo::FileFinder* finder = nullptr, const Limits& limits = default_limits)
        : sink(limits),
          opened(debuginfo::ProgramTypes::open(Source::from_memory("/bin/program", std::move(bytes)), finder, {{"/debug"}}, limits, sink,
                                               2)) {}

    finding::Sink sink;
    Result<debuginfo::ProgramTypes> opened;
    abi::TypeTable table;
};

std::uint64_t read64(const std::vector<std::byte>& bytes, std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

// Offset of the header of the section of that name in a 64-bit little-endian ELF file.
std::size_t section_header(const std::vector<std::byte>& bytes, std::string_view name) {
    std::size_t headers = read64(bytes, 0x28);
    std::size_t count = read64(bytes, 0x3c) & 0xffff;
    std::size_t names = headers + 64 * (read64(bytes, 0x3e) & 0xffff);
    std::size_t texts = read64(bytes, names + 0x18);
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t at = headers + 64 * i;
        if (name == reinterpret_cast<const char*>(bytes.data() + texts + (read64(bytes, at) & 0xffffffff))) return at;
    }
    ADD_FAILURE() << name;
    return 0;
}

void write64(std::vector<std::byte>& bytes, std::size_t at, std::uint64_t value) { std::memcpy(bytes.data() + at, &value, sizeof value); }

TEST(ProgramTypes, VisitsWhatItFindsInAnyNumberOfThreads) {
    Program program(seed("cxx5.o"));
    ASSERT_TRUE(program.opened);
    std::vector<std::string> names(1024);
    std::vector<std::string> handed_out;
    std::size_t count = program.opened->visit_types(
        "*", true, program.sink,
        [&](std::size_t number, const abi::TypeTable& types, abi::TypeId id) { names[number] = types.at(id).name; },
        [&](std::size_t from, std::size_t to) {
            handed_out.insert(handed_out.end(), names.begin() + static_cast<std::ptrdiff_t>(from),
                              names.begin() + static_cast<std::ptrdiff_t>(to));
        });
    ASSERT_GE(count, 3U);
    EXPECT_EQ(handed_out.size(), count);
    for (const std::string& name : handed_out) {
        if (name.find_first_of("*?[") != std::string::npos) continue;
        auto found = program.opened->find_types(name, program.table, program.sink);
        ASSERT_FALSE(found.empty()) << name;
        EXPECT_TRUE(std::ranges::any_of(found, [&](abi::TypeId id) { return program.table.at(id).name == name; })) << name;
    }
    EXPECT_TRUE(program.sink.findings().empty());
}

TEST(ProgramTypes, VisitsTheFunctionsThatItFinds) {
    Program program(seed("cxx5.o"));
    ASSERT_TRUE(program.opened);
    std::vector<std::string> names(1024);
    std::size_t count = program.opened->visit_functions(
        "*", false, program.sink,
        [&](std::size_t number, const abi::TypeTable& types, const dwarf::FunctionSignature& function) {
            if (types.function(function.type) != nullptr) names[number] = function.name;
        },
        [](std::size_t, std::size_t) {});
    ASSERT_GT(count, 0U);
    names.resize(count);
    for (const std::string& name : names) {
        ASSERT_FALSE(name.empty());
        EXPECT_FALSE(program.opened->find_functions(name, program.table, program.sink).empty()) << name;
    }
}

TEST(ProgramTypes, SaysThatSplitUnitsAreNotThere) {
    Files nothing;
    Program program(seed("skeleton.o"), &nothing);
    ASSERT_TRUE(program.opened);
    ASSERT_FALSE(program.sink.findings().empty());
    EXPECT_EQ(finding::rule(program.sink.findings()[0].rule()).name, "DWARF-FILE-MISSING");
    EXPECT_FALSE(nothing.asked.empty());
}

TEST(ProgramTypes, LooksForDebugFilesInTheFoldersItIsGiven) {
    debuginfo::Links links{.build_id = "abcdef", .debug_link = "program.debug", .supplementary = {}, .supplementary_id = {}};
    std::vector<std::string> wanted{"/one/.build-id/ab/cdef.debug",  "/two/.build-id/ab/cdef.debug", "/usr/bin/program.debug",
                                    "/usr/bin/.debug/program.debug", "/one/usr/bin/program.debug",   "/two/usr/bin/program.debug"};
    EXPECT_EQ(debuginfo::debug_file_paths("/usr/bin/program", links, {{"/one", "/two"}}), wanted);
}

// Hostile headers.

TEST(ProgramTypes, DoesNotBelieveASectionOfAnExbibyte) {
    for (std::uint64_t size : {std::uint64_t{1} << 60, ~std::uint64_t{0}, std::uint64_t{0x7fffffffffffffff}}) {
        for (std::string_view section : {".debug_info", ".debug_abbrev", ".debug_str"}) {
            std::vector<std::byte> bytes = seed("c5.o");
            write64(bytes, section_header(bytes, section) + 0x20, size);
            Program program(bytes);
            // Read as far as the file goes, or refused: either way at once, and with a word about it.
            EXPECT_TRUE(!program.opened || !program.sink.findings().empty() ||
                        !program.opened->find_types("*", program.table, program.sink).empty())
                << section;
        }
    }
}

TEST(ProgramTypes, DoesNotUnpackAnExbibyte) {
    for (std::uint64_t size : {std::uint64_t{1} << 60, ~std::uint64_t{0}}) {
        std::vector<std::byte> bytes = seed("zstd.o");
        std::size_t place = read64(bytes, section_header(bytes, ".debug_info") + 0x18);
        write64(bytes, place + 8, size);   // ch_size
        Program program(bytes);
        ASSERT_FALSE(program.sink.findings().empty());
        EXPECT_EQ(finding::rule(program.sink.findings()[0].rule()).name, "DWARF-UNIT-DAMAGED");
    }
}

TEST(ProgramTypes, StandsEverySeedCutAnywhere) {
    for (const char* name : {"c5.o", "macho.o", "coff.o", "zstd.o"}) {
        std::vector<std::byte> whole = seed(name);
        for (std::size_t size = 0; size < whole.size(); size += whole.size() / 97 + 1) {
            Program program({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
            if (program.opened) static_cast<void>(program.opened->find_types("*", program.table, program.sink));
        }
    }
}

}  // namespace
}  // namespace abiscope
