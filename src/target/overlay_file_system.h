// Another file system with some paths added, replaced or removed: to try a fix by simulation, and to place a program where it is to run.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "target/memory_file_system.h"

namespace abiscope::target {

// Filled by one thread, then read by any number. Paths lead through the links of what lies below; missing folders come into being.
class OverlayFileSystem final : public TreeFileSystem {
public:
    explicit OverlayFileSystem(FileSystemPtr base) : base_(std::move(base)), layer_(base_->complete()) {}

    // The errno says why nothing was added. A file already there is replaced.
    SystemResult<void> add_file(std::string_view path, SourcePtr bytes, FileAttributes attributes = {0755, 0, 0, 0});
    SystemResult<void> add_library(DescribedLibrary library);
    SystemResult<void> add_link(std::string_view path, std::string_view text);
    SystemResult<void> add_directory(std::string_view path, FileAttributes attributes = {0755, 0, 0, 0});
    // A link itself is removed, a folder with everything below it. ENOENT when nothing is there.
    SystemResult<void> remove(std::string_view path);

    [[nodiscard]] SystemResult<Node> node(std::string_view path) const override;
    [[nodiscard]] std::vector<std::string> list(std::string_view directory) const override;
    [[nodiscard]] bool complete() const override { return base_->complete(); }
    [[nodiscard]] bool complete_in(std::string_view directory) const override { return base_->complete_in(directory); }

private:
    [[nodiscard]] SystemResult<Contents> contents(const std::string& real_path, const FileStatus& status) const override;
    // The real path for a new entry, its folder made in the layer; what was there is hidden unless both are directories.
    SystemResult<std::string> prepare(std::string_view path, bool directory);
    SystemResult<void> mirror_folder(const std::string& real);
    [[nodiscard]] bool hidden(std::string_view real) const;

    FileSystemPtr base_;
    MemoryFileSystem layer_;
    std::unordered_set<std::string> hidden_;   // real paths of the base that no longer show, nor what is below them
};

}  // namespace abiscope::target
