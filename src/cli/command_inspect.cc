#include <memory>
#include <optional>
#include <vector>

#include <tbb/parallel_for.h>

#include "cli/commands.h"
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
    answer.inspected = report::Inspected{*std::move(card), sink.take(), sink.dropped()};
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
    // More columns than fit beside each other are easier to read one below the other.
    constexpr std::size_t most_columns = 4;
    if (files.size() >= 2 && files.size() <= most_columns && !options.separate) {
        output.text(report::side_by_side(files, output.style()));
    } else {
        for (const report::Inspected& file : files) output.text(report::inspect_text(file, output.style()));
    }
    return exit;
}

Exit run(const Options& options) {
    Output output("inspect", options.common);
    std::vector<std::string> paths = expand(options.files, output);
    inspect::Options how;
    how.sweep = options.sweep;
    std::vector<Answer> answers(paths.size());
    tbb::parallel_for(std::size_t{0}, paths.size(), [&](std::size_t i) { answers[i] = inspect_one(paths[i], how); });
    Exit exit = print(options, answers, output);
    if (output.had_errors()) exit = Exit::failed;
    return output.finish() ? exit : Exit::failed;
}

}  // namespace

Run add_inspect(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_option("files", options->files, "Files to look at; two to four are shown side by side")->required()->type_name("FILE");
    app.add_flag("--sweep", options->sweep, "Decode all executable code: which instruction-set features it uses");
    app.add_flag("--separate", options->separate, "One card below the other instead of side by side");
    add_common_options(app, options->common);
    return [options] { return run(*options); };
}

}  // namespace abiscope::cli
