#include "cli/context.h"

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace abiscope::cli {

namespace {

constexpr std::size_t flush_at = 1 << 16;

bool set_and_not_empty(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

// https://no-color.org and https://bixense.com/clicolors: an explicit --color wins, then NO_COLOR, then CLICOLOR_FORCE, then the terminal.
bool wants_colour(const std::string& choice, int descriptor) {
    if (choice == "always") return true;
    if (choice == "never" || set_and_not_empty("NO_COLOR")) return false;
    const char* force = std::getenv("CLICOLOR_FORCE");
    if (force != nullptr && *force != '\0' && std::strcmp(force, "0") != 0) return true;
    const char* terminal = std::getenv("TERM");
    return ::isatty(descriptor) == 1 && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

// file:///usr/share/doc/abiscope/rules/ beside an installed program, the source's own pages beside one that was just built.
std::string rule_pages() {
    std::error_code failed;
    std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", failed);
    if (failed) return {};
    for (const char* folder : {"../share/doc/abiscope/rules", "../../rules"}) {
        std::filesystem::path pages = std::filesystem::weakly_canonical(program.parent_path() / folder, failed);
        if (failed || !std::filesystem::is_directory(pages, failed)) continue;
        std::string url = "file://";
        for (char c : pages.string()) {
            if (std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("/-._~").find(c) != std::string_view::npos) url += c;
            else url += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
        return url + "/";
    }
    return {};
}

report::Style style_for(const CommonOptions& options, int descriptor) {
    report::Style style;
    style.colour = wants_colour(options.colour, descriptor);
    style.links = style.colour && ::isatty(descriptor) == 1;
    if (style.links) style.rule_pages = rule_pages();
    winsize size{};
    if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) style.width = size.ws_col;
    return style;
}

}  // namespace

Output::Output(std::string_view command, const CommonOptions& options, int descriptor)
    : command_(command), options_(options), descriptor_(descriptor) {
    if (!options_.output.empty() && options_.output != "-") {
        descriptor_ = ::open(options_.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (descriptor_ < 0) {
            error(Error{.code = ErrorCode::cannot_open, .what = "cannot be written", .file = options_.output, .had = std::strerror(errno)});
            failed_ = true;
        }
    }
    style_ = style_for(options_, descriptor_ < 0 ? 1 : descriptor_);
}

Output::~Output() {
    if (descriptor_ > 2) ::close(descriptor_);
}

void Output::write(std::string_view bytes) {
    while (!failed_ && !bytes.empty()) {
        ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            failed_ = true;
            // A reader that went away (`abiscope ... | head`) is not worth a message.
            if (errno != EPIPE)
                fmt::print(stderr, "abiscope: {}: {}\n", options_.output.empty() ? "standard output" : options_.output,
                           std::strerror(errno));
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(done));
    }
}

void Output::text(std::string_view text) {
    if (options_.form != Form::text) return;
    pending_ += text;
    if (pending_.size() >= flush_at) {
        write(pending_);
        pending_.clear();
    }
}

void Output::result(report::Json json) {
    if (options_.form == Form::json) {
        results_.push_back(std::move(json));
    } else if (options_.form == Form::jsonl) {
        json["schema"] = "abiscope/1";
        json["command"] = command_;
        write(report::dump(json, false) + "\n");
    }
}

Exit Output::fail(const Error& error) {
    this->error(error);
    static_cast<void>(finish());
    return Exit::failed;
}

void Output::error(const Error& error) {
    if (!options_.quiet) {
        if (!pending_.empty()) {
            write(pending_);
            pending_.clear();
        }
        fmt::print(stderr, "abiscope: {}\n", error.describe());
    }
    errors_.push_back(error);
}

bool Output::finish() {
    if (options_.form == Form::json) write(report::dump(report::document(command_, std::move(results_), errors_), true) + "\n");
    write(pending_);
    pending_.clear();
    return !failed_;
}

Exit worse(Exit a, Exit b) {
    auto rank = [](Exit exit) {
        switch (exit) {
            case Exit::yes: return 0;
            case Exit::cannot_tell: return 1;
            case Exit::no: return 2;
            case Exit::usage: return 3;
            case Exit::failed: return 4;
        }
        return 4;
    };
    return rank(a) >= rank(b) ? a : b;
}

}  // namespace abiscope::cli
