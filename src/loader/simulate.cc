#include "loader/simulate.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "elf/spec.h"
#include "loader/kernel_open.h"
#include "loader/script_argument.h"
#include "loader/script_command.h"
#include "loader/shell_message.h"
#include "target/libc_reader.h"

namespace abiscope::loader {

namespace {

using target::LibcKind;

// The file that a qemu-user handler starts: its loader is taken from the same files, on a machine of the program's architecture.
std::optional<target::Target> emulated(const Program& program, const target::Target& target) {
    const elf::Image* image = program.module->image();
    if (image == nullptr) return std::nullopt;
    auto architecture = target::architecture_of(image->header().machine, image->encoding().wide, image->encoding().order == Endian::big,
                                                image->header().flags);
    if (architecture == target::Architecture::unknown || architecture == target.architecture) return std::nullopt;
    target::Target other = target;
    other.architecture = architecture;
    other.kernel.binfmt.clear();
    other.kernel.binfmt_known = true;
    other.kernel.runs_32_bit = false;
    other.cpu = {};
    other.shell = {target::ShellKind::none, {}};   // the emulator speaks
    return other;
}

// A program, or a library with an interpreter of its own, is no loader, whatever texts are in it: glibc's has a name of its own, musl's is
// its libc. Of musl, only the dynamic libc holds the loader's texts.
bool is_loader(const Module& module, LibcKind kind) {
    const elf::Image* image = module.image();
    if (image == nullptr || image->header().type != elf::et_dyn || image->interpreter()) return false;
    return kind == LibcKind::musl || module.soname().starts_with("ld");
}

std::optional<target::Libc> libc_for(const std::string& interpreter, const target::Target& target, ModuleCache& cache) {
    std::string path = absolute_path(interpreter, target);
    if (const target::Libc* libc = target.libc_of_loader(path)) return *libc;
    // The same loader under another name: /lib is a link to /usr/lib, or somebody copied it.
    OpenedForExec opened = open_for_exec(interpreter, target, cache);
    if (opened.error != 0 || !opened.known) return std::nullopt;
    auto same = [&](const target::Libc& libc) {
        auto status =
            libc.loader.empty() ? target::SystemResult<target::FileStatus>(std::unexpected(0)) : cache.files()->status(libc.loader, {0, 0});
        return status && status->device == opened.status.device && status->inode == opened.status.inode;
    };
    if (same(target.libc)) return target.libc;
    for (const target::Libc& libc : target.other_libcs) {
        if (same(libc)) return libc;
    }
    // One that nobody has described (Nix, Homebrew, a bundled or a self-made libc) has its own version, folders and cache.
    std::optional<target::Libc> found = target::read_libc(*cache.files(), path, target.architecture, target.cpu);
    if (!found || !is_loader(*opened.module, found->kind)) return std::nullopt;
    return found;
}

// Libraries are asked for, and no loader that would map them.
void check_unloaded(const Program& program, Outcome& outcome) {
    const elf::Image* image = program.module->image();
    if (image == nullptr || !image->dynamic() || outcome.verdict != Verdict::runs) return;
    const std::vector<std::string_view>& needed = program.module->needed();
    if (needed.empty()) return;
    outcome.verdict = Verdict::unknown;
    outcome.stage = Stage::runtime;
    outcome.problems.push_back(
        {.kind = ProblemKind::evidence_missing,
         .stage = Stage::runtime,
         .object = program.path,
         .subject = std::string(needed.front()),
         .reason = fmt::format("how it finds {}: it names no loader (PT_INTERP), so nobody maps its libraries or relocates it, and a "
                               "program that does not do that itself crashes at its first call",
                               needed.front()),
         .places = {{program.path, std::nullopt, 0, "elf/segments", "no PT_INTERP"}},
         .trace = {}});
}

void unknown_loader(const Program& program, const std::string& interpreter, std::string reason, Outcome& outcome) {
    outcome.verdict = Verdict::unknown;
    outcome.stage = Stage::interpreter;
    outcome.problems.push_back({.kind = ProblemKind::evidence_missing,
                                .stage = Stage::interpreter,
                                .object = program.path,
                                .subject = interpreter,
                                .reason = std::move(reason),
                                .places = {{program.path, std::nullopt, 0, "elf/segments[PT_INTERP]", interpreter}},
                                .trace = {}});
}

// The loader jumps to the program's entry when all else is done: nobody has looked at it before.
void check_entry(const Program& program, const target::Target& target, Outcome& outcome) {
    const elf::Image* image = program.module->image();
    if (image == nullptr || (outcome.verdict != Verdict::runs && outcome.verdict != Verdict::conditional)) return;
    const elf::Segment* segment = image->load_segment_at(image->header().entry);
    std::string reason;
    if (segment == nullptr) {
        // The segment's last page is mapped as a whole.
        for (const elf::Segment& load : image->segments()) {
            if (load.type == elf::pt_load &&
                range_contains(align_down(load.vaddr, target.kernel.page_size),
                               align_up(load.memsz + load.vaddr % target.kernel.page_size, target.kernel.page_size), image->header().entry))
                return;
        }
        reason = "the entry point lies outside every segment";
    } else if (!segment->executable()) {
        // 32-bit programs without PT_GNU_STACK have all their memory executable.
        if (image->segment(elf::pt_gnu_stack) == nullptr) return;
        reason = "the entry point lies in a segment that is not executable";
    } else {
        return;
    }
    constexpr int sigsegv = 11;
    elf::FieldPlace place = elf::place_of(elf::HeaderField::entry, image->encoding());
    outcome.verdict = Verdict::fails;
    outcome.stage = Stage::runtime;
    std::string printed = std::move(outcome.message.text);
    outcome.message = killed_message(program.path, sigsegv, target);
    outcome.message.text = std::move(printed);
    outcome.problems.push_back({.kind = ProblemKind::crash,
                                .stage = Stage::runtime,
                                .object = program.path,
                                .reason = std::move(reason),
                                .places = {{program.path, image->bytes().file_offset(place.offset), place.size, "elf/header.e_entry",
                                            fmt::format("{:#x}", image->header().entry)}},
                                .trace = {}});
}

// A file that was cut off within the last page of a segment: zeros stand where the rest was, and nobody who starts it notices.
void check_whole(const Program& program, Outcome& outcome) {
    const elf::Image* image = program.module->image();
    if (image == nullptr || (outcome.verdict != Verdict::runs && outcome.verdict != Verdict::conditional)) return;
    const elf::Segment* cut = image->cut_off_segment();
    if (cut == nullptr) return;
    outcome.verdict = Verdict::unknown;
    outcome.stage = Stage::runtime;
    outcome.message = {};
    outcome.problems.push_back(
        {.kind = ProblemKind::evidence_missing,
         .stage = Stage::runtime,
         .object = program.path,
         .reason = "what works without the rest of a segment: the file ends within it",
         .places = {{program.path, cut->record_offset, image->encoding().wide ? 56U : 32U, "elf/segments[PT_LOAD]",
                     fmt::format("{} bytes at offset {:#x} of a file of {}", cut->filesz, cut->offset, image->bytes().size())}},
         .trace = {}});
}

// Where qemu-user looks for a file before it takes the path as it is: QEMU_LD_PREFIX, or what Debian builds in.
std::string prefix_of(std::string_view emulator, const target::Target& target) {
    if (auto given = target.variable("QEMU_LD_PREFIX"); given && !given->empty()) return std::string(*given);
    std::string_view name = emulator.substr(emulator.rfind('/') + 1);
    if (!name.starts_with("qemu-")) return {};
    name.remove_prefix(5);
    std::string built_in = fmt::format("/etc/qemu-binfmt/{}", name.substr(0, name.find('-')));
    bool there = target.files && target.files->status(built_in, target::Credentials{}).has_value();
    return there ? built_in : std::string();
}

// What a user-mode emulator makes of a program that a kernel of its architecture would not start: it reads the file itself, and is less
// strict than a kernel. Texts and exit code of qemu-user 7.2. [tests/differential/kernel_binfmt.py]
void answer_as_emulator(std::string_view emulator, const target::Target& target, Outcome& outcome) {
    if (outcome.verdict != Verdict::fails || outcome.problems.empty()) return;
    constexpr int refused = 255;
    Problem& problem = outcome.problems.back();
    std::string error = std::exchange(outcome.message, {}).error_name;
    std::string_view name = emulator.substr(emulator.rfind('/') + 1);
    bool qemu = name.starts_with("qemu-") || name.find("-binfmt-") != std::string_view::npos;
    if (std::string prefix = prefix_of(emulator, target); qemu && error == "ENOENT" && !prefix.empty()) {
        outcome.verdict = Verdict::unknown;
        problem.kind = ProblemKind::evidence_missing;
        problem.reason = fmt::format("what lies in {}, where {} looks for the loader and its libraries first", prefix, name);
    } else if (qemu && error == "ENOENT") {
        outcome.message.text = fmt::format("{}: Could not open '{}': No such file or directory", name, problem.subject);
        outcome.message.exit_code = refused;
    } else if (qemu && (error == "ELIBBAD" || (error == "EIO" && problem.kind == ProblemKind::interpreter_unusable))) {
        outcome.message.text = fmt::format("{}: {}: Invalid ELF image for this architecture", name, problem.subject);
        outcome.message.exit_code = refused;
    } else if (qemu && error == "ENOEXEC") {
        outcome.message.exit_code = refused;
    } else {
        outcome.verdict = Verdict::unknown;
        problem.kind = ProblemKind::evidence_missing;
        problem.reason = fmt::format("whether {} runs it, where a kernel would not: {}", name, problem.reason);
    }
}

// What the loader says, after what the kernel took for granted.
Outcome joined(Outcome kernel, Outcome loader) {
    loader.assumptions.insert(loader.assumptions.begin(), kernel.assumptions.begin(), kernel.assumptions.end());
    loader.problems.insert(loader.problems.begin(), std::make_move_iterator(kernel.problems.begin()),
                           std::make_move_iterator(kernel.problems.end()));
    return loader;
}

Outcome run_loader(const Program& program, const std::string& interpreter, const target::Target& target, ModuleCache& cache,
                   const Options& options) {
    auto libc = libc_for(interpreter, target, cache);
    Outcome outcome;
    if (!libc || (libc->kind != LibcKind::glibc && libc->kind != LibcKind::musl)) {
        unknown_loader(program, interpreter,
                       fmt::format("what {} does: it is neither glibc's nor musl's loader as far as can be seen", interpreter), outcome);
        return outcome;
    }
    outcome = libc->kind == LibcKind::glibc ? run_glibc(program, target, *libc, cache, options)
                                            : run_musl(program, target, *libc, cache, options);
    check_entry(program, target, outcome);
    check_whole(program, outcome);
    return outcome;
}

// libx.so, libx.so.1, x.cpython-311-x86_64-linux-gnu.so
bool is_named_as_library(std::string_view path) {
    std::string_view name = text::base_name(path);
    return name.ends_with(".so") || name.find(".so.") != std::string_view::npos;
}

// A shared library: whoever asks about it does not want to start it. A loader is one too, and is started.
bool is_library(const Program& program) {
    const elf::Image* image = program.module->image();
    if (image == nullptr || image->header().type != elf::et_dyn || !image->dynamic()) return false;
    // Some have one, to print their version when they are started: those that nobody may start are libraries all the same.
    if (image->interpreter() && ((program.status.mode & 0111) != 0 || program.module->soname().empty())) return false;
    if ((image->dynamic()->flags_1() & elf::df_1_pie) != 0) return false;
    // Older linkers give a library the start of its code as entry, and modules of scripting languages have no DT_SONAME.
    if (!image->interpreter() && !program.module->needed().empty() && is_named_as_library(program.path)) return true;
    bool started = image->header().entry != 0 && (program.status.mode & 0111) != 0;
    return program.module->soname().empty() ? !started : !started || !program.module->needed().empty();
}

// The loader of its architecture that a program would bring along which loads it.
const target::Libc* loader_for(const Program& program, const target::Target& target) {
    const elf::Image& image = *program.module->image();
    auto architecture =
        target::architecture_of(image.header().machine, image.encoding().wide, image.encoding().order == Endian::big, image.header().flags);
    bool of_musl = std::ranges::any_of(program.module->needed(), [](std::string_view name) { return name.starts_with("libc.musl-"); });
    const target::Libc* found = nullptr;
    auto look = [&](const target::Libc& libc) {
        bool known = libc.kind == LibcKind::glibc || libc.kind == LibcKind::musl;
        if (!known || libc.architecture != architecture) return;
        if (found == nullptr || (found->kind != LibcKind::musl && libc.kind == LibcKind::musl && of_musl)) found = &libc;
    };
    look(target.libc);
    for (const target::Libc& libc : target.other_libcs) look(libc);
    return found;
}

// What `ldd -r` would say: the loader maps it as if it were the program.
Outcome load_library(const Program& program, const target::Target& target, ModuleCache& cache, Options options) {
    options.as_library = true;
    const target::Libc* libc = loader_for(program, target);
    Outcome outcome;
    if (libc == nullptr) {
        unknown_loader(program, program.path, "who loads this library: the target has no loader that is known for its architecture",
                       outcome);
        outcome.problems.back().places.front() = {program.path, std::nullopt, 0, "elf/header.e_machine", "a shared library"};
    } else {
        outcome = libc->kind == LibcKind::glibc ? run_glibc(program, target, *libc, cache, options)
                                                : run_musl(program, target, *libc, cache, options);
    }
    outcome.as_library = true;
    // A plugin leaves symbols to the program that loads it.
    bool of_loading_program = outcome.verdict == Verdict::fails && std::ranges::all_of(outcome.problems, [&](const Problem& problem) {
                                  return !problem.fatal || (problem.kind == ProblemKind::symbol_missing && problem.object == program.path);
                              });
    if (of_loading_program) {
        outcome.verdict = Verdict::conditional;
        outcome.assumptions.emplace_back("the program that loads it has the symbols it lacks");
    }
    return outcome;
}

}  // namespace

Outcome simulate(const Program& program, const target::Target& target, ModuleCache& cache, const Options& options) {
    if (target.os == target::Os::linux && is_library(program)) return load_library(program, target, cache, options);
    KernelAnswer kernel = exec(program, target, cache);
    if (kernel.outcome.verdict != Verdict::runs) return std::move(kernel.outcome);
    if (kernel.handled_by_binfmt) {
        auto other = emulated(program, target);
        if (!other) {
            kernel.outcome.verdict = Verdict::conditional;
            kernel.outcome.assumptions.push_back(
                fmt::format("{}, which binfmt_misc gives the file to, runs it", kernel.binfmt_interpreter));
            return std::move(kernel.outcome);
        }
        kernel.outcome.assumptions.push_back(
            fmt::format("{}, which binfmt_misc gives the file to, runs it as its own architecture would", kernel.binfmt_interpreter));
        Outcome emulation = simulate(program, *other, cache, options);
        if (emulation.stage == Stage::kernel || emulation.stage == Stage::interpreter)
            answer_as_emulator(kernel.binfmt_interpreter, target, emulation);
        return joined(std::move(kernel.outcome), std::move(emulation));
    }
    if (kernel.script_interpreter.module != nullptr) {
        // The interpreter is a program like any other; it gets here only after the kernel took it.
        const Program& started = kernel.script_interpreter;
        Outcome outcome = kernel.interpreter.empty()
            ? std::move(kernel.outcome)
            : joined(std::move(kernel.outcome), run_loader(started, kernel.interpreter, target, cache, options));
        if (outcome.verdict == Verdict::runs) check_command(kernel.script_line, started, target, cache, outcome);
        if (outcome.verdict == Verdict::runs) check_argument(kernel.script_line, started, target, cache, outcome);
        return outcome;
    }
    if (!kernel.script_line.file.empty()) {
        check_command(kernel.script_line, {}, target, cache, kernel.outcome);
        check_argument(kernel.script_line, {}, target, cache, kernel.outcome);
        return std::move(kernel.outcome);
    }
    if (kernel.interpreter.empty()) {
        check_unloaded(program, kernel.outcome);
        check_whole(program, kernel.outcome);
        return std::move(kernel.outcome);
    }
    return joined(std::move(kernel.outcome), run_loader(program, kernel.interpreter, target, cache, options));
}

}  // namespace abiscope::loader
