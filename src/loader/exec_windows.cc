// What CreateProcess makes of a file's headers. PE fields: "PE Format", Microsoft Learn. Error texts: winerror.h.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/reader.h"
#include "loader/exec_elsewhere.h"

namespace abiscope::loader {

namespace {

using target::Architecture;

struct WindowsError {
    std::string_view name;
    int number;
    std::string_view text;   // {} stands for the file
};
constexpr WindowsError bad_exe_format{"ERROR_BAD_EXE_FORMAT", 193, "{} is not a valid Win32 application."};
constexpr WindowsError machine_mismatch{
    "ERROR_EXE_MACHINE_TYPE_MISMATCH", 216,
    "This version of {} is not compatible with the version of Windows you're running. Check your computer's system information and then contact the software publisher."};

constexpr std::uint16_t machine_i386 = 0x014c, machine_armnt = 0x01c4, machine_amd64 = 0x8664, machine_arm64 = 0xaa64;
constexpr std::uint16_t file_executable_image = 0x0002, file_dll = 0x2000;
constexpr std::uint16_t subsystem_gui = 2, subsystem_cui = 3;
// BasepCheckImageVersion() as re-implementations have it.
const Version subsystem_least{3, 10};

struct Headers {
    std::uint64_t offset = 0;              // of the PE signature
    std::uint16_t machine = 0;
    std::uint16_t characteristics = 0;
    std::uint16_t major_subsystem = 0, minor_subsystem = 0;
    std::uint16_t subsystem = 0;
};

struct Kind {
    enum class Is : std::uint8_t { pe, dos, new_executable, foreign };
    Is is = Is::foreign;
    Headers headers;
};

Kind recognise(View file) {
    Kind kind;
    if (!file.starts_with("MZ")) return kind;
    kind.is = Kind::Is::dos;
    Reader dos(file, Endian::little, "DOS header");
    dos.seek(0x3c);
    std::uint32_t offset = dos.u32();
    if (!dos.ok()) return kind;
    if (file.starts_with("NE", offset)) kind.is = Kind::Is::new_executable;
    if (!file.starts_with(std::string_view("PE\0\0", 4), offset)) return kind;
    Reader reader(file.from(offset), Endian::little, "PE headers");
    kind.headers.offset = offset;
    reader.skip(4);
    kind.headers.machine = reader.u16();
    reader.skip(16);
    kind.headers.characteristics = reader.u16();
    reader.skip(48);
    kind.headers.major_subsystem = reader.u16();
    kind.headers.minor_subsystem = reader.u16();
    reader.skip(16);
    kind.headers.subsystem = reader.u16();
    kind.is = reader.ok() ? Kind::Is::pe : Kind::Is::foreign;
    return kind;
}

// Windows 11 and 10 are both NT 10.0; the releases before carry their NT number under another name.
Version nt_version(const Version& release) {
    if (release.part(0) >= 10) return {10, 0};
    if (release == Version{8, 1}) return {6, 3};
    if (release == Version{8}) return {6, 2};
    if (release == Version{7}) return {6, 1};
    return release;
}

std::vector<std::uint16_t> machines_of(const target::Target& target) {
    switch (target.architecture) {
        case Architecture::amd64: return {machine_amd64, machine_i386};
        case Architecture::i386: return {machine_i386};
        case Architecture::arm64:
            if (target.os_version.part(0) >= 11) return {machine_arm64, machine_amd64, machine_i386, machine_armnt};
            return {machine_arm64, machine_i386, machine_armnt};
        default: return {};
    }
}

std::string machine_name(std::uint16_t machine) {
    switch (machine) {
        case machine_i386: return "i386";
        case machine_armnt: return "32-bit Arm";
        case machine_amd64: return "amd64";
        case machine_arm64: return "arm64";
        default: return fmt::format("machine {:#x}", machine);
    }
}

Outcome fails(const Program& program, const WindowsError& error, std::string reason, Place place) {
    Outcome outcome;
    outcome.verdict = Verdict::fails;
    outcome.stage = Stage::kernel;
    outcome.message.text = fmt::format(fmt::runtime(error.text), program.path);
    outcome.message.error_name = error.name;
    outcome.assumptions.emplace_back(
        "CreateProcess answers as its documentation and the systems that re-implement it do; no Windows was asked");
    outcome.problems.push_back({.kind = ProblemKind::format_refused,
                                .stage = Stage::kernel,
                                .object = program.path,
                                .reason = fmt::format("{} (error {})", reason, error.number),
                                .error_name = std::string(error.name),
                                .places = {std::move(place)},
                                .trace = {}});
    return outcome;
}

// It does not start, but with which error number nobody has seen.
Outcome fails_somehow(const Program& program, std::string reason, Place place) {
    Outcome outcome;
    outcome.verdict = Verdict::fails;
    outcome.stage = Stage::kernel;
    outcome.assumptions.emplace_back(
        "CreateProcess refuses it as the systems that re-implement it do; which error Windows gives was not verified");
    outcome.problems.push_back({.kind = ProblemKind::format_refused,
                                .stage = Stage::kernel,
                                .certain = false,
                                .object = program.path,
                                .reason = std::move(reason),
                                .places = {std::move(place)},
                                .trace = {}});
    return outcome;
}

// CreateProcess gives these to cmd.exe, whatever is in them.
bool is_batch_file(std::string_view path) {
    auto dot = path.rfind('.');
    if (dot == std::string_view::npos) return false;
    std::string extension = text::lower(path.substr(dot + 1));
    return extension == "bat" || extension == "cmd";
}

}  // namespace

Outcome exec_windows(const Program& program, const target::Target& target) {
    View file = program.module->bytes();
    auto place = [&](std::uint64_t offset, std::uint64_t size, std::string path, std::string reading) {
        return Place{program.path, file.file_offset(offset), size, std::move(path), std::move(reading)};
    };
    if (is_batch_file(program.path)) return not_simulated(program, "batch files are run by cmd.exe, which is not simulated");
    if (file.empty()) return fails_somehow(program, "it is empty", place(0, 0, "file", "0 bytes"));
    Kind kind = recognise(file);
    const Headers& pe = kind.headers;
    switch (kind.is) {
        case Kind::Is::foreign:
            return fails(program, bad_exe_format, "it is not a PE file", place(0, 2, "file", "the first two bytes are not MZ"));
        case Kind::Is::dos:
        case Kind::Is::new_executable: {
            std::string what = kind.is == Kind::Is::dos ? "a program for DOS" : "a program for 16-bit Windows";
            if (target.architecture == Architecture::i386)
                return not_simulated(program, fmt::format("{} runs only where NTVDM is installed", what));
            return fails_somehow(program, fmt::format("it is {}, which 64-bit Windows does not run", what),
                                 place(0x3c, 4, "dos/e_lfanew", "no PE header"));
        }
        case Kind::Is::pe: break;
    }
    Place machine = place(pe.offset + 4, 2, "pe/header.machine", machine_name(pe.machine));
    if (std::vector<std::uint16_t> accepted = machines_of(target); std::ranges::find(accepted, pe.machine) == accepted.end()) {
        return fails(program, machine_mismatch,
                     fmt::format("it is for {}, the target is {}", machine.reading, target::to_string(target.architecture)), machine);
    }
    if ((pe.characteristics & file_dll) != 0)
        return fails(program, bad_exe_format, "it is a DLL", place(pe.offset + 22, 2, "pe/header.characteristics", "IMAGE_FILE_DLL"));
    if ((pe.characteristics & file_executable_image) == 0) {
        return fails(program, bad_exe_format, "it was never linked into an image",
                     place(pe.offset + 22, 2, "pe/header.characteristics", "not IMAGE_FILE_EXECUTABLE_IMAGE"));
    }
    if (pe.subsystem != subsystem_gui && pe.subsystem != subsystem_cui) {
        return fails_somehow(program, "it is a driver or another kind of native image, not a program of the Win32 subsystem",
                             place(pe.offset + 24 + 68, 2, "pe/optional_header.subsystem", std::to_string(pe.subsystem)));
    }
    Version wanted{pe.major_subsystem, pe.minor_subsystem};
    Version running = nt_version(target.os_version);
    Place version = place(pe.offset + 24 + 48, 4, "pe/optional_header.subsystem_version", wanted.to_string());
    if (wanted < subsystem_least) {
        return fails_somehow(program,
                             fmt::format("its subsystem version {} is older than {}", wanted.to_string(), subsystem_least.to_string()),
                             std::move(version));
    }
    if (!target.os_version.empty() && wanted > running) {
        return fails_somehow(program, fmt::format("its subsystem version {} is newer than NT {}", wanted.to_string(), running.to_string()),
                             std::move(version));
    }
    return not_simulated(program, "the loader of Windows is not simulated");
}

}  // namespace abiscope::loader
