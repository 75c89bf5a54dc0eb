// A tree of files that exists in memory only: what an archive, an image, a profile or the catalogue says of a root, and the files of tests.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "target/tree_file_system.h"

namespace abiscope::target {

// Owner and permissions of what is added.
struct FileAttributes {
    std::uint32_t mode = 0644;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint64_t modified = 0;  // seconds since 1970-01-01 UTC
};

// Filled by one thread, then read by any number. Paths are absolute; directories on the way come into being (root's, 0755) and, unlike
// everywhere else, symbolic links on the way are followed inside the tree when the last component is added.
class MemoryFileSystem final : public TreeFileSystem {
public:
    explicit MemoryFileSystem(bool complete = true);

    // Bytes made on first need, so that thousands of files cost nothing until one is opened. Called by any thread, more than once at times.
    using Maker = std::function<SystemResult<SourcePtr>()>;

    // Each replaces what was there; a directory keeps its entries. The errno says why nothing was added (ENOTDIR, ELOOP, ENAMETOOLONG).
    SystemResult<void> add_file(std::string_view path, SourcePtr bytes, FileAttributes attributes = {0755, 0, 0, 0});
    SystemResult<void> add_file(std::string_view path, std::string_view text, FileAttributes attributes = {});
    SystemResult<void> add_file(std::string_view path, Maker maker, std::uint64_t size, FileAttributes attributes);
    SystemResult<void> add_library(std::shared_ptr<const DescribedLibrary> library);
    SystemResult<void> add_directory(std::string_view path, FileAttributes attributes = {0755, 0, 0, 0});
    SystemResult<void> add_link(std::string_view path, std::string_view text, FileAttributes attributes = {0777, 0, 0, 0});
    SystemResult<void> add_other(std::string_view path, FileAttributes attributes);
    // A second name for a regular file. ENOENT when there is no such file.
    SystemResult<void> add_hard_link(std::string_view path, std::string_view existing);
    // With everything below it.
    void remove(std::string_view path);

    [[nodiscard]] SystemResult<Node> node(std::string_view path) const override;
    [[nodiscard]] std::vector<std::string> list(std::string_view directory) const override;
    [[nodiscard]] bool complete() const override { return complete_; }
    [[nodiscard]] bool complete_in(std::string_view directory) const override;
    // Says that every name of that folder is here, though the tree as a whole is not complete.
    void mark_listed(std::string_view directory);
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

    // Every path, sorted.
    [[nodiscard]] std::vector<std::string> paths() const;

private:
    using Bytes = std::variant<std::monostate, SourcePtr, Maker, std::shared_ptr<const DescribedLibrary>>;
    struct Entry {
        Node node;
        Bytes bytes;
        std::vector<std::string> children;  // of a directory, in the order they came
        bool listed = false;  // of a directory: there are no other names in it
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    [[nodiscard]] SystemResult<Contents> contents(const std::string& real_path, const FileStatus& status) const override;
    [[nodiscard]] SystemResult<std::string> place_for(std::string_view path);
    SystemResult<void> put(std::string_view path, FileKind kind, std::uint64_t size, FileAttributes attributes, Bytes bytes,
                           const std::string* link);
    void erase(const std::string& real);

    std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;  // by real path; "/" is the root
    std::uint64_t device_;
    std::uint64_t next_inode_ = 2;
    bool complete_;
};

}  // namespace abiscope::target
