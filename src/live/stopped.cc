#include "live/stopped.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/reader.h"
#include "core/spec.h"
#include "elf/spec.h"
#include "live/mappings.h"

namespace abiscope::live {

namespace {

// What each machine's dumps hold beside the general registers: Linux, arch/*/kernel/ptrace.c (user_regset_view).
constexpr std::uint32_t x86_sets[] = {core::nt_fpregset, core::nt_x86_xstate, core::nt_x86_shstk};
constexpr std::uint32_t arm64_sets[] = {core::nt_fpregset, 0x401 /* NT_ARM_TLS */, core::nt_arm_pac_mask,
                                        0x409 /* NT_ARM_TAGGED_ADDR_CTRL */};
constexpr std::uint32_t other_sets[] = {core::nt_fpregset};

std::span<const std::uint32_t> sets_of(const core::MachineLayout& layout) {
    if (layout.machine == elf::em_x86_64 || layout.machine == elf::em_386) return x86_sets;
    if (layout.machine == elf::em_aarch64) return arm64_sets;
    return other_sets;
}

std::vector<std::byte> register_set(int thread, std::uint32_t type) {
    std::vector<std::byte> out(1 << 16);   // the largest, with every vector and tile, has a fifth of it
    iovec place{out.data(), out.size()};
    if (::ptrace(PTRACE_GETREGSET, thread, type, &place) != 0) return {};
    out.resize(place.iov_len);
    return out;
}

// A 64-bit kernel shows the registers of a 32-bit program in that program's layout: their size tells.
const core::MachineLayout* layout_of(std::size_t register_bytes) {
#if defined(__x86_64__)
    return register_bytes == std::size_t{17} * 4 ? core::find_layout(elf::em_386, false) : core::find_layout(elf::em_x86_64, true);
#elif defined(__aarch64__)
    return register_bytes == std::size_t{18} * 4 ? core::find_layout(elf::em_arm, false) : core::find_layout(elf::em_aarch64, true);
#elif defined(__riscv) && __riscv_xlen == 64
    static_cast<void>(register_bytes);
    return core::find_layout(elf::em_riscv, true);
#else
    static_cast<void>(register_bytes);
    return nullptr;
#endif
}

// Behind "Key:" in /proc/PID/status.
std::optional<std::uint64_t> status_number(const std::string& status, std::string_view key) {
    for (std::string_view line : text::split(status, "\n")) {
        if (!line.starts_with(key)) continue;
        std::string_view value = text::trim(line.substr(key.size()));
        return text::parse_unsigned(value.substr(0, value.find_first_of(" \t")));
    }
    return std::nullopt;
}

void read_identity(core::DumpedProcess& out, const StoppedProcess& process) {
    int pid = process.pid;
    std::string status = process_file(pid, "status");
    auto number = [&](std::string_view key) { return static_cast<std::uint32_t>(status_number(status, key).value_or(0)); };
    out.pid = static_cast<std::uint32_t>(pid);
    out.parent = number("PPid:");
    out.uid = number("Uid:");
    out.gid = number("Gid:");
    out.name = process_file(pid, "comm");
    if (out.name.ends_with('\n')) out.name.pop_back();
    out.arguments = process_file(process.memory_owner(), "cmdline").substr(0, 79);
    std::ranges::replace(out.arguments, '\0', ' ');
    std::string stat = process_state(pid);
    std::vector<std::string_view> fields = text::split(stat, " ");
    if (fields.size() < 5) return;
    out.group = static_cast<std::uint32_t>(text::parse_unsigned(fields[3]).value_or(0));
    out.session = static_cast<std::uint32_t>(text::parse_unsigned(fields[4]).value_or(0));
}

bool starts_as_elf(int memory, std::uint64_t address) {
    char magic[4] = {};
    return ::pread(memory, magic, sizeof magic, static_cast<off_t>(address)) == sizeof magic &&
        std::memcmp(magic,
                    "\x7f"
                    "ELF",
                    4) == 0;
}

Result<std::vector<core::DumpedMapping>> read_mappings(int pid, std::uint64_t page_size) {
    std::string text = process_file(pid, "smaps");
    if (text.empty()) text = process_file(pid, "maps");
    std::vector<Mapping> mappings = parse_mappings(text);
    if (mappings.empty())
        return fail(Error{.code = ErrorCode::cannot_open,
                          .what = "says nothing of the program's memory",
                          .file = fmt::format("/proc/{}/maps", pid),
                          .wanted = {},
                          .had = {}});
    int memory = ::open(fmt::format("/proc/{}/mem", pid).c_str(), O_RDONLY | O_CLOEXEC);
    std::vector<core::DumpedMapping> out;
    for (Mapping& mapping : mappings) {
        core::DumpedMapping one{.start = mapping.start,
                                .end = mapping.end,
                                .flags = mapping.flags,
                                .shared = mapping.shared,
                                .path = std::move(mapping.path),
                                .file_offset = mapping.file_offset};
        mapping.path = one.path;
        Part part = dumped_part(mapping);
        if (part == Part::header_if_elf) one.dumped = starts_as_elf(memory, one.start) ? page_size : 0;
        else if (part == Part::all) one.dumped = one.end - one.start;
        out.push_back(std::move(one));
    }
    if (memory >= 0) ::close(memory);
    return out;
}

}  // namespace

std::string process_file(int pid, const char* name) {
    std::string out;
    int file = ::open(fmt::format("/proc/{}/{}", pid, name).c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return out;
    char buffer[1 << 14];
    for (;;) {
        ssize_t got = ::read(file, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        out.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(file);
    return out;
}

std::string process_state(int pid) {
    std::string stat = process_file(pid, "stat");
    std::size_t close = stat.rfind(')');
    return close == std::string::npos ? std::string() : stat.substr(close + 1);
}

std::string process_link(int pid, const char* name) {
    std::string out(4096, '\0');
    ssize_t size = ::readlink(fmt::format("/proc/{}/{}", pid, name).c_str(), out.data(), out.size());
    out.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return out;
}

std::optional<core::Registers> registers_of(int thread) {
    std::vector<std::byte> bytes = register_set(thread, core::nt_prstatus);
    const core::MachineLayout* layout = bytes.empty() ? nullptr : layout_of(bytes.size());
    if (layout == nullptr) return std::nullopt;
    return core::Registers::read(*layout, View(bytes, 0), Endian::little);
}

std::optional<std::uint64_t> auxiliary_value(int pid, std::uint64_t type) {
    std::vector<std::byte> registers = register_set(pid, core::nt_prstatus);
    const core::MachineLayout* layout = registers.empty() ? nullptr : layout_of(registers.size());
    if (layout == nullptr) return std::nullopt;
    std::string text = process_file(pid, "auxv");
    Reader reader(View(std::as_bytes(std::span(text)), 0), Endian::little, "auxv");
    while (reader.remaining() > 0) {
        std::uint64_t key = reader.word(layout->wide), value = reader.word(layout->wide);
        if (!reader.ok() || key == 0) break;
        if (key == type) return value;
    }
    return std::nullopt;
}

bool signal_pending(int thread, int signal) {
    std::string status = process_file(thread, "status");
    for (std::string_view key : {"\nSigPnd:\t", "\nShdPnd:\t"}) {
        std::size_t at = status.find(key);
        if (at == std::string::npos) continue;
        auto set = text::parse_unsigned("0x" + status.substr(at + key.size(), 16));
        if (set && (*set >> (signal - 1) & 1) != 0) return true;
    }
    return false;
}

SignalRecord seccomp_record(int thread) {
    auto registers = registers_of(thread);
    std::string status = process_file(thread, "status");
    // 2 is a filter, 3 (SECCOMP_MODE_DEAD) a filter that has killed: include/linux/seccomp.h.
    if (!registers || status_number(status, "Seccomp:").value_or(0) < 2) return {};
    std::uint32_t architecture = 0;    // AUDIT_ARCH_*: include/uapi/linux/audit.h
    std::optional<std::uint64_t> call;
    std::uint16_t machine = registers->layout()->machine;
    if (machine == elf::em_x86_64 || machine == elf::em_386) {
        bool wide = machine == elf::em_x86_64;
        architecture = wide ? 0xc000003e : 0x40000003;
        call = registers->get(wide ? "orig_rax" : "orig_eax");
        // syscall_rollback() has put the number back where the program had it; of another call the register holds a result.
        if (call != registers->get(wide ? "rax" : "eax")) call.reset();
    } else if (machine == elf::em_aarch64) {
        architecture = 0xc00000b7;
        call = registers->get("x8");
    }
    if (!call || static_cast<std::int32_t>(*call) < 0) return {};
    SignalRecord out(128);
    auto put = [&](std::size_t at, auto value) { std::memcpy(out.data() + at, &value, sizeof value); };
    put(0, core::sigsys);
    put(8, core::sys_seccomp);
    put(16, registers->pc().value_or(0));
    put(24, static_cast<std::uint32_t>(*call));
    put(28, architecture);
    return out;
}

Result<core::DumpedProcess> read_stopped(const StoppedProcess& process) {
    core::DumpedProcess out;
    for (int thread : process.threads) {
        core::DumpedThread one{.id = static_cast<std::uint32_t>(thread), .general = register_set(thread, core::nt_prstatus), .others = {}};
        if (one.general.empty()) continue;
        const core::MachineLayout* layout = layout_of(one.general.size());
        if (layout == nullptr) break;
        out.layout = layout;
        for (std::uint32_t type : sets_of(*layout)) {
            std::vector<std::byte> bytes = register_set(thread, type);
            if (!bytes.empty()) one.others.push_back({type, std::move(bytes)});
        }
        out.threads.push_back(std::move(one));
    }
    if (out.layout == nullptr)
        return fail(Error{.code = ErrorCode::unsupported,
                          .what = "its registers cannot be read",
                          .file = fmt::format("process {}", process.pid),
                          .wanted = {},
                          .had = std::strerror(errno)});
    out.page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    ABISCOPE_TRY(out.mappings, read_mappings(process.memory_owner(), out.page_size));
    // A 32-bit process has no memory above 4 GiB: it is one of 64 bits that ran 32-bit code.
    if (out.layout->machine == elf::em_386 && !out.mappings.empty() && out.mappings.back().end > std::uint64_t{1} << 32)
        out.layout = core::find_layout(elf::em_386, true);
    read_identity(out, process);
    std::string auxiliary = process_file(process.memory_owner(), "auxv");
    std::ranges::copy(std::as_bytes(std::span(auxiliary)), std::back_inserter(out.auxiliary));
    out.signal = process.signal;
    if (process.record.size() >= 12) {
        std::memcpy(&out.error, process.record.data() + 4, 4);
        std::memcpy(&out.code, process.record.data() + 8, 4);
        bool native = out.layout->wide == (sizeof(void*) == 8);
        out.signal_info = native ? process.record : core::narrow_siginfo(process.record);
    }
    return out;
}

}  // namespace abiscope::live
