#include "cli/kernel_lines.h"

#include <memory>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/rooted_files.h"
#include "core/line_process.h"
#include "report/core_view.h"
#include "rules/crash_line.h"

namespace abiscope::cli {

namespace {

constexpr const char* subject_name = "kernel line";

Error bad_line(std::string what) {
    return {.code = ErrorCode::not_found, .what = std::move(what), .file = subject_name, .wanted = {}, .had = {}};
}

Result<std::string> text_of(const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines) {
        if (line != "-") {
            out += line + "\n";
            continue;
        }
        ABISCOPE_TRY(SourcePtr log, read_descriptor(0, "-"));
        out += std::string(log->view().as_text()) + "\n";
    }
    return out;
}

report::Json line_json(const core::KernelLine& line, const core::LineFacts& facts) {
    report::Json json{{"text", line.text}, {"what", line.what}, {"error", text::hex(line.error)}};
    if (line.kind == core::LineKind::x86_page_fault) json["error_words"] = core::page_fault_words(line.error);
    if (line.address) json["address"] = text::hex(*line.address);
    if (line.pc) json["pc"] = text::hex(*line.pc);
    if (line.sp) json["sp"] = text::hex(*line.sp);
    if (!line.module.empty()) {
        json["module"] = line.module;
        json["module_start"] = text::hex(line.module_start);
        json["module_size"] = line.module_size;
    }
    if (line.file_offset) json["file_offset"] = *line.file_offset;
    if (line.cpu) json["cpu"] = *line.cpu;
    if (!line.code.empty()) json["code"] = text::hex_bytes(line.code, " ");
    json["file"] = facts.file == core::FileProof::code_agrees ? "code_agrees"
        : facts.file == core::FileProof::unproven             ? "unproven"
                                                              : "none";
    return json;
}

Result<bool> tell(Output& output, const KernelLineOptions& options, const core::KernelLine& line, const SourcePtr& program) {
    auto files = std::make_shared<RootedFiles>(options.sysroot);
    if (program) files->keep(program->name());
    ABISCOPE_TRY(core::LineProcess found, core::process_of(line, program, files));
    core::Crash crash(found.process);
    report::CoreAnswer answer{.path = subject_name, .crash = &crash, .diagnosis = rules::diagnose_line(crash, line, found.facts)};
    // Beside a cause, too, it is worth saying.
    if (answer.diagnosis.cause)
        found.process.lost.insert(found.process.lost.end(), answer.diagnosis.missing.begin(), answer.diagnosis.missing.end());
    output.text(report::core_text(answer, output.style(), {.most_frames = options.frames}));
    if (output.form() != Form::text) {
        report::Json json = report::core_json(answer);
        json["subject"]["kind"] = "kernel_line";
        json["kernel_line"] = line_json(line, found.facts);
        output.result(std::move(json));
    }
    return answer.diagnosis.cause.has_value();
}

}  // namespace

Exit tell_kernel_lines(Output& output, const KernelLineOptions& options) {
    auto log = text_of(options.lines);
    if (!log) return output.fail(log.error());
    std::vector<core::KernelLine> lines = core::read_kernel_lines(*log);
    if (lines.empty())
        return output.fail(bad_line("holds no crash: wanted is what dmesg shows, \"app[1]: segfault at ...\" or \"traps: app[1] ...\""));
    SourcePtr program;
    if (!options.program.empty()) {
        auto opened = open_file(options.program);
        if (!opened && !options.sysroot.empty()) opened = open_file(options.sysroot + "/" + options.program);
        if (!opened) return output.fail(opened.error());
        program = *opened;
    }
    Exit exit = Exit::yes;
    for (const core::KernelLine& line : lines) {
        auto told = tell(output, options, line, program);
        if (!told) {
            output.error(told.error());
            exit = worse(exit, Exit::failed);
        } else if (!*told) {
            exit = worse(exit, Exit::cannot_tell);
        }
    }
    return output.finish() ? exit : Exit::failed;
}

}  // namespace abiscope::cli
