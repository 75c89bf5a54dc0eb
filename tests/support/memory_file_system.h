// A target's files made of nothing: what a unit test or a fuzz target puts in is there, and nothing else is.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "target/file_system.h"

namespace abiscope::testing {

// Directories come into being with the files in them (mode 0755, root's). Symbolic links are followed as the kernel does, at most 40 of
// them; search permission is checked on every directory.
class MemoryFileSystem : public target::FileSystem {
public:
    static constexpr std::size_t longest_path = 4095;
    static constexpr std::size_t longest_name = 255;

    explicit MemoryFileSystem(bool complete = true) : complete_(complete) { add_directory("/"); }

    void add_file(const std::string& path, std::string_view bytes, std::uint32_t mode = 0755, std::uint32_t uid = 0) {
        std::vector<std::byte> copy(bytes.size());
        if (!bytes.empty()) std::memcpy(copy.data(), bytes.data(), bytes.size());
        Node& node = make(path, target::FileKind::regular, mode, uid);
        node.status.size = bytes.size();
        node.contents = Source::from_memory(path, std::move(copy));
    }

    void add_library(target::DescribedLibrary library, std::uint32_t mode = 0755) {
        std::string path = library.path;
        make(path, target::FileKind::regular, mode, 0).contents = std::make_shared<const target::DescribedLibrary>(std::move(library));
    }

    void add_directory(const std::string& path, std::uint32_t mode = 0755, std::uint32_t uid = 0) {
        make(path, target::FileKind::directory, mode, uid);
    }

    void add_link(const std::string& path, std::string destination) {
        make(path, target::FileKind::other, 0777, 0).link = std::move(destination);
    }

    // A pipe, a socket or a device.
    void add_other(const std::string& path, std::uint32_t mode = 0666) { make(path, target::FileKind::other, mode, 0); }

    void remove(const std::string& path) { nodes_.erase(path); }

    target::SystemResult<target::FileStatus> status(std::string_view path, target::Credentials who) const override {
        auto found = walk(path, who);
        if (!found) return std::unexpected(found.error());
        return nodes_.at(*found).status;
    }

    target::SystemResult<target::Contents> open(std::string_view path, target::Credentials who) const override {
        auto found = walk(path, who);
        if (!found) return std::unexpected(found.error());
        const Node& node = nodes_.at(*found);
        if (!target::permits(node.status, who, target::Access::read)) return std::unexpected(EACCES);
        if (node.status.kind == target::FileKind::directory) return std::unexpected(EISDIR);
        if (node.status.kind != target::FileKind::regular) return std::unexpected(EINVAL);
        return node.contents;
    }

    target::SystemResult<std::string> real_path(std::string_view path) const override { return walk(path, {0, 0}); }

    target::SystemResult<target::Node> node(std::string_view path) const override {
        auto found = nodes_.find(std::string(path));
        if (found == nodes_.end()) return std::unexpected(ENOENT);
        return target::Node{found->second.status, !found->second.link.empty(), found->second.link};
    }

    std::vector<std::string> list(std::string_view directory) const override {
        std::vector<std::string> names;
        auto found = walk(directory, {0, 0});
        if (!found) return names;
        std::string prefix = *found == "/" ? "/" : *found + "/";
        for (const auto& [path, node] : nodes_) {
            if (path.size() <= prefix.size() || !path.starts_with(prefix)) continue;
            if (path.find('/', prefix.size()) == std::string::npos) names.push_back(path.substr(prefix.size()));
        }
        std::ranges::sort(names);
        return names;
    }

    bool complete() const override { return complete_; }

private:
    struct Node {
        target::FileStatus status;
        target::Contents contents;
        std::string link;   // where a symbolic link leads; empty for everything else
    };

    static std::string parent_of(const std::string& path) {
        auto slash = path.rfind('/');
        return slash == 0 ? "/" : path.substr(0, slash);
    }

    Node& make(const std::string& path, target::FileKind kind, std::uint32_t mode, std::uint32_t uid) {
        if (path != "/" && !nodes_.contains(parent_of(path))) add_directory(parent_of(path));
        Node& node = nodes_[path];
        node = {};
        node.status.kind = kind;
        node.status.mode = mode;
        node.status.uid = uid;
        node.status.device = 1;
        node.status.inode = ++last_inode_;
        return node;
    }

    target::SystemResult<std::string> walk(std::string_view path, target::Credentials who) const {
        if (path.empty()) return std::unexpected(ENOENT);
        if (path.size() > longest_path) return std::unexpected(ENAMETOOLONG);
        std::string at = "/";
        std::vector<std::string> left = parts_of(path);   // in reverse: the next one is at the back
        bool must_be_directory = path.ends_with('/');
        for (int links = 0; !left.empty();) {
            std::string part = std::move(left.back());
            left.pop_back();
            const Node& directory = nodes_.at(at);
            if (directory.status.kind != target::FileKind::directory) return std::unexpected(ENOTDIR);
            if (!target::permits(directory.status, who, target::Access::execute)) return std::unexpected(EACCES);
            if (part.size() > longest_name) return std::unexpected(ENAMETOOLONG);
            if (part == ".") continue;
            if (part == "..") {
                at = parent_of(at);
                continue;
            }
            std::string next = at == "/" ? "/" + part : at + "/" + part;
            auto node = nodes_.find(next);
            if (node == nodes_.end()) return std::unexpected(ENOENT);
            if (node->second.link.empty()) {
                at = std::move(next);
                continue;
            }
            if (++links > 40) return std::unexpected(ELOOP);
            if (node->second.link.starts_with('/')) at = "/";
            for (std::string& more : parts_of(node->second.link)) left.push_back(std::move(more));
        }
        if (must_be_directory && nodes_.at(at).status.kind != target::FileKind::directory) return std::unexpected(ENOTDIR);
        return at;
    }

    static std::vector<std::string> parts_of(std::string_view path) {
        std::vector<std::string> parts;
        for (std::size_t start = 0; start <= path.size();) {
            std::size_t slash = std::min(path.find('/', start), path.size());
            if (slash != start) parts.emplace_back(path.substr(start, slash - start));
            start = slash + 1;
        }
        std::ranges::reverse(parts);
        return parts;
    }

    std::map<std::string, Node> nodes_;
    std::uint64_t last_inode_ = 0;
    bool complete_;
};

}  // namespace abiscope::testing
