#include "cli/commands.h"

namespace abiscope::cli {

void add_common_options(OptionTable& table, CommonOptions& options) {
    table.flag("--json", [&options] { options.form = Form::json; }, "Print one JSON document (docs/json-schema.md)");
    table.flag("--jsonl", [&options] { options.form = Form::jsonl; }, "Print one JSON object per result, as soon as it is there");
    table.exclusive("--json", "--jsonl");
    table.option("--output", options.output, "Write to FILE instead of standard output", {.type = "FILE"});
    table.option("--color", options.colour, "Colour: auto, always or never", {.type = "WHEN", .choices = {"auto", "always", "never"}});
    table.flag("--quiet", options.quiet, "Print no notices on standard error");
}

}  // namespace abiscope::cli
