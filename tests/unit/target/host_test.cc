#include "target/host.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "target/binfmt.h"
#include "target/libc_reader.h"
#include "target/loader_paths.h"
#include "target/memory_file_system.h"
#include "target/root_facts.h"

namespace abiscope::target {
namespace {

using namespace std::string_view_literals;   // so that a NUL in the middle counts, and nobody counts bytes

TEST(Host, KnowsTheMachineTheTestsRunOn) {
    auto host = host_target();
    ASSERT_TRUE(host) << host.error().describe();
    EXPECT_NE(host->architecture, Architecture::unknown);
    EXPECT_FALSE(host->kernel.version.empty());
    EXPECT_EQ(host->kernel.page_size, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
    EXPECT_FALSE(host->cpu.features.empty());
    EXPECT_EQ(host->user.uid, ::geteuid());
    EXPECT_EQ(host->working_directory, std::filesystem::current_path().string());
    EXPECT_NE(host->shell.kind, ShellKind::none);
    // The libc this very test was linked to.
    EXPECT_EQ(host->libc.kind, LibcKind::glibc);
    EXPECT_EQ(host->libc.version, (Version{__GLIBC__, __GLIBC_MINOR__}));
    EXPECT_EQ(host->libc.cache, "/etc/ld.so.cache");
    EXPECT_GE(host->libc.directories.size(), 1U);
    EXPECT_EQ(host->libc_of_loader(host->libc.loader), &host->libc);
    for (const std::string& folder : host->libc.directories) EXPECT_NE(folder.back(), '/') << folder;
}

TEST(LibcReader, ReadsThePlacesOutOfALoader) {
    MemoryFileSystem files;
    ASSERT_TRUE(files.add_file("/lib64/ld-linux-x86-64.so.2",
                               "\x7f"
                               "ELF....\0xx\0/lib64/\0/usr/lib64/\0/etc/ld.so.cache\0glibc-ld.so.cache1.1\0haswell\0"sv));
    ASSERT_TRUE(files.add_file("/lib64/libc.so.6",
                               "\x7f"
                               "ELF GNU C Library (GNU libc) stable release version 2.28.\nCopyright"));
    Cpu cpu{.name = {}, .features = {"avx2", "bmi1", "bmi2", "abm", "movbe", "popcnt"}, .vendor = "GenuineIntel"};
    auto libc = read_libc(files, "/lib64/ld-linux-x86-64.so.2", Architecture::amd64, cpu);
    ASSERT_TRUE(libc);
    EXPECT_EQ(libc->kind, LibcKind::glibc);
    EXPECT_EQ(libc->version, (Version{2, 28}));
    EXPECT_EQ(libc->build, "GNU libc");
    EXPECT_EQ(libc->directories, (std::vector<std::string>{"/lib64", "/usr/lib64"}));
    EXPECT_EQ(libc->lib_token, "lib64");
    EXPECT_EQ(libc->platform_token, "haswell");
    EXPECT_EQ(libc->cache, "/etc/ld.so.cache");
    cpu.vendor = "AuthenticAMD";
    EXPECT_EQ(read_libc(files, "/lib64/ld-linux-x86-64.so.2", Architecture::amd64, cpu)->platform_token, "x86_64");
    EXPECT_FALSE(read_libc(files, "/lib64/libc.so.6", Architecture::amd64, cpu));
}

TEST(RootFacts, ReadTheNameAndTheShell) {
    MemoryFileSystem files;
    ASSERT_TRUE(files.add_file("/etc/os-release", "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME='Alpine \\'v3.20'\n"));
    ASSERT_TRUE(files.add_file("/bin/busybox",
                               "\x7f"
                               "ELF\0BusyBox v1.36.1 (2024-06-10)"sv));
    ASSERT_TRUE(files.add_link("/bin/sh", "/bin/busybox"));
    OsRelease release = read_os_release(files);
    EXPECT_EQ(release.id, "alpine");
    EXPECT_EQ(release.version, "3.20.3");
    EXPECT_EQ(release.title, "Alpine 'v3.20");
    EXPECT_EQ(read_shell(files).kind, ShellKind::busybox);
    EXPECT_EQ(read_shell(files).version, (Version{1, 36, 1}));
    EXPECT_EQ(read_shell(MemoryFileSystem()).kind, ShellKind::none);
}

TEST(Binfmt, ReadsWhatTheKernelPrints) {
    auto magic = parse_binfmt("qemu-aarch64",
                              "enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: OCF\noffset 0\nmagic 7f454c46\nmask ffffff00\n");
    ASSERT_TRUE(magic);
    EXPECT_EQ(magic->magic,
              "\x7f"
              "ELF");
    EXPECT_EQ(magic->mask, std::string("\xff\xff\xff\0", 4));
    EXPECT_TRUE(magic->open_at_registration);
    auto extension = parse_binfmt("wine", "disabled\ninterpreter /usr/bin/wine\nflags: \nextension .exe\n");
    ASSERT_TRUE(extension);
    EXPECT_EQ(extension->extension, "exe");
    EXPECT_FALSE(extension->enabled);
    EXPECT_FALSE(extension->open_at_registration);
    EXPECT_FALSE(parse_binfmt("status", "enabled\n"));
    EXPECT_FALSE(parse_binfmt("broken", "enabled\ninterpreter /x\nmagic 7f4\n"));
}

TEST(Architecture, NamesAndIdentitiesAgree) {
    for (const LoaderPath& row : loader_paths()) {
        EXPECT_EQ(parse_architecture(to_string(row.architecture)), row.architecture);
        EXPECT_EQ(find_loader_path(row.path)->path, row.path);
        ElfIdentity id = elf_identity(row.architecture);
        std::uint32_t flags = row.architecture == Architecture::armhf ? 0x400 : 0;
        EXPECT_EQ(architecture_of(id.machine, id.wide, id.big_endian, flags), row.architecture) << to_string(row.architecture);
    }
    EXPECT_EQ(parse_architecture("x86_64"), Architecture::amd64);
    EXPECT_EQ(parse_architecture("AARCH64"), Architecture::arm64);
    EXPECT_FALSE(parse_architecture("unknown"));
    EXPECT_EQ(architecture_of(1, true, false), Architecture::unknown);
}

TEST(Cpuinfo, IsReadForOneProcessor) {
    Cpu cpu = parse_cpuinfo("vendor_id\t: GenuineIntel\nmodel name\t: A CPU\nflags\t\t: fpu sse2  avx\n\nflags\t\t: other\n");
    EXPECT_EQ(cpu.vendor, "GenuineIntel");
    EXPECT_EQ(cpu.name, "A CPU");
    EXPECT_EQ(cpu.features, (std::vector<std::string>{"fpu", "sse2", "avx"}));
}

}  // namespace
}  // namespace abiscope::target
