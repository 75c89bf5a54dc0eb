#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include <sys/stat.h>

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/subjects.h"
#include "cli/target_options.h"
#include "inspect/elf_linkage.h"
#include "inspect/inspect.h"
#include "loader/kernel_open.h"
#include "object/detect.h"
#include "report/check_text.h"
#include "rules/check.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    TargetOptions target;
    std::vector<std::string> files;
    std::string isa = "auto";
    bool verbose = false;
    bool bind_now = false;
    bool no_fixes = false;
    bool no_symbols = false;
    bool resolve = false;          // the command is `resolve`
    bool bindings = false;
    bool traces = false;
};

struct Answer {
    std::optional<report::CheckedFile> checked;
    std::optional<Error> error;
    bool usage = false;
};

// The file's own permissions decide; standard input has none and counts as an executable file of the user.
target::FileStatus status_of(const std::string& path, std::uint64_t size) {
    target::FileStatus status{.mode = 0755, .size = size};
    struct stat found{};
    if (path == "-" || ::stat(path.c_str(), &found) != 0) return status;
    status.mode = found.st_mode & 07777;
    status.uid = found.st_uid;
    status.gid = found.st_gid;
    status.device = found.st_dev;
    status.inode = found.st_ino;
    status.modified = static_cast<std::uint64_t>(found.st_mtime);
    return status;
}

// A file that lies on the target itself is mounted there as it is.
void learn_of_mount(target::FileStatus& status, const std::string& place, const target::Target& target) {
    if (!target.files) return;
    auto there = target.files->status(loader::absolute_path(place, target), target::Credentials{});
    if (there && there->device == status.device && there->inode == status.inode) status.no_execute = there->no_execute;
}

Result<inspect::Card> light_card(const SourcePtr& source) {
    inspect::Options light;
    light.symbols = false;
    light.instructions = false;
    finding::Sink unheard;
    return inspect::inspect(source, light, unheard);
}

inspect::Subject subject_of(const loader::Module& module, const SourcePtr& source) {
    if (const elf::Image* image = module.image()) return inspect::elf_subject(*image, module.notes(), inspect::elf_linkage(*image));
    if (auto card = light_card(source)) return std::move(card->subject);
    inspect::Subject subject;
    subject.format = object::format_name(object::detect(source->view()).kind);
    subject.size = source->size();
    return subject;
}

target::Architecture architecture_of(const loader::Module& module) {
    const elf::Image* image = module.image();
    if (image == nullptr) return target::Architecture::unknown;
    return target::architecture_of(image->header().machine, image->encoding().wide, image->encoding().order == Endian::big,
                                   image->header().flags);
}

std::optional<golang::BuildInfo> go_of(const SourcePtr& source) {
    auto card = light_card(source);
    return card ? std::move(card->go) : std::nullopt;
}

Answer check_one(const Options& options, Machines& machines, const std::string& path, const std::string& target_name) {
    Answer answer;
    auto source = open_subject(path);
    if (!source) {
        answer.error = source.error();
        return answer;
    }
    loader::ModulePtr module = loader::make_module(*source);
    auto machine = machines.get(target_name, architecture_of(*module));
    if (!machine) {
        answer.error = machine.error();
        answer.usage = machine.error().code == ErrorCode::bad_usage;
        return answer;
    }
    Machine& on = **machine;
    rules::CheckRequest request;
    request.program = {.path = place_on(on.target, options.target, path), .module = module, .status = status_of(path, (*source)->size())};
    learn_of_mount(request.program.status, request.program.path, on.target);
    request.name = request.program.path;
    request.options.symbols = !options.no_symbols;
    request.options.bind_now = options.bind_now;
    request.options.keep_traces = options.resolve;
    request.options.keep_bindings = options.bindings;
    request.sweep = !options.resolve && (options.isa == "sweep" || (options.isa == "auto" && on.sweep_worthwhile));
    request.fixes = !options.no_fixes && !options.resolve;
    request.go_of = [&source] { return go_of(*source); };
    rules::Checked checked = rules::check(request, on.target, *on.cache);
    answer.checked =
        report::CheckedFile{subject_of(*module, *source), *source, on.target.name, std::move(checked.outcome), std::move(checked.findings)};
    answer.checked->subject.path = path;
    return answer;
}

