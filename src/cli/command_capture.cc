#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/target_options.h"
#include "cli/write_file.h"
#include "target/profile.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    TargetOptions target;
    std::string file = "target.abiscope";
    std::vector<std::string> paths;
};

Exit run(const Options& options) {
    Output output("target capture", options.common);
    auto target =
        select(options.target, options.target.names.empty() ? std::string() : options.target.names.front(), target::Architecture::unknown);
    if (!target) {
        output.error(target.error());
        static_cast<void>(output.finish());
        return target.error().code == ErrorCode::bad_usage ? Exit::usage : Exit::failed;
    }
    target::CaptureOptions how;
    how.paths = options.paths;
    target::CaptureSummary summary;
    auto bytes = target::capture(*target, how, summary);
    Result<void> written = bytes ? write_file(options.file, *bytes) : Result<void>(fail(bytes.error()));
    if (!written) {
        output.error(written.error());
        static_cast<void>(output.finish());
        return Exit::failed;
    }
    output.text(fmt::format("{}: {} bytes, {} files of {}\n  use it anywhere: abiscope check PROGRAM --target {}\n", options.file,
                            bytes->size(), summary.files, target->title, options.file));
    if (summary.unreadable != 0)
        output.text(fmt::format("  {} files could not be read by this user and are left out\n", summary.unreadable));
    output.result({{"path", options.file},
                   {"size", bytes->size()},
                   {"files", summary.files},
                   {"links", summary.links},
                   {"unreadable", summary.unreadable},
                   {"target", target->name}});
    return output.finish() ? Exit::yes : Exit::failed;
}

}  // namespace

Run add_capture(OptionTable& target) {
    auto options = std::make_shared<Options>();
    OptionTable& table = target.command("capture", "Write a profile of this machine, or of a root folder, to check against elsewhere");
    table.option("--file", options->file, "The profile to write", {.type = "FILE"});
    table.option("--target", options->target.names, "The machine: this one, or a name of the catalogue that --sysroot completes",
                 {.type = "TARGET"});
    table.arguments(options->paths, "More files or folders on the target to take in", {.type = "PATH"});
    add_machine_options(table, options->target);
    add_common_options(table, options->common);
    return [options] { return run(*options); };
}

}  // namespace abiscope::cli
