#include <chrono>
#include <utility>

#include <gtest/gtest.h>

#include "loader/simulate.h"
#include "support/memory_file_system.h"

namespace abiscope::loader {
namespace {

// One page: header, program headers, an endless loop at 0x800.
struct Program64 {
    struct Segment {
        std::uint32_t type = 1, flags = 5;
        std::uint64_t offset = 0, vaddr = 0x400000, filesz = 0x1000, memsz = 0x1000, align = 0x1000;
    };
    std::uint16_t type = 2, machine = 62, phentsize = 56;
    std::uint64_t entry = 0x400800, phoff = 64;
    std::vector<Segment> segments{{}};
    std::string interpreter;
    std::size_t size = 0x1000;

    [[nodiscard]] std::string build() const {
        std::string out(
            "\x7f"
            "ELF\2\1\1",
            7);
        out.resize(16);
        auto put = [&](std::uint64_t value, int width) {
            for (int i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
        };
        std::vector<Segment> all = segments;
        if (!interpreter.empty()) all.insert(all.begin(), {3, 4, 0x700, 0x400700, interpreter.size(), interpreter.size(), 1});
        put(type, 2), put(machine, 2), put(1, 4), put(entry, 8), put(phoff, 8), put(0, 8), put(0, 4), put(64, 2), put(phentsize, 2),
            put(all.size(), 2), put(0, 6);
        for (const Segment& one : all) {
            put(one.type, 4), put(one.flags, 4), put(one.offset, 8), put(one.vaddr, 8), put(one.vaddr, 8), put(one.filesz, 8),
                put(one.memsz, 8), put(one.align, 8);
        }
        out.resize(0x1000);
        out.replace(0x700, interpreter.size(), interpreter);
        out.replace(0x800, 2, "\xeb\xfe");
        out.resize(size);
        return out;
    }
};

Program64 loader_program() {
    Program64 loader;
    loader.type = 3;
    loader.entry = 0x800;
    loader.segments[0].vaddr = 0;
    return loader;
}

std::string name(std::string_view text) { return std::string(text) + '\0'; }

struct Machine {
    std::shared_ptr<testing::MemoryFileSystem> files = std::make_shared<testing::MemoryFileSystem>();
    target::Target target;

    Machine() {
        target.name = "test";
        target.architecture = target::Architecture::amd64;
        target.kernel.version = Version{6, 12};
        target.kernel.binfmt_known = true;
        target.libc.kind = target::LibcKind::glibc;
        target.working_directory = "/work";
        files->add_directory("/work");
    }

