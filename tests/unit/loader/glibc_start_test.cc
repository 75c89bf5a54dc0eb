// What glibc's loader makes of a program where the release, or the processor, decides.
#include "unit/loader/glibc_start.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace abiscope::loader {
namespace {

// The flags of every segment that lies in memory.
std::string with_read_only_segments(std::string bytes) {
    constexpr std::size_t headers = 64, header_size = 56, count_at = 56;
    auto count = static_cast<unsigned char>(bytes[count_at]);
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t at = headers + i * header_size;
        if (bytes[at] == 1) bytes[at + 4] = 5;      // PT_LOAD: R and X
    }
    return bytes;
}

TEST(GlibcStart, WritesIntoAReadOnlyDynamicSectionUpTo234) {
    for (auto [minor, verdict] : {std::pair(31U, Verdict::fails), std::pair(34U, Verdict::fails), std::pair(35U, Verdict::runs)}) {
        Machine machine(Version{2, minor});
        Outcome outcome = machine.run_bytes(with_read_only_segments(program().build()));
        EXPECT_EQ(outcome.verdict, verdict) << minor;
        if (verdict == Verdict::fails) EXPECT_EQ(outcome.message.signal, "SIGSEGV");
        Machine other(Version{2, minor});
        other.files->add_file("/lib/liba.so", with_read_only_segments(SmallElf().build()));
        EXPECT_EQ(other.run(program({"liba.so"})).verdict, verdict) << minor;
    }
}

TEST(GlibcStart, ACopyForNewerProcessorsMakesAMinimumAmbiguous) {
    for (bool plain : {false, true}) {
        Machine machine;
        machine.target.cpu.features = {"sse2"};
        machine.files->add_file("/lib/glibc-hwcaps/x86-64-v3/liba.so", "no library");
        if (plain) machine.files->add_file("/lib/liba.so", SmallElf().build());
        EXPECT_EQ(machine.run(program({"liba.so"})).verdict, Verdict::conditional);
        machine.target.cpu.exact = true;
        EXPECT_EQ(machine.run(program({"liba.so"})).verdict, plain ? Verdict::runs : Verdict::fails);
    }
}

TEST(GlibcStart, OriginOfTheProgramIsReadFromProc) {
    Machine machine;
    machine.files->add_file("/app/lib/liba.so", SmallElf().build());
    machine.files->add_file("/lib/libb.so", SmallElf().build());
    auto takes_proc_for_granted = [&](const char* library, const char* runpath) {
        SmallElf start = program({library});
        start.runpath = runpath;
        return std::ranges::count(machine.run(start).assumptions, "/proc is mounted: $ORIGIN of the program is read from /proc/self/exe") ==
            1;
    };
    EXPECT_TRUE(takes_proc_for_granted("liba.so", "$ORIGIN/lib"));
    EXPECT_FALSE(takes_proc_for_granted("libb.so", "$ORIGIN/lib"));
    EXPECT_FALSE(takes_proc_for_granted("liba.so", "/app/lib"));
    machine.files->add_file("/proc/self/exe", "");
    EXPECT_FALSE(takes_proc_for_granted("liba.so", "$ORIGIN/lib"));
}

TEST(GlibcStart, DoesNotKnowWhatLiesBehindDamage) {
    constexpr std::uint64_t dt_needed = 1, dt_rela = 7, dt_strsz = 10, dt_runpath = 29, dt_verneed = 0x6ffffffe, beyond = 0x7fff0000;
    using Entry = std::pair<std::uint64_t, std::uint64_t>;
    for (const Entry& entry : {Entry{dt_needed, beyond}, Entry{dt_runpath, beyond}, Entry{dt_rela, 0x100}, Entry{dt_verneed, 0x100}}) {
        Machine machine;
        SmallElf damaged = program();
        damaged.more = {{dt_strsz, 0x40}, entry};
        EXPECT_EQ(machine.run(damaged).verdict, Verdict::unknown) << entry.first;
    }
}

TEST(GlibcStart, DoesNotKnowWhatTablesLeadToThatNoLinkerWrites) {
    constexpr std::uint64_t dt_pltrelsz = 2, dt_hash = 4, dt_strsz = 10, dt_init = 12, dt_jmprel = 23, dt_init_array = 25,
                            dt_init_arraysz = 27, dt_relrsz = 35, dt_relr = 36, dt_versym = 0x6ffffff0, nowhere = 0x7fff0000;
    using Entries = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
    for (const Entries& entries :
         {Entries{{dt_jmprel, 0x200}}, Entries{{dt_pltrelsz, 24}}, Entries{{dt_strsz, 2}}, Entries{{dt_init, nowhere}},
          Entries{{dt_init_array, 0x200}, {dt_init_arraysz, 8}}, Entries{{dt_init_array, nowhere}, {dt_init_arraysz, 8}},
          Entries{{dt_relr, 0x208}, {dt_relrsz, 8}}, Entries{{dt_hash, nowhere}}, Entries{{dt_versym, 0x200}}}) {
        constexpr std::uint32_t r_x86_64_64 = 1;
        for (bool in_library : {false, true}) {
            Machine machine;
            SmallElf damaged = in_library ? SmallElf() : program();
            damaged.first = std::string(8, '\0') + std::string("\0\0\xff\x7f\0\0\0\0", 8);
            damaged.symbols = {{.name = "one"}};
            damaged.relocations = {{.type = r_x86_64_64, .symbol = 1}};
            damaged.more = entries;
            if (in_library) machine.files->add_file("/lib/liba.so", damaged.build());
            EXPECT_EQ(machine.run(in_library ? program({"liba.so"}) : damaged).verdict, Verdict::unknown) << entries.front().first;
            // What is missing is missing all the same, where it is looked for before.
            if (in_library || entries.front().first == dt_strsz) continue;
            damaged.needed = {"nowhere.so"};
            EXPECT_EQ(machine.run(damaged).verdict, Verdict::fails) << entries.front().first;
        }
    }
}

TEST(GlibcStart, DoesNotKnowWhatAnotherCLibraryDoes) {
    constexpr std::uint32_t r_x86_64_glob_dat = 6;
    for (auto [name, verdict] : {std::pair("__libc_start_main", Verdict::unknown), std::pair("another", Verdict::runs)}) {
        Machine machine;
        SmallElf library;
        library.symbols = {{.name = name}};
        machine.files->add_file("/lib/libc.musl-x86_64.so.1", library.build());
        SmallElf start = program({"libc.musl-x86_64.so.1"});
        start.symbols = {{.name = name, .value = 0, .section = 0}};
        start.relocations = {{.type = r_x86_64_glob_dat, .symbol = 1}};
        EXPECT_EQ(machine.run(start).verdict, verdict) << name;
    }
}

}  // namespace
}  // namespace abiscope::loader
