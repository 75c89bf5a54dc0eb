// Programs and libraries made to hurt: the simulation of glibc's loader ends, soon, with an answer.
#include <chrono>

#include <gtest/gtest.h>

#include "loader/glibc_cache.h"
#include "loader/simulate.h"
#include "unit/loader/glibc_start.h"

namespace abiscope::loader {
namespace {

using std::chrono::steady_clock;
using testing::SmallElf;

double seconds_since(steady_clock::time_point start) { return std::chrono::duration<double>(steady_clock::now() - start).count(); }

TEST(GlibcHostile, ACycleOfLibrariesEnds) {
    Machine machine;
    for (int i = 0; i < 100; ++i) {
        SmallElf library;
        library.needed = {"lib" + std::to_string((i + 1) % 100) + ".so", "lib" + std::to_string((i + 50) % 100) + ".so"};
        machine.files->add_file("/lib/lib" + std::to_string(i) + ".so", library.build());
    }
    for (const Version& version : {Version{2, 31}, Version{2, 36}}) {
        machine.libc.version = version;
        Outcome outcome = machine.run(program({"lib0.so"}));
        EXPECT_EQ(outcome.verdict, Verdict::runs) << outcome.message.text;
        EXPECT_EQ(outcome.libraries.size(), 102U);
    }
}

TEST(GlibcHostile, AChainOfThousandsOfLibraries) {
    Machine machine;
    constexpr int count = 2000;
    for (int i = 0; i < count; ++i) {
        SmallElf library;
        if (i + 1 < count) library.needed = {"lib" + std::to_string(i + 1) + ".so"};
        machine.files->add_file("/lib/lib" + std::to_string(i) + ".so", library.build());
    }
    auto start = steady_clock::now();
    EXPECT_EQ(machine.run(program({"lib0.so"})).verdict, Verdict::runs);
    EXPECT_LT(seconds_since(start), 30);
}

TEST(GlibcHostile, ANameOf5000Bytes) {
    std::string name(5000, 'l'), start = "/app/prog: error while loading shared libraries: " + name + ": cannot open shared object file: ";
    EXPECT_EQ(Machine().run(program({name})).message.text, start + "No such file or directory");   // no directory to look into
    Machine machine;
    machine.files->add_directory("/lib");
    EXPECT_EQ(machine.run(program({name})).message.text, start + "Error 36");
    EXPECT_EQ(machine.run(program({"/" + name})).verdict, Verdict::fails);
}

TEST(GlibcHostile, ThousandsOfMissingLibraries) {
    std::vector<std::string> names;
    names.reserve(20000);
    for (int i = 0; i < 20000; ++i) names.push_back("libgone" + std::to_string(i) + ".so");
    auto start = steady_clock::now();
    Outcome outcome = Machine().run(program(names));
    EXPECT_EQ(outcome.verdict, Verdict::fails);
    EXPECT_LE(outcome.libraries.size(), 5000U);
    EXPECT_LT(seconds_since(start), 30);
}

TEST(GlibcHostile, HashChainsThatGoInCircles) {
    Machine machine;
    SmallElf library;
    for (int i = 0; i < 2000; ++i) library.symbols.push_back({"s" + std::to_string(i)});
    std::string bytes = library.build();
    machine.files->add_file("/lib/libx.so", bytes);
    SmallElf start = program({"libx.so"});
    for (int i = 0; i < 2000; ++i) {
        start.symbols.push_back({"gone" + std::to_string(i), 0, 0, 0x22});
        start.relocations.push_back({6, static_cast<std::uint32_t>(i + 1)});
    }
    auto begin = steady_clock::now();
    EXPECT_EQ(machine.run(start).verdict, Verdict::runs);
    library.claimed_symbols = 0xffffffff;
    machine.files->add_file("/lib/libx.so", library.build());
    (void)machine.run(start);
    EXPECT_LT(seconds_since(begin), 60);
}

TEST(GlibcHostile, AThousandSearchListEntries) {
    SmallElf start = program({"libx.so"});
    std::string list;
    for (int i = 0; i < 20000; ++i) list += "/d" + std::to_string(i) + ":";
    start.runpath = list;
    auto begin = steady_clock::now();
    EXPECT_EQ(Machine().run(start).verdict, Verdict::fails);
    EXPECT_LT(seconds_since(begin), 30);
}

TEST(GlibcHostile, AuditLibrariesAreNotSimulated) {
    Machine machine;
    machine.target.environment = {{"LD_AUDIT", "/lib/libgone.so:/lib/libaudit.so"}};
    SmallElf audit;
    audit.symbols = {{.name = "la_version", .value = 0x1000, .section = 1}};
    machine.files->add_file("/lib/libaudit.so", audit.build());
    Outcome outcome = machine.run(program());
    EXPECT_EQ(outcome.verdict, Verdict::unknown);
    ASSERT_EQ(outcome.problems.size(), 2U);
    EXPECT_EQ(outcome.problems[0].kind, ProblemKind::preload_ignored);
    EXPECT_EQ(outcome.problems[1].kind, ProblemKind::evidence_missing);
    EXPECT_FALSE(outcome.problems[1].places.empty());
}

TEST(GlibcHostile, TheLoaderAloneLooksForMalloc) {
    SmallElf start = program({loader_path});
    Outcome outcome = Machine({2, 36}).run(start);
    EXPECT_EQ(outcome.message.text, "/app/prog: symbol lookup error: /app/prog: undefined symbol: calloc, version GLIBC_2.2.5");
    EXPECT_EQ(Machine({2, 31}).run(start).verdict, Verdict::runs);
    EXPECT_EQ(Machine({2, 38}).run(start).verdict, Verdict::unknown);
    EXPECT_EQ(Machine({2, 41}).run(start).verdict, Verdict::runs);
}

TEST(GlibcHostile, ACacheThatClaimsMoreEntriesThanItHas) {
    std::string bytes("glibc-ld.so.cache1.1");
    bytes += std::string("\xff\xff\xff\x7f", 4);
    bytes.resize(96, '\0');
    std::vector<std::byte> copy(bytes.size());
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    SourcePtr source = Source::from_memory("cache", copy);
    EXPECT_FALSE(LdCache(source, Endian::little).usable());
    LdCache unchecked(source, Endian::little, false);
    EXPECT_TRUE(unchecked.usable());
    EXPECT_TRUE(unchecked.overruns());
    EXPECT_FALSE(unchecked.lookup("libx.so", {}).has_value());

    Machine machine({2, 31});
    machine.files->add_file("/etc/ld.so.cache", bytes);
    EXPECT_EQ(machine.run(program({"libgone.so"})).verdict, Verdict::unknown);
    EXPECT_EQ(machine.run(program()).verdict, Verdict::runs);
}

}  // namespace
}  // namespace abiscope::loader
