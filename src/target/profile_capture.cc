#include <algorithm>
#include <cerrno>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "target/hwcaps_directories.h"
#include "target/profile.h"
#include "target/profile_format.h"
#include "target/root_facts.h"
#include "target/skeleton.h"
#include "target/strings.h"
#include "target/target_json.h"
#include "target/tree_file_system.h"

namespace abiscope::target {

namespace {

using namespace profile_format;

constexpr Credentials root{};
constexpr std::uint64_t largest_whole_file = 16 << 20;
constexpr unsigned deepest_tree = 64;

// Little-endian records one after another.
class Writer {
public:
    template <std::unsigned_integral T>
    void number(T value) {
        for (std::size_t i = 0; i < sizeof(T); ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
    }
    void raw(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
    void raw(std::string_view text) { raw(std::as_bytes(std::span(text.data(), text.size()))); }
    void text(std::string_view text) {
        number(static_cast<std::uint16_t>(text.size()));
        raw(text);
    }
    [[nodiscard]] std::vector<std::byte>& bytes() { return bytes_; }

private:
    std::vector<std::byte> bytes_;
};

class Capturer {
public:
    explicit Capturer(const Target& target, CaptureSummary& summary) : target_(target), files_(*target.files), summary_(summary) {}

    // A path as a loader would go it: every folder and link on the way, and the file at the end. Says whether anything is there.
    bool add(std::string_view path, bool whole = false) {
        std::string real, rest(path);
        for (unsigned links = 0; !rest.empty();) {
            std::size_t start = rest.find_first_not_of('/');
            if (start == std::string::npos) break;
            std::size_t end = std::min(rest.find('/', start), rest.size());
            std::string name = rest.substr(start, end - start);
            rest.erase(0, end);
            if (name == ".") continue;
            if (name == "..") {
                real.resize(real.empty() ? 0 : real.rfind('/'));
                continue;
            }
            real += '/' + name;
            auto node = files_.node(real);
            if (!node) return false;
            bool last = rest.find_first_not_of('/') == std::string::npos;
            enter(real, *node, whole && last);
            if (!node->is_link) continue;
            if (++links > most_links) return false;
            rest = node->link + rest;
            real.resize(node->link.starts_with('/') ? 0 : real.rfind('/'));
        }
        return true;
    }

    // All names of a folder; subfolders by name only, except those a loader looks into by itself.
    void add_folder(const std::string& folder) {
        auto real = files_.real_path(folder);
        if (!add(folder) || !real) return;
        if (auto top = files_.node("/"); *real == "/" && top) enter("/", *top, false);
        auto entry = entries_.find(*real);
        if (entry == entries_.end() || entry->second.listed) return;
        entry->second.listed = true;
        for (const std::string& name : files_.list(*real)) {
            std::string path = (*real == "/" ? "" : *real) + "/" + name;
            add(path);
            auto node = files_.node(path);
            if (node && node->status.kind == FileKind::directory && is_hwcaps_directory(name, target_.libc)) add_folder(path);
        }
    }

    // Everything below, links as they are and what they lead to.
    void add_tree(const std::string& path, unsigned depth = 0) {
        if (!add(path) || depth > deepest_tree) return;
        auto node = files_.node(path);
        if (!node || node->is_link || node->status.kind != FileKind::directory) return;
        if (auto entry = entries_.find(path); entry != entries_.end()) entry->second.listed = true;
        for (const std::string& name : files_.list(path)) add_tree(path + "/" + name, depth + 1);
    }

    [[nodiscard]] std::vector<std::byte> payload() {
        Writer out;
        std::string facts = to_json(target_).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        out.number(static_cast<std::uint64_t>(facts.size()));
        out.raw(facts);
        out.number(static_cast<std::uint32_t>(order_.size()));
        for (const std::string& path : order_) write(out, path, entries_.at(path));
        return std::move(out.bytes());
    }

private:
    struct Entry {
        Node node;
        bool listed = false;
        bool whole = false;
    };

    void enter(const std::string& real, const Node& node, bool whole) {
        auto [at, fresh] = entries_.try_emplace(real, Entry{node, false, whole});
        at->second.whole |= whole;
        if (fresh) order_.push_back(real);
    }

    void write(Writer& out, const std::string& path, const Entry& entry) {
        const FileStatus& status = entry.node.status;
        Kind kind = entry.node.is_link           ? Kind::link
            : status.kind == FileKind::directory ? Kind::folder
            : status.kind == FileKind::regular   ? Kind::file
                                                 : Kind::other;
        SourcePtr bytes;
        if (kind == Kind::file) {
            auto contents = files_.open(path, root);
            if (const auto* source = contents ? std::get_if<SourcePtr>(&*contents) : nullptr) bytes = *source;
        }
        bool unreadable = kind == Kind::file && !bytes;
        out.number(static_cast<std::uint8_t>(kind));
        out.number(static_cast<std::uint8_t>((entry.listed ? flag_listed : 0) | (unreadable ? flag_unreadable : 0)));
        out.text(path);
        out.number(status.mode);
        out.number(status.uid);
        out.number(status.gid);
        out.number(status.modified);
        if (kind == Kind::link) out.text(entry.node.link);
        if (kind == Kind::file) write_file(out, bytes, entry.whole);
        (kind == Kind::file ? summary_.files : kind == Kind::link ? summary_.links : summary_.folders) += 1;
        summary_.unreadable += unreadable ? 1 : 0;
    }

    static void write_file(Writer& out, const SourcePtr& bytes, bool whole) {
        Skeleton skeleton;
        if (bytes && whole && bytes->size() <= largest_whole_file) {
            View all = bytes->view();
            skeleton = Skeleton{bytes->size(), {{0, {all.bytes().begin(), all.bytes().end()}}}};
        } else if (bytes) {
            skeleton = make_skeleton(bytes);
        }
        out.number(skeleton.size);
        out.number(static_cast<std::uint32_t>(skeleton.ranges.size()));
        for (const KeptRange& range : skeleton.ranges) {
            out.number(range.offset);
            out.number(static_cast<std::uint32_t>(range.bytes.size()));
            out.raw(range.bytes);
        }
    }

    const Target& target_;
    const FileSystem& files_;
    CaptureSummary& summary_;
    std::unordered_map<std::string, Entry> entries_;   // by real path
    std::vector<std::string> order_;                   // folders before what is in them
};

// ldconfig(8): one folder a line, `include PATTERN` for more such files.
void folders_of_conf(const FileSystem& files, const std::string& path, std::vector<std::string>& folders, unsigned depth = 0) {
    constexpr unsigned deepest = 8;
    std::string all = read_text(files, path);
    for (std::string_view line : text::split(all, "\n")) {
        line = text::trim(line.substr(0, line.find('#')));
        if (line.starts_with("include ") && depth < deepest) {
            std::string pattern(text::trim(line.substr(8)));
            if (!pattern.starts_with('/')) pattern = path.substr(0, path.rfind('/') + 1) + pattern;
            std::size_t slash = pattern.rfind('/');
            for (const std::string& name : files.list(pattern.substr(0, slash))) {
                if (text::glob_match(std::string_view(pattern).substr(slash + 1), name))
                    folders_of_conf(files, pattern.substr(0, slash + 1) + name, folders, depth + 1);
            }
        } else if (line.starts_with('/')) {
            folders.emplace_back(line.substr(0, line.find_first_of("= \t")));
        }
    }
}

std::vector<std::string> library_folders(const Target& target) {
    std::vector<std::string> folders = target.libc.directories;
    for (const Libc& libc : target.other_libcs) folders.insert(folders.end(), libc.directories.begin(), libc.directories.end());
    folders_of_conf(*target.files, "/etc/ld.so.conf", folders);
    if (auto listed = target.variable("LD_LIBRARY_PATH")) {
        for (std::string_view folder : text::split(*listed, ":;")) {
            if (folder.starts_with('/')) folders.emplace_back(folder);
        }
    }
    for (const std::string& name : target.files->list("/etc")) {
        if (!text::glob_match("ld-musl-*.path", name)) continue;
        std::string all = read_text(*target.files, "/etc/" + name);
        for (std::string_view folder : text::split(all, ":\n")) {
            if (folder.starts_with('/')) folders.emplace_back(folder);
        }
    }
    return folders;
}

void add_single_files(Capturer& capturer, const Target& target) {
    for (const char* path : {"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.preload", "/etc/os-release"}) capturer.add(path, true);
    for (const std::string& name : target.files->list("/etc")) {
        if (text::glob_match("ld-musl-*.path", name)) capturer.add("/etc/" + name, true);
    }
    for (const char* path : {"/bin/sh", "/bin/bash", "/bin/busybox", "/usr/bin/env", "/usr/bin/python3", "/usr/bin/perl"})
        capturer.add(path);
    capturer.add(target.libc.loader);
    for (const Libc& libc : target.other_libcs) capturer.add(libc.loader);
    for (const BinfmtHandler& handler : target.kernel.binfmt) capturer.add(handler.interpreter);
}

// Every path the cache names: its strings are NUL-terminated and absolute.
void add_cache_entries(Capturer& capturer, const Target& target) {
    if (target.libc.cache.empty()) return;
    auto contents = target.files->open(target.libc.cache, root);
    const auto* bytes = contents ? std::get_if<SourcePtr>(&*contents) : nullptr;
    if (bytes == nullptr) return;
    for_each_string((*bytes)->view(), [&](std::string_view text) {
        if (text.starts_with('/')) capturer.add(text);
        return false;
    });
}

}  // namespace

Result<std::vector<std::byte>> capture(const Target& target, const CaptureOptions& options, CaptureSummary& summary) {
    if (!target.files || target.files->list("/").empty()) return fail(ErrorCode::unsupported, target.name + " has no files to capture");
    Capturer capturer(target, summary);
    capturer.add_folder("/");
    for (const std::string& folder : library_folders(target)) {
        // The folders above are listed too, so that a path that leads nowhere is known to lead nowhere.
        for (std::size_t slash = folder.find('/', 1); slash != std::string::npos; slash = folder.find('/', slash + 1))
            capturer.add_folder(folder.substr(0, slash));
        capturer.add_folder(folder);
    }
    add_single_files(capturer, target);
    add_cache_entries(capturer, target);
    for (const std::string& path : options.paths) {
        auto real = target.files->real_path(path);
        if (!real)
            return fail(
                Error{.code = ErrorCode::not_found, .what = "is not in the root to capture", .file = path, .wanted = {}, .had = {}});
        capturer.add(path);
        capturer.add_tree(*real);
    }
    std::vector<std::byte> payload = capturer.payload();
    summary.raw_bytes = payload.size();
    return pack(packed, payload, options.compression);
}

}  // namespace abiscope::target
