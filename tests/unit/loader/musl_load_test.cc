#include <chrono>

#include <gtest/gtest.h>

#include "loader/musl_machine.h"
#include "loader/musl_messages.h"
#include "loader/musl_search.h"
#include "loader/musl_symbols.h"
#include "loader/simulate.h"
#include "support/memory_file_system.h"
#include "support/small_elf.h"

namespace abiscope::loader {
namespace {

const std::string proc_is_mounted = "/proc is mounted: $ORIGIN of the program is read from /proc/self/exe";

using testing::SmallElf;

constexpr const char* loader_path = "/lib/ld-musl-x86_64.so.1";

struct Machine {
    std::shared_ptr<testing::MemoryFileSystem> files = std::make_shared<testing::MemoryFileSystem>();
    target::Target target;
    target::Libc libc;
    Options options;

    explicit Machine(Version version = {1, 2, 5}) {
        SmallElf musl;
        musl.symbols = {{"puts"}, {"open"}, {"__libc_start_main"}, {"stdin"}};
        files->add_file(loader_path, musl.build());
        target.architecture = target::Architecture::amd64;
        target.user = {0, 0};
        libc.kind = target::LibcKind::musl;
        libc.version = std::move(version);
        libc.loader = loader_path;
    }

    Outcome run(const SmallElf& program) {
        files->add_file("/app/prog", program.build());
        return run_file();
    }

