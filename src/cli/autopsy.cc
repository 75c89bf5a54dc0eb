#include "cli/autopsy.h"

#include <algorithm>
#include <memory>
#include <span>

#include <sys/stat.h>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/mapped_file.h"
#include "cli/rooted_files.h"
#include "cli/write_file.h"
#include "core/spec.h"
#include "live/remote_memory.h"
#include "report/core_view.h"
#include "report/demangle.h"

namespace abiscope::cli {

namespace {

// The file of the running program, where its path leads to another one by now; empty where it does not.
std::string replaced_program(int pid, const std::string& path) {
    std::string link = fmt::format("/proc/{}/exe", pid);
    struct stat running{}, there{};
    if (::stat(link.c_str(), &running) != 0) return {};
    bool same = ::stat(path.c_str(), &there) == 0 && there.st_dev == running.st_dev && there.st_ino == running.st_ino;
    return same ? std::string() : link;
}

// Faults the program has dealt with itself, where they may be the reason that it gave up.
std::string handled_words(core::Crash& crash, const live::HandledFault& handled) {
    bool given_up = core::is_sent(crash.signal.code) && crash.sent_by_itself(crash.signal);
    if (handled.count == 0 || !given_up || crash.behind || crash.go) return {};
    const core::Location& location = crash.symbols.at(handled.pc);
    std::string place = location.function.empty() ? text::hex(handled.pc) : fmt::format("{}+{:#x}", location.function, location.offset);
    return fmt::format("  note: before, {} fault{} of the program went to its own handler; the last was {} addr {:#x} at {}\n",
                       handled.count, handled.count == 1 ? "" : "s", core::signal_name(handled.signal), handled.address,
                       text::printable(place));
}

Result<SourcePtr> dump(const live::StoppedProcess& stopped, const std::string& name, const AutopsyOptions& options, Autopsy& out) {
    ABISCOPE_TRY(core::DumpedProcess contents, live::read_stopped(stopped));
    core::CoreLayout layout = core::lay_out_core(contents);
    if (options.save.empty()) return live::map_remote_core(name, stopped.memory_owner(), layout);
    ::mkdir(options.save.c_str(), 0777);   // where it cannot be made, the file cannot be written
    std::ranges::replace(contents.name, '/', '_');
    out.saved = fmt::format("{}/{}.{}", options.save, contents.name, stopped.pid);
    ABISCOPE_CHECK(live::write_remote_core(out.saved + ".core", stopped.memory_owner(), layout));
    return open_file(out.saved + ".core");
}

}  // namespace

Autopsy examine(const live::StoppedProcess& stopped, const live::Ending& so_far, const AutopsyOptions& options) {
    Autopsy out;
    std::string name = so_far.started_as.empty() ? so_far.program : so_far.started_as;
    auto give_up = [&](const Error& error) {
        out.missing = error.describe();
        out.saved.clear();
        return out;
    };
    auto source = dump(stopped, name, options, out);
    if (!source) return give_up(source.error());
    auto files = std::make_shared<RootedFiles>("");
    std::string program = replaced_program(stopped.memory_owner(), so_far.program);
    files->keep(program);
    auto process = core::open_process(*source, files, {.modules = {.program = program}});
    if (!process) return give_up(process.error());
    core::Crash crash(*process);
    report::CoreAnswer answer{.path = (*source)->name(), .crash = &crash, .diagnosis = rules::diagnose(crash)};
    answer.bucket = rules::bucket_of(crash, answer.diagnosis, report::demangled);
    report::Json json = report::core_json(answer);
    if (!out.saved.empty()) {
        std::string document = report::dump(report::document("core", report::Json::array({json}), {}), true) + "\n";
        std::span bytes = std::as_bytes(std::span(document));
        auto written = write_file(out.saved + ".json", {bytes.begin(), bytes.end()});
        if (!written) return give_up(written.error());
    }
    answer.path = name;
    json["subject"]["path"] = name;
    out.text = report::core_text(answer, options.style, {.most_frames = options.frames}) + handled_words(crash, so_far.handled);
    out.json = std::move(json);
    return out;
}

}  // namespace abiscope::cli
