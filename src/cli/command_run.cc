#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/mapped_file.h"
#include "cli/autopsy.h"
#include "cli/checked_file.h"
#include "cli/commands.h"
#include "cli/find_command.h"
#include "core/spec.h"
#include "live/traced_program.h"
#include "loader/errno_names.h"
#include "loader/shell_message.h"
#include "object/detect.h"

namespace abiscope::cli {

namespace {

struct Options {
    CommonOptions common;
    std::string save;
    std::uint64_t frames = 40;
    std::vector<std::string> unused;   // the program's words never get there
    std::vector<std::string> words;
    bool pipe_signal_ignored = false;
};

// What a shell shows in $?.
constexpr int not_found = 127;
constexpr int not_executable = 126;
constexpr int killed_by = 128;

class ProgramRun {
public:
    explicit ProgramRun(const Options& options) : options_(options), output_("run", options.common, STDERR_FILENO) {}

    Exit run() {
        std::string path = find_command(options_.words.front());
        if (path.empty()) return finish(command_not_found());
        if (std::string gained = gained_privileges(path); !gained.empty())
            note(fmt::format("{} would start with {}: while it is traced it runs WITHOUT them", path, gained));
        Result<live::Ending> ending = start(path, options_.words);
        if (ending && ending->kind == live::EndKind::not_started && ending->error == ENOEXEC && shell_takes_over(path)) {
            std::vector<std::string> words{"sh", path};
            words.insert(words.end(), options_.words.begin() + 1, options_.words.end());
            ending = start("/bin/sh", words);
        }
        if (!ending) {
            output_.error(ending.error());
            return finish(static_cast<int>(Exit::failed));
        }
        return tell(path, *ending);
    }

private:
    Result<live::Ending> start(const std::string& path, const std::vector<std::string>& words) {
        live::StartRequest request{.path = path, .words = words, .pipe_signal_ignored = options_.pipe_signal_ignored};
        return live::run_program(request, [this](const live::StoppedProcess& process, const live::Ending& so_far) {
            autopsy_ = examine(process, so_far, {.save = options_.save, .frames = options_.frames, .style = output_.style()});
        });
    }

    // A file the kernel does not know is run as a script of the shell, unless it holds no text.
    bool shell_takes_over(const std::string& path) {
        auto source = open_file(path);
        auto machine = machines_.get("", target::Architecture::unknown);
        if (!source || !machine) return false;
        loader::RefusedFile file{.path = path, .bytes = (*source)->view()};
        return loader::shell_fallback(file, (*machine)->target.shell) == loader::Fallback::runs_as_script;
    }

    int command_not_found() {
        const std::string& name = options_.words.front();
        bool path = name.find('/') != std::string::npos;
        output_.text(fmt::format("abiscope: {}: {}\n", text::printable(name), path ? "No such file or directory" : "command not found"));
        result({{"subject", subject(name)}}, {{"kind", "not_started"}, {"exit_code", not_found}, {"errno", "ENOENT"}});
        return not_found;
    }

    static report::Json subject(const std::string& path) {
        auto source = open_file(path);
        return {{"path", path}, {"format", source ? object::format_name(object::detect((*source)->view()).kind) : "unknown"}};
    }

    void note(const std::string& words) {
        if (!options_.common.quiet) fmt::print(stderr, "abiscope: {}\n", text::printable(words));
    }

    void result(report::Json json, report::Json ending) {
        json["ending"] = std::move(ending);
        output_.result(std::move(json));
    }

    Exit tell(const std::string& path, const live::Ending& ending) {
        report::Json how{{"traced", ending.traced}};
        if (ending.kind == live::EndKind::not_started || !ending.executed) return finish(tell_refused(path, ending, std::move(how)));
        if (ending.kind == live::EndKind::killed) return finish(tell_killed(path, ending, std::move(how)));
        how["exit_code"] = ending.exit_code;
        bool asked = ending.exit_code != 0 && (ending.traced ? !ending.entered : ending.exit_code == not_found || ending.exit_code == 1);
        if (asked && tell_not_loaded(path, ending, how)) return finish(ending.exit_code);
        how["kind"] = "exited";
        result({{"subject", subject(path)}}, std::move(how));
        return finish(ending.exit_code);
    }