    Outcome run_file() {
        target.files = files;
        ModuleCache cache(files);
        auto opened = cache.open("/app/prog", {0, 0});
        return run_musl({"/app/prog", opened->module, opened->status}, target, libc, cache, options);
    }
};

SmallElf program(std::vector<std::string> needed = {}) {
    SmallElf out;
    out.interpreter = loader_path;
    out.needed = std::move(needed);
    return out;
}

std::string lines(const Outcome& outcome) { return outcome.message.text; }

TEST(MuslLoad, AProgramThatNeedsNothingRuns) {
    Outcome outcome = Machine().run(program());
    EXPECT_EQ(outcome.verdict, Verdict::runs);
    ASSERT_EQ(outcome.libraries.size(), 1U);   // not even the libc is in the list when nobody asks for it
    EXPECT_EQ(outcome.libraries[0].found_by, FoundBy::program);
}

TEST(MuslLoad, MissingLibrariesAddUp) {
    Outcome outcome = Machine().run(program({"libx.so", "liby.so"}));
    EXPECT_EQ(outcome.verdict, Verdict::fails);
    EXPECT_EQ(outcome.stage, Stage::libraries);
    EXPECT_EQ(outcome.message.exit_code, 127);
    EXPECT_EQ(lines(outcome),
              "Error loading shared library libx.so: No such file or directory (needed by /app/prog)\n"
              "Error loading shared library liby.so: No such file or directory (needed by /app/prog)");
    ASSERT_EQ(outcome.problems.size(), 2U);
    ASSERT_EQ(outcome.problems[0].places.size(), 1U);
    EXPECT_TRUE(outcome.problems[0].places[0].offset.has_value());
    EXPECT_EQ(outcome.problems[0].trace.size(), 3U);   // /lib, /usr/local/lib, /usr/lib
}

TEST(MuslLoad, TheFirstFileThatOpensEndsTheSearch) {
    Machine machine;
    machine.files->add_file("/lib/libx.so", "a text");
    machine.files->add_file("/usr/lib/libx.so", SmallElf().build());
    EXPECT_EQ(lines(machine.run(program({"libx.so"}))), "Error loading shared library libx.so: Exec format error (needed by /app/prog)");
}

TEST(MuslLoad, ASearchListIsInherited) {
    Machine machine;
    SmallElf top;
    top.needed = {"liblow.so"};
    machine.files->add_file("/opt/libtop.so", top.build());
    machine.files->add_file("/opt/liblow.so", SmallElf().build());
    SmallElf start = program({"libtop.so"});
    start.runpath = "$ORIGIN/../opt";
    Outcome outcome = machine.run(start);
    EXPECT_EQ(outcome.verdict, Verdict::runs) << lines(outcome);
    ASSERT_EQ(outcome.libraries.size(), 3U);
    EXPECT_EQ(outcome.libraries[2].path, "/app/../opt/liblow.so");
    EXPECT_EQ(outcome.libraries[2].found_by, FoundBy::runpath);
    EXPECT_EQ(outcome.libraries[2].depth, 2U);
    EXPECT_EQ(outcome.assumptions, std::vector{proc_is_mounted});
    machine.files->add_file("/proc/self/exe", "");
    EXPECT_TRUE(machine.run(start).assumptions.empty());
    start.runpath = "/opt:$LIB";
    EXPECT_EQ(machine.run(start).verdict, Verdict::fails);
}

TEST(MuslLoad, AnotherLibcIsReplaced) {
    Machine machine;
    SmallElf other;
    other.symbols = {{"__libc_start_main"}, {"stdin"}};
    machine.files->add_file("/lib/libother.so", other.build());
    Outcome outcome = machine.run(program({"libother.so"}));
    EXPECT_EQ(outcome.verdict, Verdict::runs);
    ASSERT_EQ(outcome.libraries.size(), 2U);
    EXPECT_EQ(outcome.libraries[1].path, loader_path);
    EXPECT_EQ(outcome.libraries[1].found_by, FoundBy::libc_itself);
}

TEST(MuslLoad, AMissingSymbolNamesTheObject) {
    SmallElf start = program({"libc.so.6"});
    start.symbols = {{"puts", 0, 0}, {"__snprintf_chk", 0, 0}, {"maybe", 0, 0, 0x22}};
    start.relocations = {{7, 1}, {7, 2}, {6, 3}};
    Outcome outcome = Machine().run(start);
    EXPECT_EQ(lines(outcome), "Error relocating /app/prog: __snprintf_chk: symbol not found");
    EXPECT_EQ(outcome.stage, Stage::symbols);
}

TEST(MuslLoad, LargeFileAliasesCameWithTheLoaderOf124) {
    SmallElf start = program({"libc.so"});
    start.symbols = {{"open64", 0, 0}};
    start.relocations = {{7, 1}};
    EXPECT_EQ(Machine({1, 2, 4}).run(start).verdict, Verdict::runs);
    EXPECT_EQ(Machine({1, 2, 3}).run(start).verdict, Verdict::fails);
}

TEST(MuslLoad, AnUnknownRelocationIsAnError) {
    SmallElf start = program();
    start.relocations = {{37, 0}};
    EXPECT_EQ(lines(Machine().run(start)), "Error relocating /app/prog: unsupported relocation type 37");
}

TEST(MuslLoad, NoHashTableIsASegmentationFault) {
    Machine machine;
    SmallElf bare;
    bare.hash = false;
    machine.files->add_file("/lib/libx.so", bare.build());
    Outcome outcome = machine.run(program({"libgone.so", "libx.so"}));
    EXPECT_EQ(outcome.message.signal, "SIGSEGV");
    EXPECT_EQ(outcome.message.exit_code, 139);
    EXPECT_EQ(lines(outcome), "Error loading shared library libgone.so: No such file or directory (needed by /app/prog)");
    SmallElf start = program();
    start.program_headers_segment = false;
    EXPECT_EQ(machine.run(start).message.signal, "SIGSEGV");
}

TEST(MuslLoad, CodeOfAnotherMachineIsAnOpenQuestion) {
    Machine machine;
    SmallElf foreign;
    foreign.machine = 183;
    machine.files->add_file("/lib/libx.so", foreign.build());
    EXPECT_EQ(machine.run(program({"libx.so"})).verdict, Verdict::conditional);
}

TEST(MuslLoad, WhatADescriptionDoesNotSayIsAssumed) {
    Machine machine;
    machine.files->add_library(
        {.soname = "libz.so.1", .path = "/lib/libz.so.1", .needed = {"libgone.so"}, .versions = {}, .source = "a test"});
    SmallElf start = program({"libz.so.1"});
    start.symbols = {{"deflate", 0, 0}};
    start.relocations = {{7, 1}};
    Outcome outcome = machine.run(start);
    EXPECT_EQ(lines(outcome), "Error loading shared library libgone.so: No such file or directory (needed by /lib/libz.so.1)");
    EXPECT_EQ(outcome.assumptions.size(), 2U);
}

TEST(MuslLoad, WithoutTheLoadersFileItsSymbolsAreAssumed) {
    Machine machine;
    machine.files->remove(loader_path);
    SmallElf start = program({"libc.so"});
    start.symbols = {{"anything", 0, 0}};
    start.relocations = {{7, 1}};
    Outcome outcome = machine.run(start);
    EXPECT_EQ(outcome.verdict, Verdict::runs);
    EXPECT_FALSE(outcome.assumptions.empty());
}

TEST(MuslLoad, AnArchitectureWithoutTablesIsUnknown) {
    Machine machine;
    machine.target.architecture = target::Architecture::mips64el;
    Outcome outcome = machine.run(program());
    EXPECT_EQ(outcome.verdict, Verdict::unknown);
    ASSERT_EQ(outcome.problems.size(), 1U);
    EXPECT_EQ(outcome.problems[0].kind, ProblemKind::evidence_missing);
}

TEST(MuslHostile, CyclesEnd) {
    Machine machine;
    SmallElf one, two;
    one.needed = {"libtwo.so", "libone.so"};
    two.needed = {"libone.so"};
    machine.files->add_file("/lib/libone.so", one.build());
    machine.files->add_file("/lib/libtwo.so", two.build());
    EXPECT_EQ(machine.run(program({"libone.so"})).libraries.size(), 3U);
}

TEST(MuslHostile, ANeededOf5000Bytes) {
    std::string name(5000, 'x');
    EXPECT_EQ(lines(Machine().run(program({name}))),
              "Error loading shared library " + name + ": No error information (needed by /app/prog)");
}

TEST(MuslHostile, AMillionSymbolsAreClaimed) {
    Machine machine;
    SmallElf start = program({"libc.so"});
    start.symbols = {{"puts", 0, 0}};
    start.relocations = {{7, 1}};
    start.claimed_symbols = 1'000'000;
    EXPECT_EQ(machine.run(start).verdict, Verdict::runs);
}

TEST(MuslHostile, TheTextIsBounded) {
    Machine machine;
    SmallElf start = program();
    start.needed.assign(3000, std::string(5000, 'y'));
    Outcome outcome = machine.run(start);
    EXPECT_EQ(outcome.verdict, Verdict::fails);
    EXPECT_LE(outcome.message.text.size(), std::size_t{1} << 20);
    EXPECT_FALSE(outcome.message.exit_code.has_value());   // the loader would have said more than is kept
}

TEST(MuslHostile, EveryCutAndEveryChangedByte) {
    Machine machine;
    SmallElf lib;
    lib.symbols = {{"f"}, {"g", 0, 0}};
    lib.relocations = {{7, 1}, {6, 2}, {8, 0}};
    lib.needed = {"libc.so"};
    lib.runpath = "$ORIGIN";
    SmallElf start = lib;
    start.interpreter = loader_path;
    start.needed = {"libx.so"};
    std::string good = lib.build(), prog = start.build();
    auto begin = std::chrono::steady_clock::now();
    std::size_t runs = 0;
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (int change : {-1, 0, 1, 0x7f, 0xff}) {
            std::string lib_bytes = good, prog_bytes = prog;
            if (change < 0) {
                lib_bytes.resize(at);
            } else {
                lib_bytes[at] = static_cast<char>(change);
                if (at < prog_bytes.size()) prog_bytes[at] = static_cast<char>(change);
            }
            machine.files->add_file("/lib/libx.so", lib_bytes);
            machine.files->add_file("/app/prog", change == 0x7f ? prog_bytes : prog);
            Outcome outcome = machine.run_file();
            for (const Problem& problem : outcome.problems) EXPECT_FALSE(problem.places.empty());
            ++runs;
        }
    }
    EXPECT_GT(runs, 1000U);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

}  // namespace

namespace musl {
namespace {

TEST(MuslNames, ReservedWordsEndWithADot) {
    EXPECT_TRUE(reserved_word("libc.so"));
    EXPECT_TRUE(reserved_word("libc.so.6"));
    EXPECT_TRUE(reserved_word("libpthread.so.0"));
    EXPECT_TRUE(reserved_word("libxnet."));
    EXPECT_FALSE(reserved_word("libcrypt.so.1"));
    EXPECT_FALSE(reserved_word("libm-2.36.so"));
    EXPECT_FALSE(reserved_word("libm"));
    EXPECT_FALSE(reserved_word("c.so"));
}

TEST(MuslNames, LargeFileAliases) {
    EXPECT_EQ(plain_name_of_large_file_alias("open64"), "open");
    EXPECT_EQ(plain_name_of_large_file_alias("readdir64_r"), "readdir_r");
    EXPECT_EQ(plain_name_of_large_file_alias("posix_fadvise64"), "posix_fadvise");
    EXPECT_EQ(plain_name_of_large_file_alias("posix_fallocate64"), "");   // 17 characters: the loader's buffer holds 16
    EXPECT_EQ(plain_name_of_large_file_alias("fseek64"), "");
    EXPECT_EQ(plain_name_of_large_file_alias("open"), "");
    EXPECT_EQ(plain_name_of_large_file_alias("64"), "");
}

TEST(MuslMachine, KnowsTypesByVersion) {
    const Machine* riscv = machine_of(target::Architecture::riscv64);
    ASSERT_NE(riscv, nullptr);
    EXPECT_EQ(riscv->action_of(12, Version{1, 2, 4}), Action::unsupported);
    EXPECT_EQ(riscv->action_of(12, Version{1, 2, 5}), Action::tls_descriptor);
    EXPECT_EQ(machine_of(target::Architecture::amd64)->action_of(37, Version{1, 2, 5}), Action::unsupported);
    EXPECT_EQ(machine_of(target::Architecture::mips64el), nullptr);
}

TEST(MuslMessages, AreMuslsOwnWords) {
    EXPECT_EQ(error_text(40), "Symbolic link loop");
    EXPECT_EQ(error_text(12), "Out of memory");
    EXPECT_EQ(error_text(0), "No error information");
    EXPECT_EQ(error_name(2), "ENOENT");
}

}  // namespace
}  // namespace musl
}  // namespace abiscope::loader
