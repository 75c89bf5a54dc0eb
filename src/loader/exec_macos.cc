// What XNU's execve makes of a file's headers (exec_mach_imgact(), exec_fat_imgact(), parse_machfile()). Mach-O fields: <mach-o/loader.h>,
// <mach-o/fat.h>.
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "loader/exec_elsewhere.h"
#include "loader/kernel_open.h"
#include "loader/shell_message.h"

namespace abiscope::loader {

namespace {

using target::Architecture;
using target::ShellKind;

constexpr std::uint32_t magic_64 = 0xfeedfacf, magic_32 = 0xfeedface, fat_magic = 0xcafebabe, fat_magic_64 = 0xcafebabf;
constexpr std::uint32_t cpu_x86 = 7, cpu_x86_64 = 0x01000007, cpu_arm64 = 0x0100000c;
constexpr std::uint32_t type_execute = 2;
constexpr std::uint32_t command_code_signature = 0x1d, command_build_version = 0x32;
constexpr std::uint32_t platform_macos = 1;
// A Java class file starts with the same four bytes as a fat file; its next number is never this small.
constexpr std::uint32_t slices_most = 30;
constexpr int sigkill = 9;

struct Slice {
    std::uint32_t cpu = 0;
    View bytes;
    std::uint64_t record_offset = 0;   // of the cpu type, for evidence
};

std::string cpu_name(std::uint32_t cpu) {
    switch (cpu) {
        case cpu_x86: return "i386";
        case cpu_x86_64: return "x86_64";
        case cpu_arm64: return "arm64";
        default: return fmt::format("cpu type {:#x}", cpu);
    }
}

std::optional<std::uint32_t> thin_cpu(View bytes) {
    Reader reader(bytes, Endian::little, "Mach-O header");
    std::uint32_t magic = reader.u32(), cpu = reader.u32();
    if (!reader.ok() || (magic != magic_64 && magic != magic_32)) return std::nullopt;
    return cpu;
}

// The one slice of a thin file, every slice of a fat one; empty when it is no Mach-O file.
std::vector<Slice> slices_of(View file) {
    std::vector<Slice> slices;
    if (auto cpu = thin_cpu(file)) return {{*cpu, file, file.file_offset(4)}};
    Reader reader(file, Endian::big, "fat header");
    std::uint32_t magic = reader.u32(), count = reader.u32();
    if (!reader.ok() || (magic != fat_magic && magic != fat_magic_64) || count > slices_most) return slices;
    for (std::uint32_t i = 0; i < count; ++i) {
        std::uint64_t record = reader.file_offset();
        std::uint32_t cpu = reader.u32();
        reader.skip(4);
        std::uint64_t offset = reader.word(magic == fat_magic_64), size = reader.word(magic == fat_magic_64);
        reader.skip(magic == fat_magic_64 ? 8 : 4);
        if (!reader.ok()) break;
        slices.push_back({cpu, file.clamped(offset, size), record});
    }
    return slices;
}

struct Commands {
    std::uint32_t file_type = 0;
    bool signature = false;
    bool whole = false;                // every command could be read
    std::optional<std::uint32_t> platform;
};

Commands commands_of(View slice) {
    Commands commands;
    Reader reader(slice, Endian::little, "Mach-O header");
    bool wide = reader.u32() == magic_64;
    reader.skip(8);
    commands.file_type = reader.u32();
    std::uint32_t count = reader.u32();
    reader.skip(wide ? 12 : 8);
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        std::uint64_t start = reader.position();
        std::uint32_t command = reader.u32(), size = reader.u32();
        if (command == command_code_signature) commands.signature = true;
        if (command == command_build_version) commands.platform = reader.u32();
        constexpr std::uint32_t command_least = 8;
        if (size < command_least) return commands;
        reader.seek(start + size);
    }
    commands.whole = reader.ok();
    return commands;
}

constexpr std::string_view hearsay = "the kernel answers as XNU's published sources and the reports of users have it; no Mac was asked";

// execve's ENOEXEC, and what the shell makes of it.
Outcome no_format(const Program& program, const target::Target& target, std::string reason, Place place) {
    Outcome outcome;
    outcome.verdict = Verdict::fails;
    outcome.stage = Stage::kernel;
    RefusedFile file = refused_file(program, target);
    outcome.message = refused_message(file, ENOEXEC, target);
    outcome.assumptions.emplace_back(hearsay);
    if (std::string assumed = assumed_shell(target); !assumed.empty()) outcome.assumptions.push_back(std::move(assumed));
    Problem problem{.kind = ProblemKind::format_refused,
                    .stage = Stage::kernel,
                    .object = program.path,
                    .reason = std::move(reason),
                    .error_name = "ENOEXEC",
                    .places = {std::move(place)},
                    .trace = {}};
    apply_fallback(file, target, outcome, problem);
    outcome.problems.push_back(std::move(problem));
    return outcome;
}

// EBADARCH, an error Linux does not have: bash and zsh print strerror() of it.
Outcome bad_arch(const Program& program, const target::Target& target, std::string reason, Place place) {
    Outcome outcome;
    outcome.verdict = Verdict::fails;
    outcome.stage = Stage::kernel;
    outcome.message.error_name = "EBADARCH";
    outcome.assumptions.emplace_back(hearsay);
    switch (target.shell.kind) {
        case ShellKind::zsh:
            outcome.message.text = fmt::format("zsh: bad CPU type in executable: {}", program.path);
            outcome.message.exit_code = 127;
            break;
        case ShellKind::bash:
            outcome.message.text = fmt::format("bash: {}: Bad CPU type in executable", program.path);
            outcome.message.exit_code = 126;
            break;
        default: break;
    }
    outcome.problems.push_back({.kind = ProblemKind::format_refused,
                                .stage = Stage::kernel,
                                .object = program.path,
                                .reason = std::move(reason),
                                .error_name = "EBADARCH",
                                .places = {std::move(place)},
                                .trace = {}});
    return outcome;
}

Outcome not_permitted(const Program& program, const target::Target& target, std::string reason) {
    Outcome outcome;
    outcome.verdict = Verdict::fails;
    outcome.stage = Stage::kernel;
    outcome.message = refused_message(refused_file(program, target), EACCES, target);
    outcome.problems.push_back({.kind = ProblemKind::not_executable,
                                .stage = Stage::kernel,
                                .object = program.path,
                                .subject = program.path,
                                .reason = std::move(reason),
                                .error_name = "EACCES",
                                .places = {{program.path, std::nullopt, 0, "file",
                                            fmt::format("mode {:04o}, uid {}", program.status.mode & 07777, program.status.uid)}},
                                .trace = {}});
    return outcome;
}

Outcome killed(const Program& program, const target::Target& target, std::string reason, Place place) {
    Outcome outcome;
    outcome.verdict = Verdict::fails;
    outcome.stage = Stage::kernel;
    outcome.message = killed_message(program.path, sigkill, target);
    outcome.assumptions.emplace_back(hearsay);
    outcome.problems.push_back({.kind = ProblemKind::killed_at_exec,
                                .stage = Stage::kernel,
                                .object = program.path,
                                .reason = std::move(reason),
                                .places = {std::move(place)},
                                .trace = {}});
    return outcome;
}

}  // namespace

