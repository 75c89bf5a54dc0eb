#include <memory>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/kernel_lines.h"
#include "cli/rooted_files.h"
#include "cli/subjects.h"
#include "core/crash.h"
#include "core/goroutine_stacks.h"
#include "report/core_report.h"
#include "report/core_view.h"
#include "report/demangle.h"
#include "report/place_view.h"
#include "report/redact.h"
#include "target/compressed_file.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    std::string file;
    std::string program;
    std::string sysroot;
    std::uint64_t frames = 40;
    bool goroutines = false;
    std::optional<std::uint64_t> goroutine;
    bool slots = false;
    bool threads = false;
    std::vector<std::string> where;
    std::string report;
    bool redact = false;
    bool ticket = false;
    std::vector<std::string> kernel_lines;
};

Error not_there(const Options& options, std::string what, std::string wanted) {
    return {.code = ErrorCode::not_found,
            .what = std::move(what),
            .file = options.file,
            .offset = Error::no_offset,
            .wanted = std::move(wanted),
            .had = {}};
}

// What is only told of a Go program. An error when it was asked for and is not there.
std::optional<Error> add_go(report::CoreAnswer& answer, const Options& options) {
    if (!options.goroutines && !options.goroutine && !options.slots) return std::nullopt;
    core::Crash& crash = *answer.crash;
    if (!crash.go) return not_there(options, "has no goroutines", "a Go program whose tables are in the dump or in the file it ran");
    if (options.goroutine) {
        answer.goroutines = core::goroutine_with(crash, *options.goroutine);
        if (answer.goroutines->groups.empty())
            return not_there(options, fmt::format("has no goroutine {} that is alive", *options.goroutine),
                             "a number that --goroutines lists");
    } else if (options.goroutines) {
        answer.goroutines = core::group_goroutines(crash);
    }
    if (!options.slots) return std::nullopt;
    answer.heap = core::GoHeap::open(*crash.go);
    answer.slots = core::live_slots(crash, crash.stack, core::goroutine_of(crash, crash.stack));
    if (!answer.goroutines) return std::nullopt;
    for (const core::GoroutineGroup& group : answer.goroutines->groups)
        answer.goroutine_slots.push_back(core::live_slots(crash, group.stack, group.first));
    return std::nullopt;
}

report::Json subject_json(const Options& options) { return {{"path", options.file}, {"format", "ELF"}, {"kind", "core"}}; }

Exit tell_places(Output& output, core::Crash& crash, const Options& options) {
    report::Json places = report::Json::array();
    std::optional<core::GoHeap> go_heap = crash.go ? core::GoHeap::open(*crash.go) : std::nullopt;
    const core::GoHeap* heap = go_heap ? &*go_heap : nullptr;
    Exit exit = Exit::yes;
    for (const std::string& written : options.where) {
        bool marked = written.starts_with("0x") || written.starts_with("0X");
        auto address = text::parse_unsigned(marked ? written : "0x" + written);
        if (!address) {
            output.error({.code = ErrorCode::bad_usage,
                          .what = fmt::format("--where: {} is no address in hexadecimal", text::printable(written)),
                          .file = {},
                          .offset = Error::no_offset,
                          .wanted = {},
                          .had = {}});
            exit = Exit::usage;
            continue;
        }
        core::Place place = core::find_place(crash, *address, heap);
        if (output.form() == Form::text) output.text(report::place_text(crash, place, heap, output.style()));
        else places.push_back(report::place_json(crash, place));
    }
    if (output.form() != Form::text) output.result({{"subject", subject_json(options)}, {"places", places}});
    return output.finish() ? exit : Exit::failed;
}

Exit verify_report(Output& output, core::Crash& crash, const Options& options) {
    auto file = open_subject(options.report);
    if (!file) return output.fail(file.error());
    auto reported = report::read_core_report((*file)->view().as_text(), options.report);
    if (!reported) return output.fail(reported.error());
    rules::Verification verification = rules::verify(crash, *reported);
    if (output.form() == Form::text) output.text(report::verification_text(verification, output.style()));
    else output.result({{"subject", subject_json(options)}, {"verification", report::verification_json(verification)}});
    Exit exit = !verification.holds() ? Exit::no : verification.complete() ? Exit::yes : Exit::cannot_tell;
    return output.finish() ? exit : Exit::failed;
}

