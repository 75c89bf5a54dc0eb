// The files of a root as they lie on a disk of this machine: "/" itself, or a folder that holds another system's root.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "target/tree_file_system.h"

namespace abiscope::target {

// Looks at each place once and remembers it, also that nothing is there: a file that appears or changes later may not be seen. Thread-safe.
class RootFileSystem final : public TreeFileSystem {
public:
    // `folder` becomes the root of all paths. Errors: cannot_open, not_a_file when it is no directory.
    [[nodiscard]] static Result<std::shared_ptr<const RootFileSystem>> open_root(const std::string& folder);
    ~RootFileSystem() override;

    // For "/" and the very user of this process the kernel itself is asked, so that ACLs and supplementary groups count too.
    [[nodiscard]] SystemResult<FileStatus> status(std::string_view path, Credentials who) const override;
    [[nodiscard]] SystemResult<Contents> open(std::string_view path, Credentials who) const override;
    [[nodiscard]] SystemResult<Node> node(std::string_view path) const override;
    [[nodiscard]] std::vector<std::string> list(std::string_view directory) const override;
    [[nodiscard]] bool complete() const override { return true; }

    // Where a real path of the target lies on this machine.
    [[nodiscard]] std::string host_path(std::string_view real_path) const;

private:
    class Memory;
    explicit RootFileSystem(std::string prefix);
    [[nodiscard]] SystemResult<Contents> contents(const std::string& real_path, const FileStatus& status) const override;
    [[nodiscard]] bool kernel_answers_for(Credentials who) const;
    [[nodiscard]] SystemResult<FileStatus> remembered_status(std::string_view path) const;

    std::string prefix_;  // without a trailing slash: empty for "/"
    Credentials self_;
    std::unique_ptr<Memory> memory_;
};

// The credentials of this process.
[[nodiscard]] Credentials own_credentials();

}  // namespace abiscope::target