Outcome exec_macos(const Program& program, const target::Target& target) {
    View file = program.module->bytes();
    std::string forbidden;
    if (check_executable(program.status, target.user, forbidden) != 0) return not_permitted(program, target, std::move(forbidden));
    if (file.starts_with("#!")) return not_simulated(program, "scripts on macOS are not simulated");
    if (std::string_view order = file.clamped(0, 4).as_text(); order == "\xfe\xed\xfa\xce" || order == "\xfe\xed\xfa\xcf") {
        return bad_arch(program, target, "it is a Mach-O file in the byte order of PowerPC",
                        {program.path, file.file_offset(), 4, "macho/header.magic", "MH_CIGAM"});
    }
    std::vector<Slice> slices = slices_of(file);
    if (slices.empty())
        return no_format(program, target, "it is not a Mach-O file", {program.path, file.file_offset(), 4, "file", "no Mach-O magic"});

    std::uint32_t native = target.architecture == Architecture::arm64 ? cpu_arm64 : cpu_x86_64;
    const Slice* chosen = nullptr;
    const Slice* translated = nullptr;
    std::string held;
    for (const Slice& slice : slices) {
        held += fmt::format("{}{}", held.empty() ? "" : ", ", cpu_name(slice.cpu));
        if (slice.cpu == native && chosen == nullptr) chosen = &slice;
        if (slice.cpu == cpu_x86_64 && translated == nullptr) translated = &slice;
    }
    Place cpu{program.path, slices.front().record_offset, 4, "macho/header.cputype", held};
    if (chosen == nullptr && translated != nullptr && native == cpu_arm64)
        return not_simulated(program, "it is for x86_64, which runs where Rosetta is installed");
    // 10.14 was the last release with 32-bit programs.
    if (chosen == nullptr && held.find("i386") != std::string::npos && native == cpu_x86_64 && target.os_version < Version{10, 15}) {
        return not_simulated(program, "32-bit programs of macOS are not simulated");
    }
    if (chosen == nullptr) return bad_arch(program, target, fmt::format("it is for {}, the target is {}", held, cpu_name(native)), cpu);

    if (!thin_cpu(chosen->bytes)) return no_format(program, target, "the slice is not a Mach-O file", cpu);
    Commands commands = commands_of(chosen->bytes);
    if (commands.file_type != type_execute) {
        return no_format(program, target, "it is a library or object file, not a program",
                         {program.path, chosen->bytes.file_offset(12), 4, "macho/header.filetype", std::to_string(commands.file_type)});
    }
    if (!commands.whole) return not_simulated(program, "its load commands are damaged");
    if (native == cpu_arm64 && !commands.signature) {
        return killed(program, target, "arm64 programs must be signed, and this one has no signature",
                      {program.path, chosen->bytes.file_offset(), chosen->bytes.size(), "macho/commands", "no LC_CODE_SIGNATURE"});
    }
    if (commands.platform && *commands.platform != platform_macos) {
        return not_simulated(program, fmt::format("it is built for platform {}, not for macOS: dyld decides", *commands.platform));
    }
    return not_simulated(program, "the loader of macOS (dyld) is not simulated");
}

}  // namespace abiscope::loader