    KernelAnswer run(std::string_view bytes, const std::string& path = "./x", std::uint32_t mode = 0755) {
        files->add_file("/work/x", bytes, mode);
        target.files = files;
        ModuleCache cache(files);
        auto opened = cache.open("/work/x", {0, 0});
        return exec({path, opened->module, opened->status}, target, cache);
    }
    std::string error(std::string_view bytes) { return run(bytes).outcome.message.error_name; }
    std::string signal(const Program64& program) { return run(program.build()).outcome.message.signal; }
};

TEST(KernelExec, AProgramOfThisMachineRuns) {
    KernelAnswer answer = Machine().run(Program64().build());
    EXPECT_EQ(answer.outcome.verdict, Verdict::runs);
    EXPECT_TRUE(answer.interpreter.empty());
}

TEST(KernelExec, AnEmptyInterpreterNameIsTheWorkingDirectory) {
    Program64 program;
    program.interpreter = std::string(2, '\0');
    EXPECT_EQ(Machine().error(program.build()), "EACCES");
    EXPECT_EQ(Machine().error("#!"), "EACCES");
    EXPECT_EQ(Machine().error(std::string("#! \0./run\n", 10)), "EACCES");
}

TEST(KernelExec, HeaderFields) {
    auto changed = [](auto change) {
        Program64 program;
        change(program);
        return Machine().error(program.build());
    };
    EXPECT_EQ(changed([](Program64& p) { p.machine = 183; }), "ENOEXEC");
    EXPECT_EQ(changed([](Program64& p) { p.type = 1; }), "ENOEXEC");
    EXPECT_EQ(changed([](Program64& p) { p.phentsize = 32; }), "ENOEXEC");
    EXPECT_EQ(changed([](Program64& p) { p.segments.clear(); }), "ENOEXEC");
    EXPECT_EQ(changed([](Program64& p) { p.phoff = 0x1000 - 8; }), "ENOEXEC");
    EXPECT_EQ(changed([](Program64& p) { p.phoff = ~std::uint64_t{0} - 8; }), "ENOEXEC");
    EXPECT_EQ(changed([](Program64& p) { p.size = 64; }), "ENOEXEC");
    // Class, byte order, version and OS ABI are not looked at.
    std::string odd = Program64().build();
    odd.replace(4, 4, "\1\2\0\x63", 4);
    EXPECT_EQ(Machine().run(odd).outcome.verdict, Verdict::runs);
}

TEST(KernelExec, TheInterpreter) {
    Program64 program;
    program.interpreter = name("/lib/ld");
    auto with = [&](const auto& add) {
        Machine machine;
        add(*machine.files);
        return machine.run(program.build());
    };
    auto file = [](const std::string& bytes, std::uint32_t mode = 0755) {
        return [=](testing::MemoryFileSystem& files) { files.add_file("/lib/ld", bytes, mode); };
    };
    KernelAnswer good = with(file(loader_program().build()));
    EXPECT_EQ(good.outcome.verdict, Verdict::runs);
    EXPECT_EQ(good.interpreter, "/lib/ld");

    KernelAnswer missing = with([](testing::MemoryFileSystem&) {});
    EXPECT_EQ(missing.outcome.stage, Stage::interpreter);
    EXPECT_EQ(missing.outcome.message.text, "bash: ./x: cannot execute: required file not found");
    EXPECT_EQ(missing.outcome.message.exit_code, 127);
    ASSERT_FALSE(missing.outcome.problems.empty());
    EXPECT_EQ(missing.outcome.problems.front().subject, "/lib/ld");

    auto error = [](const KernelAnswer& answer) { return answer.outcome.message.error_name; };
    EXPECT_EQ(error(with(file("tiny"))), "EIO");
    EXPECT_EQ(error(with(file("#!/bin/sh\n" + std::string(90, '#')))), "ELIBBAD");
    Program64 foreign = loader_program();
    foreign.machine = 183;
    EXPECT_EQ(error(with(file(foreign.build()))), "ELIBBAD");
    EXPECT_EQ(error(with(file(loader_program().build(), 0644))), "EACCES");
    EXPECT_EQ(error(with([](testing::MemoryFileSystem& files) { files.add_directory("/lib/ld"); })), "EACCES");
    EXPECT_EQ(error(with([](testing::MemoryFileSystem& files) { files.add_link("/lib/ld", "ld"); })), "ELOOP");
    program.interpreter = "/lib/ld";   // no NUL
    EXPECT_EQ(error(with(file(loader_program().build()))), "ENOEXEC");
    program.interpreter = "\1";
    EXPECT_EQ(error(with(file(loader_program().build()))), "ENOEXEC");
}

TEST(KernelExec, AMissingInterpreterIsNotCertainWhereNotAllFilesAreKnown) {
    Machine machine;
    machine.files = std::make_shared<testing::MemoryFileSystem>(false);
    Program64 program;
    program.interpreter = name("/lib/ld");
    Outcome outcome = machine.run(program.build()).outcome;
    EXPECT_EQ(outcome.verdict, Verdict::fails);
    ASSERT_FALSE(outcome.problems.empty());
    EXPECT_FALSE(outcome.problems.front().certain);
    EXPECT_FALSE(outcome.assumptions.empty());
}

TEST(KernelExec, DeathWithoutAWord) {
    Machine machine;
    Program64 program;
    program.entry = 0;
    EXPECT_EQ(machine.signal(program), "SIGSEGV");
    program.entry = 0x500000;
    EXPECT_EQ(machine.signal(program), "SIGSEGV");
    program = {};
    program.segments[0].flags = 4;
    EXPECT_EQ(machine.signal(program), "SIGSEGV");
    program = {};
    program.segments[0].type = 4;
    EXPECT_EQ(machine.signal(program), "SIGSEGV");
    program = {};
    program.segments[0].offset = 8;
    EXPECT_EQ(machine.signal(program), "SIGSEGV");
    program = {};
    program.segments[0].memsz = 0x900;
    EXPECT_EQ(machine.signal(program), "SIGSEGV");
    program = {};
    program.segments[0].offset = 0x10000;
    Outcome outcome = machine.run(program.build()).outcome;
    EXPECT_EQ(outcome.message.signal, "SIGBUS");
    EXPECT_EQ(outcome.message.exit_code, 135);
    EXPECT_EQ(outcome.message.text, "Bus error");
}

TEST(KernelExec, PageZeroIsForRootAlone) {
    Machine machine;
    Program64 program;
    program.segments[0].vaddr = 0;
    program.entry = 0x800;
    EXPECT_EQ(machine.signal(program), "SIGSEGV");
    machine.target.user = {0, 0};
    EXPECT_EQ(machine.run(program.build()).outcome.verdict, Verdict::runs);
    // Zeros there are instructions that write to address 0, which is mapped.
    program.segments[0].flags = 7;
    program.entry = 0xf00;
    EXPECT_EQ(machine.run(program.build()).outcome.verdict, Verdict::runs);
}

TEST(KernelExec, ThirtyTwoBitProgramsNeedACompatKernel) {
    std::string program(
        "\x7f"
        "ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3\0\1\0\0\0\x54\0\x40\0\x34\0\0\0\0\0\0\0\0\0\0\0\x34\0\x20\0\1\0\0\0\0\0\0\0"
        "\1\0\0\0\0\0\0\0\0\0\x40\0\0\0\x40\0\0\1\0\0\0\1\0\0\5\0\0\0\0\x10\0\0",
        84);
    program += "\xeb\xfe";
    program.resize(256);
    Machine machine;
    EXPECT_EQ(machine.run(program).outcome.verdict, Verdict::runs);
    machine.target.kernel.runs_32_bit = false;
    EXPECT_EQ(machine.error(program), "ENOEXEC");
    program[18] = 62;   // x32
    machine.target.kernel.runs_32_bit = true;
    EXPECT_EQ(machine.error(program), "ENOEXEC");
    machine.target.kernel.x32 = true;
    EXPECT_EQ(machine.run(program).outcome.verdict, Verdict::runs);
}

TEST(KernelExec, FiveInterpretersInARowAreTheMost) {
    for (int depth : {1, 5, 6, 7}) {
        Machine machine;
        for (int i = 1; i < depth; ++i) machine.files->add_file("/work/s" + std::to_string(i), "#!./s" + std::to_string(i + 1) + "\n");
        machine.files->add_file("/work/s" + std::to_string(depth), Program64().build());
        EXPECT_EQ(machine.error("#!./s1\n"), depth > 5 ? "ELOOP" : "") << depth;
    }
    EXPECT_EQ(Machine().error("#!./x\n"), "ELOOP");
}

TEST(KernelExec, HashBangLines) {
    auto error = [](std::string_view line, Version kernel = {6, 12}) {
        Machine machine;
        machine.target.kernel.version = std::move(kernel);
        machine.files->add_file("/work/run", Program64().build());
        Outcome outcome = machine.run(line).outcome;
        return outcome.verdict == Verdict::unknown ? "unknown" : outcome.message.error_name;
    };
    EXPECT_EQ(error("#! \t./run\t-a b\n"), "");
    EXPECT_EQ(error("#!./run"), "");
    EXPECT_EQ(error("#!./run\r\n"), "ENOENT");
    EXPECT_EQ(error("#!\nexit 7\n"), "ENOEXEC");
    auto line_of = [](std::size_t length) { return "#!." + std::string(length - 6, '/') + "run\n"; };
    EXPECT_EQ(error(line_of(255)), "");
    EXPECT_EQ(error(line_of(256)), "ENOEXEC");
    EXPECT_EQ(error("#!./run " + std::string(400, 'a') + "\n"), "");
    EXPECT_EQ(error(line_of(200), {4, 19}), "unknown");
    EXPECT_EQ(error(line_of(120), {4, 19}), "");
}

TEST(KernelExec, ZshSearchesTheInterpreterInPath) {
    Machine machine;
    machine.target.environment = {{"PATH", "/bin"}};
    machine.files->add_file("/bin/perl", Program64().build());
    EXPECT_EQ(machine.run("#!perl\n").outcome.verdict, Verdict::fails);
    machine.target.shell = {target::ShellKind::zsh, {5, 9}};
    EXPECT_EQ(machine.run("#!perl\n").outcome.verdict, Verdict::conditional);
    EXPECT_EQ(machine.run("#!python\n").outcome.message.text, "zsh: ./x: bad interpreter: python: no such file or directory");
}

TEST(KernelExec, AFileTheShellCannotReadIsNoScript) {
    Machine machine;
    Outcome outcome = machine.run("exit 7\n", "./x", 0111).outcome;
    EXPECT_EQ(outcome.verdict, Verdict::fails);
    EXPECT_EQ(outcome.message.text, "bash: ./x: Permission denied");
    EXPECT_EQ(machine.run("exit 7\n").outcome.verdict, Verdict::conditional);
}

TEST(KernelExec, LayoutsThatOldKernelsMapInAnotherWay) {
    Machine machine;
    Program64 program;
    program.segments.push_back({.vaddr = 0x300000});
    EXPECT_EQ(machine.run(program.build()).outcome.verdict, Verdict::runs);
    machine.target.kernel.version = Version{6, 1};
    EXPECT_EQ(machine.run(program.build()).outcome.verdict, Verdict::unknown);
}

target::BinfmtHandler handler(std::string magic, std::string interpreter) {
    return {.name = "h", .interpreter = std::move(interpreter), .magic = std::move(magic)};
}

TEST(KernelExec, BinfmtComesBeforeEverythingElse) {
    Machine machine;
    machine.files->add_file("/h", Program64().build());
    machine.target.kernel.binfmt = {handler("MZ", "/h")};
    EXPECT_TRUE(machine.run("MZ\x90").handled_by_binfmt);
    EXPECT_EQ(machine.run("MZ\x90").outcome.verdict, Verdict::runs);
    EXPECT_FALSE(machine.run("MY").handled_by_binfmt);

    machine.target.kernel.binfmt = {handler("#!", "/h")};
    EXPECT_TRUE(machine.run("#!/no/such\n").handled_by_binfmt);
    machine.target.kernel.binfmt.front().enabled = false;
    EXPECT_EQ(machine.error("#!/no/such\n"), "ENOENT");
}

TEST(KernelExec, BinfmtByExtensionMaskAndOffset) {
    Machine machine;
    machine.files->add_file("/h", Program64().build());
    target::BinfmtHandler exe = handler("", "/h");
    exe.extension = "exe";
    machine.target.kernel.binfmt = {exe};
    EXPECT_TRUE(machine.run("abc", "./setup.exe").handled_by_binfmt);
    EXPECT_FALSE(machine.run("abc", "./setup.exe.txt").handled_by_binfmt);
    EXPECT_FALSE(machine.run("abc", "./exe").handled_by_binfmt);
    target::BinfmtHandler masked = handler("a\1", "/h");
    masked.mask = "\xff\x0f";
    masked.offset = 2;
    machine.target.kernel.binfmt = {masked};
    EXPECT_TRUE(machine.run("..a\x51").handled_by_binfmt);
    EXPECT_FALSE(machine.run("..a\x52").handled_by_binfmt);
    masked.offset = ~std::uint64_t{0} - 1;
    machine.target.kernel.binfmt = {masked};
    EXPECT_FALSE(machine.run("..a\x51").handled_by_binfmt);
}

TEST(KernelExec, TheHandlersInterpreterMustBeThereUnlessItWasOpenedBefore) {
    Machine machine;
    machine.target.kernel.binfmt = {handler("MZ", "/usr/bin/wine")};
    EXPECT_EQ(machine.error("MZ"), "ENOENT");
    machine.target.kernel.binfmt.front().open_at_registration = true;
    EXPECT_EQ(machine.run("MZ").outcome.verdict, Verdict::runs);
}

TEST(KernelExec, AThousandProgramHeadersTakeNoTime) {
    Program64 program;
    program.segments.resize(1170, {.type = 1, .flags = 7, .filesz = 0x1000, .memsz = 0x10000});
    program.phoff = 0;
    auto start = std::chrono::steady_clock::now();
    static_cast<void>(Machine().run(program.build()));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

}  // namespace
}  // namespace abiscope::loader
