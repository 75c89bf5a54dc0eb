#include <memory>
#include <vector>

#include <tbb/parallel_for.h>

#include "cli/checked_file.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/subjects.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    TargetOptions target;
    std::vector<std::string> files;
    CheckOptions how;
    bool verbose = false;
    bool traces = false;
};

Exit exit_for(loader::Verdict verdict) {
    switch (verdict) {
        case loader::Verdict::runs: return Exit::yes;
        case loader::Verdict::fails: return Exit::no;
        case loader::Verdict::conditional:
        case loader::Verdict::unknown: return Exit::cannot_tell;
    }
    return Exit::cannot_tell;
}

Exit run(const Options& options) {
    Output output(options.how.resolve ? "resolve" : "check", options.common);
    std::vector<std::string> paths = expand(options.files, output);
    // Never given back: the process is about to end, and closing every program and library of a machine one by one takes a tenth of the
    // time.
    static Machines& machines = *new Machines(options.target);
    std::vector<std::string> targets = machines.names();
    static std::vector<CheckAnswer>& answers = *new std::vector<CheckAnswer>(paths.size() * targets.size());
    {
        Progress progress(answers.size(), output.wants_progress());
        tbb::parallel_for(std::size_t{0}, answers.size(), [&](std::size_t i) {
            answers[i] = check_file(options.how, options.target, machines, paths[i / targets.size()], targets[i % targets.size()]);
            progress.step();
        });
    }

    Exit exit = Exit::yes;
    static std::vector<report::CheckedFile>& files = *new std::vector<report::CheckedFile>();
    std::string last_error;
    for (CheckAnswer& answer : answers) {
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
        if (output.form() != Form::text) output.result(check_json(one, options.how.bindings));
        else
            output.text(options.how.resolve ? report::resolve_text(one, output.style(), options.traces, options.how.bindings)
                                            : report::check_text(one, output.style(), options.verbose));
        if (output.form() == Form::text) files.push_back(std::move(one));
    }
    if (!options.how.resolve) output.text(report::matrix_text(files, output.style()));
    if (output.had_errors() && exit != Exit::usage) exit = Exit::failed;
    return output.finish() ? exit : Exit::failed;
}

}  // namespace

Run add_check(OptionTable& table) {
    auto options = std::make_shared<Options>();
    table.arguments(options->files, "Programs to check", {.type = "FILE", .required = true});
    add_target_options(table, options->target);
    table.option("--isa", options->how.isa, "Instruction set: auto (sweep unless the CPU has every level), sweep, or declared (notes only)",
                 {.type = "HOW", .choices = {"auto", "sweep", "declared"}});
    table.flag("--bind-now", options->how.bind_now, "Bind every symbol at start, as with LD_BIND_NOW=1");
    table.flag("--no-symbols", options->how.no_symbols, "Stop before versions and symbols");
    table.flag("--no-fixes", options->how.no_fixes, "Do not look for fixes");
    table.flag("--verbose", options->verbose, "Every finding and every place tried");
    add_common_options(table, options->common);
    return [options] { return run(*options); };
}

Run add_resolve(OptionTable& table) {
    auto options = std::make_shared<Options>();
    options->how.resolve = true;
    table.arguments(options->files, "Programs or libraries to resolve", {.type = "FILE", .required = true});
    add_target_options(table, options->target);
    table.flag("--symbols", options->how.bindings, "Who provides each symbol and version");
    table.flag("--trace", options->traces, "Every place tried and skipped, for libraries that were found too");
    table.flag("--bind-now", options->how.bind_now, "Bind every symbol at start, as with LD_BIND_NOW=1");
    add_common_options(table, options->common);
    return [options] { return run(*options); };
}

}  // namespace abiscope::cli
