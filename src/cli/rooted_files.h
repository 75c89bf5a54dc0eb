#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <sys/stat.h>

#include "bytes/mapped_file.h"
#include "core/module.h"

namespace abiscope::cli {

// Files by the paths they had where the program ran, below the root that was named.
class RootedFiles final : public core::Files {
public:
    explicit RootedFiles(std::string root) : root_(std::move(root)) {}

    [[nodiscard]] Result<SourcePtr> open(const std::string& path) override { return open_file(place(path)); }
    [[nodiscard]] std::optional<std::uint64_t> size(const std::string& path) override {
        struct stat status{};
        if (::stat(place(path).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
        return static_cast<std::uint64_t>(status.st_size);
    }
    // A path of this machine, whatever the root.
    void keep(std::string path) { kept_ = std::move(path); }

private:
    [[nodiscard]] std::string place(const std::string& path) const { return root_.empty() || path == kept_ ? path : root_ + "/" + path; }

    std::string root_;
    std::string kept_;
};

}  // namespace abiscope::cli