    CheckAnswer check(const std::string& path) { return check_file({}, place_, machines_, path, ""); }

    // The kernel did not start it, or killed it while it did.
    int tell_refused(const std::string& path, const live::Ending& ending, report::Json how) {
        int code = ending.kind == live::EndKind::killed ? killed_by + ending.signal : ending.error == ENOENT ? not_found : not_executable;
        how["kind"] = "not_started";
        how["exit_code"] = code;
        if (ending.error != 0) how["errno"] = loader::errno_name(ending.error);
        if (ending.kind == live::EndKind::killed) how["signal"] = core::signal_name(ending.signal);
        struct stat status{};
        bool there = ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
        CheckAnswer answer = there ? check(path) : CheckAnswer();
        report::Json json{{"subject", subject(path)}};
        bool agrees = false;
        if (answer.checked) {
            const loader::Message& message = answer.checked->outcome.message;
            agrees = ending.kind == live::EndKind::killed ? message.signal == core::signal_name(ending.signal)
                                                          : message.error_name == loader::errno_name(ending.error);
        }
        if (!agrees) {
            bool folder = there ? false : S_ISDIR(status.st_mode);
            std::string reason = folder ? "Is a directory"
                : ending.error != 0     ? loader::errno_text(ending.error)
                                        : fmt::format("killed by {} while the kernel started it", core::signal_name(ending.signal));
            output_.text(fmt::format("abiscope: {}: {}\n", text::printable(path), reason));
        }
        if (agrees) {
            output_.text(report::check_text(*answer.checked, output_.style(), false));
            json = check_json(*answer.checked, false);
        }
        result(std::move(json), std::move(how));
        return code;
    }

    // False where the simulation has no reason either.
    bool tell_not_loaded(const std::string& path, const live::Ending& ending, report::Json& how) {
        std::string program = !ending.traced ? path : ending.started_as.empty() ? ending.program : ending.started_as;
        CheckAnswer answer = check(program);
        bool fails = answer.checked && answer.checked->outcome.verdict == loader::Verdict::fails &&
            answer.checked->outcome.message.exit_code == ending.exit_code;
        if (!fails && !ending.traced) return false;
        how["kind"] = "not_loaded";
        output_.text(ending.traced ? fmt::format("abiscope: the loader ended {} with exit code {}, before its entry point was reached\n",
                                                 text::printable(program), ending.exit_code)
                                   : fmt::format("abiscope: {} ended with exit code {}, as it does when it cannot be loaded ({})\n",
                                                 text::printable(program), ending.exit_code, untraced_words(ending)));
        report::Json json{{"subject", subject(program)}};
        if (fails) {
            output_.text(report::check_text(*answer.checked, output_.style(), false));
            json = check_json(*answer.checked, false);
        } else {
            output_.text("  the simulation of its start finds no reason; the message above is the loader's own\n");
        }
        result(std::move(json), how);
        return true;
    }

    static std::string untraced_words(const live::Ending& ending) {
        return fmt::format("it could not be traced: {}; in a container --cap-add=SYS_PTRACE, else see kernel.yama.ptrace_scope",
                           ending.untraced_reason);
    }