Exit run(const Options& options) {
    Output output("core", options.common);
    if (!options.kernel_lines.empty())
        return tell_kernel_lines(
            output, {.lines = options.kernel_lines, .program = options.program, .sysroot = options.sysroot, .frames = options.frames});
    if (options.file.empty()) {
        output.error({.code = ErrorCode::bad_usage, .what = "core: name at least one CORE; see `abiscope core --help`"});
        return output.finish() ? Exit::usage : Exit::failed;
    }
    auto source = open_subject(options.file);
    if (!source) return output.fail(source.error());
    auto plain = target::uncompressed(*source, default_limits);
    if (!plain) return output.fail(plain.error());
    auto files = std::make_shared<RootedFiles>(options.sysroot);
    files->keep(options.program);
    auto process = core::open_process(*plain, files, {.modules = {.program = options.program}});
    if (!process) return output.fail(process.error());
    core::Crash crash(*process);
    if (!options.report.empty()) return verify_report(output, crash, options);
    if (!options.where.empty()) return tell_places(output, crash, options);
    report::CoreAnswer answer{.path = options.file, .crash = &crash, .diagnosis = rules::diagnose(crash)};
    if (auto error = add_go(answer, options)) return output.fail(*error);
    if (options.threads) {
        for (const core::ThreadStatus& thread : process->notes.threads)
            answer.thread_stacks.push_back(crash.unwinder.unwind(thread.registers, thread.id));
    }
    report::CoreTextOptions shape{.most_frames = options.frames};
    answer.bucket = rules::bucket_of(crash, answer.diagnosis, report::demangled);
    if (output.form() != Form::text) {
        report::Json json = report::core_json(answer);
        if (options.redact) report::Redactor(crash, answer.diagnosis, answer.path).json(json);
        output.result(std::move(json));
    } else {
        std::string text = options.ticket ? report::core_ticket(answer)
            : options.goroutine           ? report::goroutines_text(answer, output.style(), shape)
                                          : report::core_text(answer, output.style(), shape);
        output.text(options.redact ? report::Redactor(crash, answer.diagnosis, answer.path).text(text) : text);
    }
    Exit exit = answer.diagnosis.cause ? Exit::yes : Exit::cannot_tell;
    return output.finish() ? exit : Exit::failed;
}

}  // namespace

Run add_core(OptionTable& table) {
    auto options = std::make_shared<Options>();
    table.argument(options->file, "The core dump; may be compressed, and - is standard input", {.type = "CORE"});
    table.option("--exe", options->program, "The program that crashed, where it is not at its path", {.type = "FILE"});
    table.option("--kernel-line", options->kernel_lines,
                 "Instead of a core dump: what the kernel's log says of the crash; - is a log on standard input", {.type = "LINE"});
    table.option("--sysroot", options->sysroot, "Look for programs and libraries below this folder", {.type = "DIR"});
    table.option("--frames", options->frames, "How many frames to print", {.type = "N"});
    table.flag("--goroutines", options->goroutines, "Every goroutine of a Go program, those at the same place together");
    table.option("--goroutine", options->goroutine, "This goroutine of a Go program, and nothing else", {.type = "N"});
    table.flag("--slots", options->slots, "Under every frame of Go, which of its words hold live pointers");
    table.flag("--threads", options->threads, "The backtrace of every thread");
    table.option("--where", options->where, "Say what lies at this address, and nothing else; may be given again", {.type = "ADDRESS"});
    table.option("--verify", options->report, "Look up every fact of this report (core --json) in the dump again", {.type = "REPORT"});
    table.flag("--ticket", options->ticket, "A dozen lines to paste into a ticket");
    table.flag("--redact", options->redact, "Without addresses, texts of the program and folders: for sharing");
    add_common_options(table, options->common);
    return [options] { return run(*options); };
}

}  // namespace abiscope::cli
