// The way from a path to a file, as Linux goes it (fs/namei.c), for every FileSystem that can say what lies at one place. The root of the
// tree is the root of the walk: neither `..` nor an absolute link leads out of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "target/file_system.h"

namespace abiscope::target {

// include/linux/limits.h and include/linux/namei.h
inline constexpr std::size_t longest_path = 4096;      // PATH_MAX: with the terminating NUL
inline constexpr std::size_t longest_name = 255;       // NAME_MAX
inline constexpr unsigned most_links = 40;             // MAXSYMLINKS

class TreeFileSystem : public FileSystem {
public:
    [[nodiscard]] SystemResult<FileStatus> status(std::string_view path, Credentials who) const override;
    [[nodiscard]] SystemResult<Contents> open(std::string_view path, Credentials who) const override;
    [[nodiscard]] SystemResult<std::string> real_path(std::string_view path) const override;

protected:
    struct Found {
        std::string path;              // real: absolute, without links, `.` and `..`; "/" for the root
        FileStatus status;
    };
    [[nodiscard]] SystemResult<Found> walk(std::string_view path, Credentials who) const;

    // Bytes of the regular file at a real path; permission has been checked.
    [[nodiscard]] virtual SystemResult<Contents> contents(const std::string& real_path, const FileStatus& status) const = 0;
};

// A number for FileStatus::device that no real device and no other tree of this process has.
[[nodiscard]] std::uint64_t new_device();

}  // namespace abiscope::target
