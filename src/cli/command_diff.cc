#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <tbb/parallel_invoke.h>

#include "cli/commands.h"
#include "cli/debug_files.h"
#include "cli/subjects.h"
#include "cli/write_file.h"
#include "diff/compare.h"
#include "diff/suppressions.h"
#include "report/diff_view.h"
#include "surface/baseline.h"
#include "surface/read.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    std::vector<std::string> files;
    std::vector<std::string> debug_folders;
    std::string save;
    std::string suppressions;
    std::string fail_on = "breaking";
    diff::Options compare;
    report::DiffOptions view;
    bool all = false;
};

Result<surface::Surface> read(const Options& options, const SourcePtr& file) {
    if (surface::is_baseline(file)) return surface::read_baseline(file);
    DebugFiles finder;
    surface::ReadOptions how;
    how.folders.paths.insert(how.folders.paths.begin(), options.debug_folders.begin(), options.debug_folders.end());
    return surface::read_surface(file, finder, how);
}

Exit stop(Output& output, const Error& error, Exit exit) {
    output.error(error);
    return output.finish() ? exit : Exit::failed;
}

Exit save(const Options& options, Output& output) {
    auto file = open_subject(options.files.front());
    if (!file) return stop(output, file.error(), Exit::failed);
    auto surface = read(options, *file);
    if (!surface) return stop(output, surface.error(), Exit::failed);
    auto bytes = surface::write_baseline(*surface);
    Result<void> written = bytes ? write_file(options.save, *bytes) : Result<void>(fail(bytes.error()));
    if (!written) return stop(output, written.error(), Exit::failed);
    output.text(fmt::format("{}: {} bytes; {} of {}, {} types\n", options.save, bytes->size(),
                            inspect::counted(surface->symbols.size(), "symbol"), (*file)->name(), surface->types.size()));
    bool typed = surface->missing.types.empty();
    if (!typed) output.text(fmt::format("  it holds no types: {}\n", surface->missing.types));
    output.result({{"subject", report::to_json(surface->subject)},
                   {"saved", options.save},
                   {"size", bytes->size()},
                   {"symbols", surface->symbols.size()},
                   {"types", surface->types.size()}});
    Exit exit = typed ? Exit::yes : Exit::cannot_tell;
    return output.finish() ? exit : Exit::failed;
}

Result<std::vector<diff::Suppression>> suppressions(const Options& options) {
    if (options.suppressions.empty()) return std::vector<diff::Suppression>{};
    ABISCOPE_TRY(SourcePtr file, open_subject(options.suppressions));
    return diff::read_suppressions(file->view().as_text(), options.suppressions);
}

std::chrono::year_month_day today() {
    return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
}

struct Both {
    Result<surface::Surface> old = fail(ErrorCode::internal, "not read");
    Result<surface::Surface> now = fail(ErrorCode::internal, "not read");
};

// Files of the same bytes show the same, unless what they show is elsewhere.
bool same_bytes(const SourcePtr& a, const SourcePtr& b) { return a->size() == b->size() && a->view().as_text() == b->view().as_text(); }

Both read_both(const Options& options, const SourcePtr& old, const SourcePtr& now) {
    Both both;
    if (same_bytes(old, now)) {
        both.old = read(options, old);
        if (both.old && both.old->missing.types.empty() && both.old->missing.damaged.empty()) {
            both.now = both.old;
            if (!surface::is_baseline(now)) both.now->subject.path = now->name();
            return both;
        }
    }
    tbb::parallel_invoke([&] { both.old = read(options, old); }, [&] { both.now = read(options, now); });
    return both;
}

Exit exit_for(const Options& options, const report::DiffCounts& counts) {
    if (counts.breaking != 0 || (options.fail_on == "risky" && counts.risky != 0)) return Exit::no;
    return counts.unknown != 0 ? Exit::cannot_tell : Exit::yes;
}

Exit compare(const Options& options, Output& output) {
    auto known = suppressions(options);
    if (!known) return stop(output, known.error(), Exit::failed);
    auto old_file = open_subject(options.files[0]), new_file = open_subject(options.files[1]);
    for (const auto* file : {&old_file, &new_file}) {
        if (!*file) output.error(file->error());
    }
    if (!old_file || !new_file) {
        static_cast<void>(output.finish());
        return Exit::failed;
    }
    Both both = read_both(options, *old_file, *new_file);
    for (const auto* one : {&both.old, &both.now}) {
        if (!*one) output.error(one->error());
    }
    if (!both.old || !both.now) {
        static_cast<void>(output.finish());
        return Exit::failed;
    }
    diff::Comparison comparison = diff::compare(*both.old, *both.now, options.compare);
    // A baseline is not the program, which may have changed where nobody looks.
    if (same_bytes(*old_file, *new_file) && !surface::is_baseline(*old_file))
        comparison = {.symbols = comparison.symbols, .types = comparison.types, .same_bytes = true};
    diff::apply_suppressions(*known, today(), comparison.changes);
    report::DiffView view{*both.old, *both.now, comparison, *known, options.suppressions};
    if (output.form() == Form::text) output.text(report::diff_text(view, options.view, output.style()));
    else output.result(report::diff_json(view));
    return output.finish() ? exit_for(options, report::count(comparison)) : Exit::failed;
}

Exit run(const Options& options) {
    Output output("diff", options.common);
    bool saving = !options.save.empty();
    if (options.files.size() != (saving ? 1U : 2U)) {
        return stop(output,
                    Error{.code = ErrorCode::bad_usage,
                          .what = saving ? "diff: --save takes one FILE; see `abiscope diff --help`"
                                         : "diff: name two files, OLD and NEW; see `abiscope diff --help`"},
                    Exit::usage);
    }
    return saving ? save(options, output) : compare(options, output);
}

}  // namespace

Run add_diff(OptionTable& table) {
    auto options = std::make_shared<Options>();
    table.arguments(options->files, "OLD and NEW: libraries, programs, object files, or baselines that --save wrote", {.type = "FILE"});
    table.option("--save", options->save, "Write what the one FILE shows to others to BASELINE, to compare with later",
                 {.type = "BASELINE"});
    table.option("--suppressions", options->suppressions, "Changes that somebody answers for (docs/diff.md)", {.type = "FILE"});
    table.flag("--show-suppressed", options->view.suppressed, "Print suppressed changes too, with who answers for them");
    table.flag("--all", options->all, "Print every change, harmless ones too");
    table.option("--fail-on", options->fail_on, "Exit with 1 from this class on: breaking or risky",
                 {.type = "CLASS", .choices = {"breaking", "risky"}});
    table.option("--symbols", options->compare.symbols, "Only symbols whose name matches, and the types they lead to", {.type = "PATTERN"});
    table.option("--headers", options->compare.headers, "Only types declared in files that match are public (include/*.h)",
                 {.type = "PATTERN"});
    table.option("--debug-folder", options->debug_folders, "Look for separate debug files here, before /usr/lib/debug", {.type = "DIR"});
    add_common_options(table, options->common);
    return [options] {
        if (options->all) {
            options->view.most = 0;
            options->view.harmless = true;
        }
        return run(*options);
    };
}

}  // namespace abiscope::cli
