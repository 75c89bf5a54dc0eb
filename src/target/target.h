// What a machine is, as far as it decides whether a program runs there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/version.h"
#include "target/architecture.h"
#include "target/file_system.h"

namespace abiscope::target {

enum class Os : std::uint8_t { linux, windows, macos, unknown };
enum class LibcKind : std::uint8_t { glibc, musl, none, unknown };
enum class ShellKind : std::uint8_t { bash, dash, busybox, zsh, none };

// A handler of binfmt_misc: files that match are given to `interpreter` instead of being refused.
struct BinfmtHandler {
    std::string name;              // qemu-aarch64, wine
    std::string interpreter;       // path on the target
    std::uint64_t offset = 0;      // of the magic within the file, bytes
    std::string magic;             // raw bytes; empty when matched by extension
    std::string mask;              // raw bytes, as long as magic; empty means all ones
    std::string extension;         // without the dot; empty when matched by magic
    bool enabled = true;
    bool open_at_registration = false;   // flag F: the interpreter need not exist in the file system
};

struct Kernel {
    Version version;                     // empty when unknown
    std::uint64_t page_size = 4096;      // bytes
    std::uint64_t mmap_min_addr = 65536; // vm.mmap_min_addr
    bool runs_32_bit = true;             // CONFIG_IA32_EMULATION, CONFIG_COMPAT
    bool x32 = false;                    // CONFIG_X86_X32_ABI
    std::vector<BinfmtHandler> binfmt;
    bool binfmt_known = false;           // false: `binfmt` is empty because nobody looked
};

struct Cpu {
    std::string name;                    // as the source of the facts calls it
    std::vector<std::string> features;   // names as in /proc/cpuinfo; only those programs can use (the kernel saves their state)
    std::string vendor;                  // of x86, as CPUID says: GenuineIntel; empty when unknown
    bool exact = false;                  // features are those of a known machine; false: the least every machine of this target has
};

struct Libc {
    LibcKind kind = LibcKind::unknown;
    Version version;                     // upstream, 2.36
    std::string build;                   // as packaged: "Debian GLIBC 2.36-9+deb12u10"
    std::string loader;                  // path on the target
    std::vector<std::string> directories;   // built-in search directories, in order, without trailing slash
    std::string lib_token;               // what $LIB stands for: lib/x86_64-linux-gnu
    std::string platform_token;          // what $PLATFORM stands for: x86_64
    std::string cache;                   // /etc/ld.so.cache; empty when not used
    Architecture architecture = Architecture::unknown;   // of the programs it serves
};

struct Shell {
    ShellKind kind = ShellKind::bash;
    Version version{5, 2};
};

using Environment = std::vector<std::pair<std::string, std::string>>;

// Where a figure of the target came from.
struct FactSource {
    std::string fact;                    // kernel.version
    std::string source;                  // a document, a package, "read from the live system"
};

struct Target {
    std::string name;                    // debian:12/amd64, host, a profile's file name
    std::string title;                   // Debian 12 (bookworm)
    Os os = Os::linux;
    Architecture architecture = Architecture::unknown;
    Version os_version;                  // Windows and macOS releases
    Kernel kernel;
    Cpu cpu;
    Libc libc;
    std::vector<Libc> other_libcs;       // other loaders present: i386 glibc on amd64, musl on Debian
    Shell shell;
    std::vector<std::string> commands;   // programs that are there even where nobody listed the files, by absolute path
    Environment environment;             // LD_LIBRARY_PATH, LD_PRELOAD, PATH...
    Credentials user{1000, 1000};
    bool no_new_privileges = false;
    std::string working_directory = "/";
    FileSystemPtr files;
    std::vector<FactSource> sources;

    // The value of an environment variable, or nothing.
    [[nodiscard]] std::optional<std::string_view> variable(std::string_view wanted) const;
    // The libc whose loader has that path, or null.
    [[nodiscard]] const Libc* libc_of_loader(std::string_view path) const;
    // Whether every such system has that program: one of `commands`, and /bin/sh where there is a shell.
    [[nodiscard]] bool has_command(std::string_view path) const;
};

[[nodiscard]] std::string_view to_string(Os os);
[[nodiscard]] std::string_view to_string(LibcKind kind);
[[nodiscard]] std::string_view to_string(ShellKind kind);
[[nodiscard]] std::optional<Os> parse_os(std::string_view name);
[[nodiscard]] std::optional<LibcKind> parse_libc_kind(std::string_view name);
[[nodiscard]] std::optional<ShellKind> parse_shell_kind(std::string_view name);

}  // namespace abiscope::target
