#include "cli/commands.h"

namespace abiscope::cli {

void add_common_options(CLI::App& app, CommonOptions& options) {
    auto* json =
        app.add_flag_callback("--json", [&options] { options.form = Form::json; }, "Print one JSON document (docs/json-schema.md)");
    auto* jsonl = app.add_flag_callback(
        "--jsonl", [&options] { options.form = Form::jsonl; }, "Print one JSON object per result, as soon as it is there");
    json->excludes(jsonl);
    app.add_option("--output", options.output, "Write to FILE instead of standard output")->type_name("FILE");
    app.add_option("--color", options.colour, "Colour: auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->type_name("WHEN")
        ->default_str("auto");
    app.add_flag("--quiet", options.quiet, "Print no notices on standard error");
}

}  // namespace abiscope::cli
