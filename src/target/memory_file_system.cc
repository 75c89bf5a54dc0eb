#include "target/memory_file_system.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bytes/limits.h"

namespace abiscope::target {

namespace {

std::string_view parent_of(std::string_view real) {
    std::size_t slash = real.rfind('/');
    return slash == 0 || slash == std::string_view::npos ? std::string_view("/") : real.substr(0, slash);
}

// Folders in folders: what a path out of a hostile archive may ask for.
constexpr std::ptrdiff_t deepest = default_limits.depth;

std::string_view name_of(std::string_view real) { return real.substr(real.rfind('/') + 1); }

}  // namespace

MemoryFileSystem::MemoryFileSystem(bool complete) : device_(new_device()), complete_(complete) {
    Entry root;
    root.node.status = {.kind = FileKind::directory, .mode = 0755, .device = device_, .inode = 1};
    entries_.emplace("/", std::move(root));
}

// The real path under which `path` is to be stored: its folder resolved, and made where it is missing.
SystemResult<std::string> MemoryFileSystem::place_for(std::string_view path) {
    while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
    std::size_t slash = path.rfind('/');
    std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    std::string_view folder = slash == std::string_view::npos || slash == 0 ? std::string_view("/") : path.substr(0, slash);
    if (name.empty() && folder == "/") return std::string("/");
    if (name == "." || name.empty()) return place_for(folder);
    if (name.size() > longest_name || path.size() >= longest_path || std::ranges::count(path, '/') > deepest)
        return std::unexpected(ENAMETOOLONG);
    if (auto known = entries_.find(folder);
        known != entries_.end() && known->second.node.status.kind == FileKind::directory && name != "..") {
        return (folder == "/" ? std::string() : std::string(folder)) + '/' + std::string(name);
    }
    auto found = walk(folder, Credentials{});
    if (!found && found.error() == ENOENT) {
        // A link to a folder that is not there yet is refused (ENOENT again) by the second walk.
        if (auto made = add_directory(folder); !made) return std::unexpected(made.error());
        found = walk(folder, Credentials{});
    }
    if (!found) return std::unexpected(found.error());
    if (found->status.kind != FileKind::directory) return std::unexpected(ENOTDIR);
    if (name == "..") return std::string(parent_of(found->path));
    if (found->path.size() + name.size() + 1 >= longest_path) return std::unexpected(ENAMETOOLONG);
    return (found->path == "/" ? std::string() : found->path) + '/' + std::string(name);
}

SystemResult<void> MemoryFileSystem::put(std::string_view path, FileKind kind, std::uint64_t size, FileAttributes attributes, Bytes bytes,
                                         const std::string* link) {
    auto real = place_for(path);
    if (!real) return std::unexpected(real.error());
    FileStatus status{.kind = kind,
                      .mode = attributes.mode & 07777,
                      .uid = attributes.uid,
                      .gid = attributes.gid,
                      .size = size,
                      .device = device_,
                      .inode = 0,
                      .modified = attributes.modified};
    auto at = entries_.find(*real);
    if (at != entries_.end() && kind == FileKind::directory && at->second.node.status.kind == FileKind::directory) {
        status.inode = at->second.node.status.inode;
        at->second.node.status = status;
        return {};
    }
    if (at != entries_.end()) {
        if (*real == "/") return std::unexpected(EISDIR);
        erase(*real);
    }
    status.inode = next_inode_++;
    Entry entry{.node = {.status = status, .is_link = link != nullptr, .link = link != nullptr ? *link : std::string()},
                .bytes = std::move(bytes),
                .children = {}};
    entries_.insert_or_assign(*real, std::move(entry));
    entries_.find(parent_of(*real))->second.children.emplace_back(name_of(*real));
    return {};
}

SystemResult<void> MemoryFileSystem::add_file(std::string_view path, SourcePtr bytes, FileAttributes attributes) {
    std::uint64_t size = bytes->size();
    return put(path, FileKind::regular, size, attributes, std::move(bytes), nullptr);
}

SystemResult<void> MemoryFileSystem::add_file(std::string_view path, std::string_view text, FileAttributes attributes) {
    std::vector<std::byte> bytes(text.size());
    if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
    return add_file(path, Source::from_memory(std::string(path), std::move(bytes)), attributes);
}

SystemResult<void> MemoryFileSystem::add_file(std::string_view path, Maker maker, std::uint64_t size, FileAttributes attributes) {
    return put(path, FileKind::regular, size, attributes, std::move(maker), nullptr);
}

SystemResult<void> MemoryFileSystem::add_library(std::shared_ptr<const DescribedLibrary> library) {
    std::string path = library->path;
    return put(path, FileKind::regular, 0, FileAttributes{0755, 0, 0, 0}, std::move(library), nullptr);
}

SystemResult<void> MemoryFileSystem::add_directory(std::string_view path, FileAttributes attributes) {
    return put(path, FileKind::directory, 0, attributes, {}, nullptr);
}

SystemResult<void> MemoryFileSystem::add_link(std::string_view path, std::string_view text, FileAttributes attributes) {
    if (text.size() >= longest_path) return std::unexpected(ENAMETOOLONG);
    std::string copy(text);
    return put(path, FileKind::other, copy.size(), attributes, {}, &copy);
}

SystemResult<void> MemoryFileSystem::add_other(std::string_view path, FileAttributes attributes) {
    return put(path, FileKind::other, 0, attributes, {}, nullptr);
}

SystemResult<void> MemoryFileSystem::add_hard_link(std::string_view path, std::string_view existing) {
    auto from = place_for(existing);
    if (!from) return std::unexpected(from.error());
    auto at = entries_.find(*from);
    if (at == entries_.end() || at->second.node.status.kind == FileKind::directory) return std::unexpected(ENOENT);
    auto to = place_for(path);
    if (!to) return std::unexpected(to.error());
    if (*to == *from) return {};
    Entry copy = at->second;
    std::string link = copy.node.link;
    auto done = put(*to, copy.node.status.kind, copy.node.status.size, {}, copy.bytes, copy.node.is_link ? &link : nullptr);
    if (!done) return done;
    entries_.find(*to)->second.node = copy.node;
    return {};
}

void MemoryFileSystem::erase(const std::string& real) {
    std::vector<std::string> doomed{real};
    while (!doomed.empty()) {
        std::string path = std::move(doomed.back());
        doomed.pop_back();
        auto at = entries_.find(path);
        if (at == entries_.end()) continue;
        for (const std::string& child : at->second.children) doomed.push_back(path + '/' + child);
        entries_.erase(at);
    }
    std::erase(entries_.find(parent_of(real))->second.children, name_of(real));
}

void MemoryFileSystem::remove(std::string_view path) {
    auto real = place_for(path);
    if (real && *real != "/" && entries_.contains(*real)) erase(*real);
}

SystemResult<Node> MemoryFileSystem::node(std::string_view path) const {
    auto at = entries_.find(path);
    if (at == entries_.end()) return std::unexpected(ENOENT);
    return at->second.node;
}

std::vector<std::string> MemoryFileSystem::list(std::string_view directory) const {
    auto found = walk(directory, Credentials{});
    if (!found) return {};
    std::vector<std::string> names = entries_.find(found->path)->second.children;
    std::ranges::sort(names);
    return names;
}

std::vector<std::string> MemoryFileSystem::paths() const {
    std::vector<std::string> all;
    all.reserve(entries_.size());
    for (const auto& [path, entry] : entries_) all.push_back(path);
    std::ranges::sort(all);
    return all;
}

void MemoryFileSystem::mark_listed(std::string_view directory) {
    auto found = walk(directory, Credentials{});
    if (found && found->status.kind == FileKind::directory) entries_.find(found->path)->second.listed = true;
}

bool MemoryFileSystem::complete_in(std::string_view directory) const {
    if (complete_) return true;
    // A folder that is not there is known not to be there when the nearest one above it is wholly known.
    for (std::string_view path = directory; !path.empty(); path = parent_of(path)) {
        auto found = walk(path, Credentials{});
        if (found) return found->status.kind != FileKind::directory || entries_.find(found->path)->second.listed;
        if (found.error() != ENOENT || path == "/") return false;
    }
    return false;
}

SystemResult<Contents> MemoryFileSystem::contents(const std::string& real_path, const FileStatus& status) const {
    const Entry& entry = entries_.find(real_path)->second;
    if (const auto* bytes = std::get_if<SourcePtr>(&entry.bytes)) return Contents(*bytes);
    if (const auto* library = std::get_if<std::shared_ptr<const DescribedLibrary>>(&entry.bytes)) return Contents(*library);
    if (const auto* maker = std::get_if<Maker>(&entry.bytes)) {
        auto made = (*maker)();
        if (!made) return std::unexpected(made.error());
        return Contents(*std::move(made));
    }
    return status.size == 0 ? SystemResult<Contents>(Source::from_memory(real_path, {})) : std::unexpected(EIO);
}

}  // namespace abiscope::target
