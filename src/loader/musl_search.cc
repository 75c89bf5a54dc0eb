#include "loader/musl_search.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "base/search.h"
#include "base/text.h"
#include "elf/spec.h"
#include "loader/musl_messages.h"
#include "loader/program_origin.h"

namespace abiscope::loader::musl {

namespace {

using finding::StepAction;

constexpr std::size_t path_buffer = 512;       // 2*NAME_MAX+2: a composed path of this length or more is passed over without a word
constexpr std::size_t longest_name = 255;      // NAME_MAX
constexpr std::size_t longest_path = 4096;     // PATH_MAX, with the NUL
constexpr std::string_view separators = ":\n";
constexpr std::string_view built_in_path = "/lib:/usr/local/lib:/usr/lib";

// errno after which path_open() tries the next directory. Everything else ends the whole search.
constexpr std::array passed_over{ENOENT, ENOTDIR, EACCES, ENAMETOOLONG};

}  // namespace

std::optional<std::string_view> reserved_word(std::string_view name) {
    static constexpr std::array<std::string_view, 7> words{"c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet."};
    if (!name.starts_with("lib")) return std::nullopt;
    for (std::string_view word : words) {
        if (name.substr(3).starts_with(word)) return word;
    }
    return std::nullopt;
}

Search::Search(Process& process) : process_(process) {
    if (process.secure) return;
    if (auto value = process.target.variable("LD_LIBRARY_PATH")) library_path_ = std::string(*value);
}

std::optional<ModuleCache::Opened> Search::open_file(const std::string& path) {
    if (path.size() >= longest_path) {
        process_.error = ENAMETOOLONG;
        return std::nullopt;
    }
    std::string absolute = process_.absolute(path);
    auto opened = process_.cache.open(absolute, process_.target.user);
    auto status = opened ? opened->status : process_.cache.files()->status(absolute, process_.target.user);
    if (status && status->kind == target::FileKind::other && target::permits(*status, process_.target.user, target::Access::read)) {
        process_.give_up(Stage::libraries, path, "a pipe, socket or device: opening it may wait for ever", {});
        return std::nullopt;
    }
    if (opened) return *opened;
    process_.error = opened.error();
    return std::nullopt;
}

std::optional<Hit> Search::open(std::string_view path, finding::Trace& trace) {
    auto file = open_file(std::string(path));
    if (!file) {
        trace.push_back({StepAction::failed, std::string(path), std::string(error_text(process_.error))});
        return std::nullopt;
    }
    trace.push_back({StepAction::chosen, std::string(path), "the name holds a '/': it is a path"});
    return Hit{std::string(path), *std::move(file), FoundBy::path, {}};
}

Search::State Search::walk(std::string_view name, const List& list, Hit& hit, finding::Trace& trace) {
    for (std::string_view rest = list.text;;) {
        rest.remove_prefix(std::min(rest.find_first_not_of(separators), rest.size()));
        if (rest.empty()) return State::not_found;
        std::string_view directory = rest.substr(0, rest.find_first_of(separators));
        rest.remove_prefix(directory.size());
        if (directory.size() + 1 + name.size() >= path_buffer) {
            trace.push_back({StepAction::skipped, fmt::format("{}/{}", directory.substr(0, 64), name),
                             fmt::format("{}: {} bytes or more are passed over", list.origin, path_buffer)});
            continue;
        }
        std::string path = fmt::format("{}/{}", directory, name);
        auto file = open_file(path);
        if (process_.stopped()) return State::inhibited;
        if (file) {
            trace.push_back({StepAction::chosen, path, list.origin});
            hit = {std::move(path), *std::move(file), list.kind, std::string(directory)};
            return State::found;
        }
        bool goes_on = std::ranges::find(passed_over, process_.error) != passed_over.end();
        trace.push_back({goes_on ? StepAction::tried : StepAction::failed, std::move(path),
                         fmt::format("{}: {}{}", list.origin, error_text(process_.error), goes_on ? "" : ", which ends the search")});
        if (!goes_on) return State::inhibited;
    }
}

std::optional<Hit> Search::find(std::string_view name, Object* needed_by, finding::Trace& trace) {
    if (name.size() > longest_name) {
        trace.push_back({StepAction::failed, std::string(name.substr(0, 64)), "the name is longer than 255 bytes: nothing is opened"});
        return std::nullopt;
    }
    Hit hit;
    State state = State::not_found;
    if (library_path_) state = walk(name, {*library_path_, FoundBy::library_path, "LD_LIBRARY_PATH"}, hit, trace);
    // The list of the object that asks, then of the one that asked for it, and so on up to the program. RPATH or RUNPATH makes no
    // difference.
    for (Object* object = needed_by; state == State::not_found && object != nullptr; object = object->needed_by) {
        resolve_origin(*object, trace);
        if (!object->search_path) continue;
        bool runpath = object->last(elf::dt_runpath) || object->module->runpath();
        state = walk(name,
                     {*object->search_path, runpath ? FoundBy::runpath : FoundBy::rpath,
                      fmt::format("{} of {}", runpath ? "DT_RUNPATH" : "DT_RPATH", object->name)},
                     hit, trace);
        if (state == State::found && object->is_program && !process_.options.as_library &&
            !text::contains(*object->search_text, hit.detail)) {
            if (auto assumed = assumed_proc(process_.target)) process_.assume(*std::move(assumed));
        }
    }
    if (state == State::not_found) {
        if (!system_path_) read_system_path();
        if (process_.stopped()) return std::nullopt;
        state = walk(name, {*system_path_, system_kind_, system_origin_}, hit, trace);
    }
    if (state != State::found) return std::nullopt;
    return hit;
}

// /proc/self/exe of the program, which need not be in the target's file system: then as if it had been copied there.
std::string Search::program_real_path() const {
    std::string path = process_.absolute(process_.program.path);
    const target::FileSystem& files = *process_.cache.files();
    if (auto real = files.real_path(path)) return *real;
    auto slash = path.rfind('/');
    auto directory = files.real_path(slash == 0 ? "/" : path.substr(0, slash));
    if (!directory) return path;
    return (*directory == "/" ? "" : *directory) + path.substr(slash);
}

void Search::resolve_origin(Object& object, finding::Trace& trace) {
    if (object.search_path || !object.search_text) return;
    const std::string& text = *object.search_text;
    auto skip = [&](std::string_view why) {
        trace.push_back({StepAction::skipped, text, fmt::format("search list of {}: {}", object.name, why)});
    };
    if (text.find('$') == std::string::npos) {
        object.search_path = text;
        return;
    }
    constexpr std::string_view plain = "$ORIGIN", braced = "${ORIGIN}";
    for (std::size_t at = text.find('$'); at != std::string::npos; at = text.find('$', at + 1)) {
        std::string_view token = std::string_view(text).substr(at);
        if (!token.starts_with(plain) && !token.starts_with(braced))
            return skip("musl knows $ORIGIN only; any other '$' voids the whole list");
    }
    std::string from = object.name;
    if (object.is_program) {
        if (process_.secure) return skip("$ORIGIN of a set-user-ID program is not trusted");
        from = program_real_path();
        if (from.size() >= path_buffer) return skip("the path of the program is too long for $ORIGIN");
    }
    auto slash = from.rfind('/');
    std::string origin = slash == std::string::npos ? "." : from.substr(0, slash);
    if (process_.secure && !from.starts_with('/')) return skip("a relative $ORIGIN is not trusted in a set-user-ID program");
    std::string out;
    std::size_t done = 0;
    for (std::size_t at = text.find('$'); at != std::string::npos; at = text.find('$', done)) {
        out.append(text, done, at - done).append(origin);
        done = at + (text.compare(at, braced.size(), braced) == 0 ? braced.size() : plain.size());
    }
    object.search_path = out.append(text, done);
}

// PREFIX/etc/ld-musl-ARCH.path, where PREFIX is the loader's path without its last two parts. Absent: the built-in list. There and not
// readable: no list at all.
void Search::read_system_path() {
    std::string_view loader = process_.loader_path;
    std::string_view prefix;
    if (loader.starts_with('/')) {
        auto last = loader.rfind('/');
        auto before = last == 0 ? 0 : loader.rfind('/', last - 1);
        prefix = loader.substr(0, before);
        if (prefix.size() >= longest_path) prefix = {};
    }
    std::string path = fmt::format("{}/etc/ld-musl-{}.path", prefix, process_.machine->name);
    auto file = open_file(path);
    if (process_.stopped()) return;
    if (!file && process_.error == ENOENT) {
        system_path_ = std::string(built_in_path);
        system_origin_ = fmt::format("built-in directory ({} does not exist)", path);
        return;
    }
    system_kind_ = FoundBy::config_path;
    system_origin_ = path;
    system_path_.emplace();
    if (!file) return;
    if (file->module == nullptr) {
        process_.error = EISDIR;
        return;
    }
    std::string_view text = file->module->bytes().as_text();
    *system_path_ = std::string(text.substr(0, text.find('\0')));
}

}  // namespace abiscope::loader::musl
