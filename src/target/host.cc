#include "target/host.h"

#include <cerrno>
#include <memory>

#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/text.h"
#include "bytes/mapped_file.h"
#include "target/binfmt.h"
#include "target/root_facts.h"
#include "target/root_file_system.h"

extern char** environ;

namespace abiscope::target {

namespace {

std::string read_file(const std::string& path) {
    auto bytes = open_file(path);
    return bytes ? std::string((*bytes)->view().as_text()) : std::string();
}

// CONFIG_X86_X32_ABI: arch/x86/entry/syscall_64.c answers numbers with bit 30 only then.
bool has_x32() {
#if defined(__x86_64__)
    constexpr long x32_bit = 0x40000000;
    return ::syscall(x32_bit | SYS_getpid) == ::getpid();
#else
    return false;
#endif
}

bool has_32_bit(Architecture architecture) {
    if (architecture == Architecture::amd64) {
        // This sysctl exists with CONFIG_IA32_EMULATION only (arch/x86/entry/vdso/vdso32-setup.c); since 6.7 a boot parameter decides too.
        if (::access("/proc/sys/abi/vsyscall32", F_OK) != 0) return false;
        std::string command_line = read_file("/proc/cmdline");
        for (std::string_view word : text::split(command_line, " \n")) {
            if (word == "ia32_emulation=0" || word == "ia32_emulation=off" || word == "ia32_emulation=false" || word == "ia32_emulation=n")
                return false;
        }
        return true;
    }
    if (architecture == Architecture::arm64) {
        // __arm64_sys_arm64_personality refuses PER_LINUX32 when no CPU has 32-bit user mode.
        constexpr unsigned long query = 0xffffffff;
        int before = ::personality(query);
        bool accepted = ::personality(PER_LINUX32) != -1;
        ::personality(static_cast<unsigned long>(before));
        return accepted;
    }
    return false;
}

}  // namespace

Architecture host_architecture() {
    struct utsname names{};
    if (::uname(&names) != 0) return Architecture::unknown;
    return parse_architecture(names.machine).value_or(Architecture::unknown);
}

Kernel host_kernel(Architecture architecture) {
    Kernel kernel;
    struct utsname names{};
    if (::uname(&names) == 0) kernel.version = Version::parse(names.release).value_or(Version{});
    kernel.page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    if (auto least = text::parse_unsigned(text::trim(read_file("/proc/sys/vm/mmap_min_addr")))) kernel.mmap_min_addr = *least;
    kernel.runs_32_bit = has_32_bit(architecture);
    kernel.x32 = has_x32();
    BinfmtState binfmt = read_binfmt();
    kernel.binfmt_known = binfmt.known;
    kernel.binfmt = std::move(binfmt.handlers);
    return kernel;
}

Cpu parse_cpuinfo(std::string_view cpuinfo) {
    Cpu cpu;
    for (std::string_view line : text::split(cpuinfo, "\n")) {
        std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) {
            if (text::trim(line).empty() && !cpu.features.empty()) break;  // the next processor
            continue;
        }
        std::string_view key = text::trim(line.substr(0, colon));
        std::string_view value = text::trim(line.substr(colon + 1));
        if (key == "model name") cpu.name = value;
        else if (key == "vendor_id") cpu.vendor = value;
        else if (key == "flags" || key == "Features" || key == "isa") {
            for (std::string_view feature : text::split(value, " ")) {
                if (!feature.empty()) cpu.features.emplace_back(feature);
            }
        }
    }
    cpu.exact = !cpu.features.empty();
    return cpu;
}

Cpu host_cpu() { return parse_cpuinfo(read_file("/proc/cpuinfo")); }

Environment host_environment() {
    Environment kept;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view line = *entry;
        std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        std::string_view name = line.substr(0, equals);
        if (name.starts_with("LD_") || name.starts_with("LC_") || name == "LANG" || name == "QEMU_LD_PREFIX" || name == "PATH" ||
            name == "GLIBC_TUNABLES" || name == "HOME" || name == "SHELL") {
            kept.emplace_back(name, line.substr(equals + 1));
        }
    }
    return kept;
}

Result<Target> host_target() {
    Target target;
    target.name = "host";
    target.title = "this machine";
    target.architecture = host_architecture();
    target.kernel = host_kernel(target.architecture);
    target.cpu = host_cpu();
    ABISCOPE_TRY(target.files, RootFileSystem::open_root("/"));
    for (const char* fact : {"kernel.version", "kernel.page_size", "kernel.mmap_min_addr", "cpu", "user", "environment"}) {
        target.sources.push_back({fact, "read from the live system"});
    }
    if (!target.kernel.binfmt_known)
        target.sources.push_back({"kernel.binfmt", "unknown: binfmt_misc is not mounted and only root can look behind"});
    apply_root_facts(target);
    target.user = own_credentials();
    target.environment = host_environment();
    target.no_new_privileges = read_file("/proc/self/status").find("NoNewPrivs:\t1") != std::string::npos;
    std::unique_ptr<char, decltype(&::free)> folder(::getcwd(nullptr, 0), &::free);
    if (folder) target.working_directory = folder.get();
    return target;
}

}  // namespace abiscope::target