    int tell_killed(const std::string& path, const live::Ending& ending, report::Json how) {
        std::string name(core::signal_name(ending.signal));
        if (name.empty()) name = fmt::format("signal {}", ending.signal);
        how["kind"] = "killed";
        how["exit_code"] = killed_by + ending.signal;
        how["signal"] = name;
        if (ending.sender) how["sender_pid"] = *ending.sender;
        std::string program = ending.started_as.empty() ? path : ending.started_as;
        report::Json json{{"subject", subject(program)}};
        if (autopsy_.json) {
            output_.text(autopsy_.text);
            json = std::move(*autopsy_.json);
        } else {
            std::string why = killed_words(ending);
            // A person who types ^C and a reader that goes away need no explanation; a shell gives none either.
            bool quiet = ending.signal == SIGINT || ending.signal == SIGPIPE;
            if (!quiet) output_.text(fmt::format("abiscope: {} was ended by {}: {}\n", text::printable(program), name, why));
            json["missing"] = report::Json::array({why});
        }
        if (!autopsy_.saved.empty()) {
            output_.text(fmt::format("  saved {}.core and {}.json\n", autopsy_.saved, autopsy_.saved));
            how["saved"] = autopsy_.saved + ".core";
        }
        result(std::move(json), std::move(how));
        die_of_ = live::leaves_core(ending.signal) ? 0 : ending.signal;
        return killed_by + ending.signal;
    }

    std::string killed_words(const live::Ending& ending) const {
        if (!autopsy_.missing.empty()) return "its memory could not be looked at: " + autopsy_.missing;
        if (ending.signal == SIGKILL && used_up_its_time()) return "the kernel, because the limit of processor time (ulimit -t) is reached";
        if (ending.signal == SIGKILL)
            return "from outside; the kernel does not say by whom: a person, a supervisor, or the kernel itself when memory ran out (`dmesg` tells)";
        if (!ending.traced) return fmt::format("neither registers nor memory are known, {}; a core dump has them", untraced_words(ending));
        if (ending.sender)
            return *ending.sender == 0
                ? "sent by a process outside its container"
                : fmt::format("sent by process {}{}", *ending.sender, *ending.sender == ending.pid ? ", itself" : "");
        if (live::leaves_core(ending.signal)) return "it was gone before it could be looked at";
        return "sent by the kernel (a terminal, a timer, a pipe)";
    }

    // The hard limit of RLIMIT_CPU, which the program has of us.
    static bool used_up_its_time() {
        rlimit limit{};
        rusage used{};
        if (::getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_max == RLIM_INFINITY || ::getrusage(RUSAGE_CHILDREN, &used) != 0)
            return false;
        auto milliseconds = [](const timeval& time) {
            return static_cast<std::uint64_t>(time.tv_sec) * 1000 + static_cast<std::uint64_t>(time.tv_usec) / 1000;
        };
        constexpr std::uint64_t tick = 50;   // what it counts is sampled
        return milliseconds(used.ru_utime) + milliseconds(used.ru_stime) + tick >= limit.rlim_max * 1000;
    }

    Exit finish(int code) {
        if (!output_.finish()) return Exit::failed;
        if (die_of_ != 0) {
            // As the program did: a shell stops a script when ^C has killed what it started, and says which signal ended a job.
            ::signal(die_of_, SIG_DFL);
            ::raise(die_of_);
        }
        return static_cast<Exit>(code);
    }

    const Options& options_;
    Output output_;
    TargetOptions place_;
    Machines machines_{place_};
    Autopsy autopsy_;
    int die_of_ = 0;
};

}  // namespace

Run add_run(OptionTable& table, const CommandLineRest& rest) {
    auto options = std::make_shared<Options>();
    table.arguments(options->unused, "The program and its words; options of abiscope stand before it", {.type = "CMD"});
    table.option("--save", options->save, "Keep a core dump and the report of a crash in this folder: NAME.PID.core and NAME.PID.json",
                 {.type = "DIR"});
    table.option("--frames", options->frames, "How many frames to print", {.type = "N"});
    add_common_options(table, options->common);
    return [options, &rest] {
        options->words = rest.words;
        options->pipe_signal_ignored = rest.pipe_signal_ignored;
        if (options->words.empty()) {
            Output output("run", options->common, STDERR_FILENO);
            output.error(Error{.code = ErrorCode::bad_usage, .what = "run: name at least one CMD; see `abiscope run --help`"});
            return output.finish() ? Exit::usage : Exit::failed;
        }
        return ProgramRun(*options).run();
    };
}

}  // namespace abiscope::cli
