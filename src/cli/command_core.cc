#include <memory>
#include <optional>

#include <sys/stat.h>

#include "bytes/mapped_file.h"
#include "cli/commands.h"
#include "cli/subjects.h"
#include "core/crash.h"
#include "report/core_view.h"
#include "target/compressed_file.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    std::string file;
    std::string program;
    std::string sysroot;
    std::uint64_t frames = 40;
    bool goroutines = false;
};

// Files by the paths they had where the program ran, below the root that was named.
class RootedFiles final : public core::Files {
public:
    explicit RootedFiles(std::string root) : root_(std::move(root)) {}

    [[nodiscard]] Result<SourcePtr> open(const std::string& path) override { return open_file(place(path)); }
    [[nodiscard]] std::optional<std::uint64_t> size(const std::string& path) override {
        struct stat status{};
        if (::stat(place(path).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
        return static_cast<std::uint64_t>(status.st_size);
    }
    // A path of this machine, whatever the root.
    void keep(std::string path) { kept_ = std::move(path); }

private:
    [[nodiscard]] std::string place(const std::string& path) const { return root_.empty() || path == kept_ ? path : root_ + "/" + path; }

    std::string root_;
    std::string kept_;
};

Exit run(const Options& options) {
    Output output("core", options.common);
    auto give_up = [&](const Error& error) {
        output.error(error);
        static_cast<void>(output.finish());
        return Exit::failed;
    };
    auto source = open_subject(options.file);
    if (!source) return give_up(source.error());
    auto plain = target::uncompressed(*source, default_limits);
    if (!plain) return give_up(plain.error());
    auto files = std::make_shared<RootedFiles>(options.sysroot);
    files->keep(options.program);
    auto process = core::open_process(*plain, files, {.modules = {.program = options.program}});
    if (!process) return give_up(process.error());
    core::Crash crash(*process);
    report::CoreAnswer answer{.path = options.file, .crash = &crash, .diagnosis = rules::diagnose(crash)};
    if (options.goroutines && crash.go) answer.goroutines = core::group_goroutines(crash);
    if (options.goroutines && !crash.go) output.text("it is no Go program, or its tables are not at hand: there are no goroutines\n");
    if (output.form() == Form::text) output.text(report::core_text(answer, output.style(), {.most_frames = options.frames}));
    else output.result(report::core_json(answer));
    Exit exit = answer.diagnosis.cause ? Exit::yes : Exit::cannot_tell;
    return output.finish() ? exit : Exit::failed;
}

}  // namespace

Run add_core(OptionTable& table) {
    auto options = std::make_shared<Options>();
    table.argument(options->file, "The core dump; may be compressed, and - is standard input", {.type = "CORE", .required = true});
    table.option("--exe", options->program, "The program that crashed, where it is not at its path", {.type = "FILE"});
    table.option("--sysroot", options->sysroot, "Look for programs and libraries below this folder", {.type = "DIR"});
    table.option("--frames", options->frames, "How many frames to print", {.type = "N"});
    table.flag("--goroutines", options->goroutines, "Every goroutine of a Go program, those at the same place together");
    add_common_options(table, options->common);
    return [options] { return run(*options); };
}

}  // namespace abiscope::cli
