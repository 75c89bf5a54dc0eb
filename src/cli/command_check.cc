#include <memory>
#include <vector>

#include "cli/checked_file.h"
#include "cli/commands.h"
#include "cli/rounds.h"
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

class Printer {
public:
    Printer(const Options& options, Output& output) : options_(options), output_(output) {}

    void print(const CheckAnswer& answer) {
        if (answer.error) {
            exit_ = worse(exit_, answer.usage ? Exit::usage : Exit::failed);
            // One bad target name, or one unreadable file on several targets, is said once.
            std::string line = answer.error->describe();
            if (line != last_error_) output_.error(*answer.error);
            last_error_ = std::move(line);
            return;
        }
        const report::CheckedFile& one = *answer.checked;
        exit_ = worse(exit_, exit_for(one.outcome.verdict));
        if (output_.form() != Form::text) return output_.result(check_json(one, options_.how.bindings));
        if (options_.how.resolve) return output_.text(report::resolve_text(one, output_.style(), options_.traces, options_.how.bindings));
        output_.text(report::check_text(one, output_.style(), options_.verbose));
        cells_.push_back({one.subject.path, one.target, one.outcome.verdict, one.outcome.stage});
    }

    Exit finish() {
        output_.text(report::matrix_text(cells_, output_.style()));
        if (output_.had_errors() && exit_ != Exit::usage) exit_ = Exit::failed;
        return output_.finish() ? exit_ : Exit::failed;
    }

private:
    const Options& options_;
    Output& output_;
    Exit exit_ = Exit::yes;
    std::string last_error_;
    std::vector<report::MatrixCell> cells_;
};

Exit run(const Options& options) {
    Output output(options.how.resolve ? "resolve" : "check", options.common);
    std::vector<std::string> paths = expand(options.files, output);
    // Never given back: the process is about to end, and closing every program and library of a machine one by one takes a tenth of the
    // time.
    static Machines& machines = *new Machines(options.target);
    std::vector<std::string> targets = machines.names();
    static std::vector<CheckAnswer>& answers = *new std::vector<CheckAnswer>(paths.size() * targets.size());
    Printer printer(options, output);
    in_rounds(
        answers.size(), output.wants_progress(),
        [&](std::size_t i) {
            answers[i] = check_file(options.how, options.target, machines, paths[i / targets.size()], targets[i % targets.size()]);
        },
        [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                printer.print(answers[i]);
                if (end != answers.size()) answers[i] = {};
            }
        });
    return printer.finish();
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