Exit exit_for(loader::Verdict verdict) {
    switch (verdict) {
        case loader::Verdict::runs: return Exit::yes;
        case loader::Verdict::fails: return Exit::no;
        case loader::Verdict::conditional:
        case loader::Verdict::unknown: return Exit::cannot_tell;
    }
    return Exit::cannot_tell;
}

report::Json json_of(const report::CheckedFile& one, const Options& options) {
    report::Json json{{"subject", report::to_json(one.subject)}, {"target", one.target}};
    json.update(report::to_json(one.outcome));
    json["libraries"] = report::libraries_json(one.outcome);
    if (options.bindings) json["bindings"] = report::bindings_json(one.outcome);
    json["findings"] = report::to_json(one.findings);
    return json;
}

Exit run(const Options& options) {
    Output output(options.resolve ? "resolve" : "check", options.common);
    std::vector<std::string> paths = expand(options.files, output);
    // Never given back: the process is about to end, and closing every program and library of a machine one by one takes a tenth of the
    // time.
    static Machines& machines = *new Machines(options.target);
    std::vector<std::string> targets = machines.names();
    static std::vector<Answer>& answers = *new std::vector<Answer>(paths.size() * targets.size());
    {
        Progress progress(answers.size(), output.wants_progress());
        tbb::parallel_for(std::size_t{0}, answers.size(), [&](std::size_t i) {
            answers[i] = check_one(options, machines, paths[i / targets.size()], targets[i % targets.size()]);
            progress.step();
        });
    }

    Exit exit = Exit::yes;
    static std::vector<report::CheckedFile>& files = *new std::vector<report::CheckedFile>();
    std::string last_error;
    for (Answer& answer : answers) {
        if (answer.error) {
            exit = worse(exit, answer.usage ? Exit::usage : Exit::failed);
            // One bad target name, or one unreadable file on several targets, is said once.
            std::string line = answer.error->describe();
            if (line != last_error) output.error(*answer.error);
            last_error = std::move(line);
            continue;
        }
        report::CheckedFile& one = *answer.checked;
        exit = worse(exit, exit_for(one.outcome.verdict));
        if (output.form() != Form::text) output.result(json_of(one, options));
        else
            output.text(options.resolve ? report::resolve_text(one, output.style(), options.traces, options.bindings)
                                        : report::check_text(one, output.style(), options.verbose));
        if (output.form() == Form::text) files.push_back(std::move(one));
    }
    if (!options.resolve) output.text(report::matrix_text(files, output.style()));
    if (output.had_errors() && exit != Exit::usage) exit = Exit::failed;
    return output.finish() ? exit : Exit::failed;
}

}  // namespace

Run add_check(OptionTable& table) {
    auto options = std::make_shared<Options>();
    table.arguments(options->files, "Programs to check", {.type = "FILE", .required = true});
    add_target_options(table, options->target);
    table.option("--isa", options->isa, "Instruction set: auto (sweep unless the CPU has every level), sweep, or declared (notes only)",
                 {.type = "HOW", .choices = {"auto", "sweep", "declared"}});
    table.flag("--bind-now", options->bind_now, "Bind every symbol at start, as with LD_BIND_NOW=1");
    table.flag("--no-symbols", options->no_symbols, "Stop before versions and symbols");
    table.flag("--no-fixes", options->no_fixes, "Do not look for fixes");
    table.flag("--verbose", options->verbose, "Every finding and every place tried");
    add_common_options(table, options->common);
    return [options] { return run(*options); };
}

Run add_resolve(OptionTable& table) {
    auto options = std::make_shared<Options>();
    options->resolve = true;
    table.arguments(options->files, "Programs or libraries to resolve", {.type = "FILE", .required = true});
    add_target_options(table, options->target);
    table.flag("--symbols", options->bindings, "Who provides each symbol and version");
    table.flag("--trace", options->traces, "Every place tried and skipped, for libraries that were found too");
    table.flag("--bind-now", options->bind_now, "Bind every symbol at start, as with LD_BIND_NOW=1");
    add_common_options(table, options->common);
    return [options] { return run(*options); };
}

}  // namespace abiscope::cli
