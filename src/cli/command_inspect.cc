#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/rounds.h"
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

class Printer {
public:
    Printer(const Options& options, Output& output) : options_(options), output_(output) {}

    void print(Answer& answer, bool side_by_side) {
        if (answer.error) {
            output_.error(*answer.error);
            exit_ = worse(exit_, Exit::failed);
            return;
        }
        for (const finding::Finding& finding : answer.inspected->findings) {
            if (finding.severity() == finding::Severity::error) exit_ = worse(exit_, Exit::no);
        }
        if (output_.form() == Form::text) {
            if (side_by_side) columns_.push_back(*std::move(answer.inspected));
            else print_card(*answer.inspected);
            return;
        }
        report::Json json{{"subject", report::to_json(answer.inspected->card.subject)}};
        json["findings"] = report::to_json(answer.inspected->findings);
        json.update(report::to_json(answer.inspected->card));
        output_.result(std::move(json));
    }

    Exit finish() {
        if (columns_.size() >= 2) output_.text(report::side_by_side(columns_, options_.selection, output_.style()));
        else if (!columns_.empty()) print_card(columns_.front());
        if (output_.had_errors()) exit_ = Exit::failed;
        return output_.finish() ? exit_ : Exit::failed;
    }

private:
    void print_card(const report::Inspected& file) {
        if (!first_ && !options_.selection.brief) output_.text("\n");
        first_ = false;
        output_.text(report::inspect_text(file, options_.selection, output_.style()));
    }

    const Options& options_;
    Output& output_;
    Exit exit_ = Exit::yes;
    bool first_ = true;
    std::vector<report::Inspected> columns_;
};

Exit run(const Options& options) {
    Output output("inspect", options.common);
    std::vector<std::string> paths = expand(options.files, output);
    inspect::Options how;
    how.sweep = options.sweep;
    std::vector<Answer> answers(paths.size());
    Printer printer(options, output);
    in_rounds(
        paths.size(), output.wants_progress(), [&](std::size_t i) { answers[i] = inspect_one(paths[i], how); },
        [&](std::size_t begin, std::size_t end) {
            auto good = std::ranges::count_if(answers, [](const Answer& answer) { return answer.inspected.has_value(); });
            bool side_by_side =
                paths.size() <= answers_per_round && good >= 2 && std::cmp_less_equal(good, report::most_columns) && !options.separate;
            for (std::size_t i = begin; i < end; ++i) {
                printer.print(answers[i], side_by_side);
                answers[i] = {};
            }
        });
    return printer.finish();
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
