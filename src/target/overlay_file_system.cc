#include "target/overlay_file_system.h"

#include <algorithm>
#include <cerrno>

namespace abiscope::target {

namespace {

struct Split {
    std::string folder;
    std::string name;
};

Split split(std::string_view path) {
    while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
    std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return {"/", std::string(path)};
    return {slash == 0 ? "/" : std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

std::string join(const std::string& folder, const std::string& name) { return folder == "/" ? folder + name : folder + '/' + name; }

}  // namespace

bool OverlayFileSystem::hidden(std::string_view real) const {
    if (hidden_.empty()) return false;
    while (!real.empty()) {
        if (hidden_.contains(std::string(real))) return true;
        real = real.substr(0, real.rfind('/'));
    }
    return false;
}

// A folder of the base, with its owner and mode, as a folder of the layer.
SystemResult<void> OverlayFileSystem::mirror_folder(const std::string& real) {
    if (real == "/" || layer_.node(real)) return {};
    if (auto done = mirror_folder(split(real).folder); !done) return done;
    auto below = node(real);
    if (!below) return layer_.add_directory(real);
    return layer_.add_directory(real, {below->status.mode, below->status.uid, below->status.gid, below->status.modified});
}

SystemResult<std::string> OverlayFileSystem::prepare(std::string_view path, bool directory) {
    Split parts = split(path);
    if (parts.name.empty() || parts.name == "." || parts.name == "..") return std::unexpected(EISDIR);
    if (parts.name.size() > longest_name || path.size() >= longest_path) return std::unexpected(ENAMETOOLONG);
    auto folder = walk(parts.folder, Credentials{});
    if (!folder && folder.error() == ENOENT) {
        if (auto made = add_directory(parts.folder); !made) return std::unexpected(made.error());
        folder = walk(parts.folder, Credentials{});
    }
    if (!folder) return std::unexpected(folder.error());
    if (folder->status.kind != FileKind::directory) return std::unexpected(ENOTDIR);
    std::string real = join(folder->path, parts.name);
    auto there = node(real);
    bool merge = directory && there && there->status.kind == FileKind::directory;
    if (auto done = mirror_folder(folder->path); !done) return std::unexpected(done.error());
    if (there && !merge) {
        layer_.remove(real);
        if (base_->node(real)) hidden_.insert(real);
    }
    return real;
}

SystemResult<void> OverlayFileSystem::add_file(std::string_view path, SourcePtr bytes, FileAttributes attributes) {
    auto real = prepare(path, false);
    if (!real) return std::unexpected(real.error());
    return layer_.add_file(*real, std::move(bytes), attributes);
}

SystemResult<void> OverlayFileSystem::add_library(DescribedLibrary library) {
    auto real = prepare(library.path, false);
    if (!real) return std::unexpected(real.error());
    library.path = *real;
    return layer_.add_library(std::make_shared<const DescribedLibrary>(std::move(library)));
}

SystemResult<void> OverlayFileSystem::add_link(std::string_view path, std::string_view text) {
    auto real = prepare(path, false);
    if (!real) return std::unexpected(real.error());
    return layer_.add_link(*real, text);
}

SystemResult<void> OverlayFileSystem::add_directory(std::string_view path, FileAttributes attributes) {
    if (split(path).name.empty()) return {};
    auto real = prepare(path, true);
    if (!real) return std::unexpected(real.error());
    return layer_.add_directory(*real, attributes);
}

SystemResult<void> OverlayFileSystem::remove(std::string_view path) {
    Split parts = split(path);
    auto folder = walk(parts.folder, Credentials{});
    if (!folder) return std::unexpected(folder.error());
    std::string real = join(folder->path, parts.name);
    if (auto there = node(real); !there) return std::unexpected(there.error());
    layer_.remove(real);
    if (base_->node(real)) hidden_.insert(real);
    return {};
}

SystemResult<Node> OverlayFileSystem::node(std::string_view path) const {
    if (path != "/") {
        if (auto mine = layer_.node(path)) return mine;
        if (hidden(path)) return std::unexpected(ENOENT);
    }
    return base_->node(path);
}

std::vector<std::string> OverlayFileSystem::list(std::string_view directory) const {
    auto found = walk(directory, Credentials{});
    if (!found || found->status.kind != FileKind::directory) return {};
    std::vector<std::string> names = layer_.list(found->path);
    if (!hidden(found->path)) {
        for (std::string& name : base_->list(found->path)) {
            if (!hidden_.contains(join(found->path, name))) names.push_back(std::move(name));
        }
    }
    std::ranges::sort(names);
    auto [first, last] = std::ranges::unique(names);
    names.erase(first, last);
    return names;
}

SystemResult<Contents> OverlayFileSystem::contents(const std::string& real_path, const FileStatus&) const {
    if (layer_.node(real_path)) return layer_.open(real_path, Credentials{});
    return base_->open(real_path, Credentials{});
}

}  // namespace abiscope::target
