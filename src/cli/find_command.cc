#include "cli/find_command.h"

#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/file_capabilities.h"

namespace abiscope::cli {

std::string find_command(const std::string& word) {
    if (word.find('/') != std::string::npos) return word;
    if (word.empty()) return {};
    const char* list = std::getenv("PATH");
    std::string second;
    for (std::string_view folder : text::split(list != nullptr ? list : "/bin:/usr/bin", ":")) {
        std::string path = folder.empty() ? "./" + word : fmt::format("{}/{}", folder, word);
        struct stat status{};
        if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        if (::access(path.c_str(), X_OK) == 0) return path;
        if (second.empty()) second = path;
    }
    return second;
}

std::string gained_privileges(const std::string& path) {
    struct stat status{};
    // Linux, security/commoncap.c: a tracer with CAP_SYS_PTRACE takes nothing away.
    if (::geteuid() == 0 || ::stat(path.c_str(), &status) != 0) return {};
    if ((status.st_mode & S_ISUID) != 0 && status.st_uid != ::geteuid()) return fmt::format("the privileges of user {}", status.st_uid);
    bool group = (status.st_mode & S_ISGID) != 0 && (status.st_mode & S_IXGRP) != 0;
    if (group && status.st_gid != ::getegid()) return fmt::format("the privileges of group {}", status.st_gid);
    return permits_capabilities(path) ? "file capabilities" : "";
}

}  // namespace abiscope::cli
