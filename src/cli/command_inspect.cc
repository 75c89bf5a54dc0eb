#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <vector>

#include <tbb/parallel_for.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/subjects.h"
#include "inspect/inspect.h"
#include "report/inspect_text.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    std::vector<std::string> files;
    bool sweep = false;
    bool separate = false;
    report::Selection selection;
};

struct Answer {
    std::optional<report::Inspected> inspected;
    std::optional<Error> error;
};

Answer inspect_one(const std::string& path, const inspect::Options& options) {
    Answer answer;
    auto source = open_subject(path);
    if (!source) {
        answer.error = source.error();
        return answer;
    }
    finding::Sink sink(options.limits);
    auto card = inspect::inspect(*source, options, sink);
    if (!card) {
        answer.error = card.error();
        return answer;
    }
    answer.inspected = report::Inspected{*std::move(card), *source, sink.take(), sink.dropped()};
    std::ranges::stable_sort(answer.inspected->findings, std::greater(), &finding::Finding::severity);
    return answer;
}

Exit print(const Options& options, std::vector<Answer>& answers, Output& output) {
    Exit exit = Exit::yes;
    std::vector<report::Inspected> files;
    for (Answer& answer : answers) {
        if (answer.error) {
            output.error(*answer.error);
            exit = worse(exit, Exit::failed);
            continue;
        }
        for (const finding::Finding& finding : answer.inspected->findings) {
            if (finding.severity() == finding::Severity::error) exit = worse(exit, Exit::no);
        }
        if (output.form() == Form::text) {
            files.push_back(*std::move(answer.inspected));
            continue;
        }
        report::Json json{{"subject", report::to_json(answer.inspected->card.subject)}};
        json["findings"] = report::to_json(answer.inspected->findings);
        json.update(report::to_json(answer.inspected->card));
        output.result(std::move(json));
    }
    if (files.size() >= 2 && files.size() <= report::most_columns && !options.separate) {
        output.text(report::side_by_side(files, options.selection, output.style()));
    } else {
        for (const report::Inspected& file : files) {
            if (&file != &files.front() && !options.selection.brief) output.text("\n");
            output.text(report::inspect_text(file, options.selection, output.style()));
        }
    }
    return exit;
}

Exit run(const Options& options) {
    Output output("inspect", options.common);
    std::vector<std::string> paths = expand(options.files, output);
    inspect::Options how;
    how.sweep = options.sweep;
    std::vector<Answer> answers(paths.size());
    {
        Progress progress(paths.size(), output.wants_progress());
        tbb::parallel_for(std::size_t{0}, paths.size(), [&](std::size_t i) {
            answers[i] = inspect_one(paths[i], how);
            progress.step();
        });
    }
    Exit exit = print(options, answers, output);
    if (output.had_errors()) exit = Exit::failed;
    return output.finish() ? exit : Exit::failed;
}

std::string parts() {
    std::vector<std::string> names(std::begin(report::groups), std::end(report::groups));
    return text::join(names, ", ");
}

}  // namespace

Run add_inspect(OptionTable& table) {
    auto options = std::make_shared<Options>();
    table.arguments(options->files, "Files to look at; two to four are shown side by side", {.type = "FILE", .required = true});
    table.flag("--sweep", options->sweep, "Decode all executable code: which instruction-set features it uses");
    table.flag("--brief", options->selection.brief, "The essentials: what made it, where it starts, what it needs");
    table.option("--only", options->selection.groups, "Parts of the card: " + parts(),
                 {.type = "PART,...", .choices = {std::begin(report::groups), std::end(report::groups)}, .separator = ','});
    table.flag("--separate", options->separate, "One card below the other instead of side by side");
    add_common_options(table, options->common);
    return [options] { return run(*options); };
}

}  // namespace abiscope::cli
