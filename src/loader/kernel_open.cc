#include "loader/kernel_open.h"

#include <cerrno>

#include <fmt/format.h>

#include "loader/errno_names.h"
#include "loader/kernel_decision.h"

namespace abiscope::loader {

std::string absolute_path(std::string_view path, const target::Target& target) {
    if (path.starts_with('/')) return std::string(path);
    while (path.starts_with("./")) path.remove_prefix(2);
    std::string_view directory = target.working_directory;
    return fmt::format("{}{}{}", directory, directory.ends_with('/') ? "" : "/", path);
}

int check_executable(const target::FileStatus& status, target::Credentials who, std::string& reason) {
    if (status.kind == target::FileKind::directory) {
        reason = "it is a directory";
    } else if (status.kind != target::FileKind::regular) {
        reason = "it is not a regular file";
    } else if (status.no_execute) {
        reason = "it lies on a file system that is mounted noexec";
    } else if (!target::permits(status, who, target::Access::execute)) {
        bool by_mode = target::permits(target::FileStatus{.kind = status.kind, .mode = status.mode, .uid = status.uid, .gid = status.gid},
                                       who, target::Access::execute);
        reason = by_mode ? fmt::format("an access control list gives uid {} no right to execute it", who.uid)
                         : fmt::format("its mode {:04o} gives uid {} no right to execute it", status.mode & 07777, who.uid);
    } else {
        return 0;
    }
    return EACCES;
}

bool changes_identity(const target::FileStatus& status, const target::Target& target) {
    if (target.no_new_privileges || status.no_setuid) return false;
    constexpr std::uint32_t setuid = 04000, setgid = 02000, group_execute = 010;
    if ((status.mode & setuid) != 0 && status.uid != target.user.uid) return true;
    // Linux, security/commoncap.c, cap_bprm_creds_from_file(): root has them anyway.
    if (status.permits_capabilities && target.user.uid != 0) return true;
    return (status.mode & (setgid | group_execute)) == (setgid | group_execute) && status.gid != target.user.gid;
}

OpenedForExec open_for_exec(std::string_view path, const target::Target& target, ModuleCache& cache) {
    OpenedForExec opened;
    auto failed = [&](int error, std::string reason) {
        opened.error = error;
        opened.reason = std::move(reason);
        return opened;
    };
    // open_exec() takes an empty name, unlike the system calls, and finds the working directory there.
    if (path.empty()) return failed(EACCES, "the name is empty, which to the kernel is the working directory");
    if (path.size() >= path_max) return failed(ENAMETOOLONG, "the name is longer than PATH_MAX");
    opened.path = absolute_path(path, target);
    const target::FileSystemPtr& files = cache.files();
    if (!files) {
        opened.known = false;
        return failed(ENOENT, "the target's files are not known");
    }
    auto status = files->status(opened.path, target.user);
    if (!status) {
        // A catalogue knows a base system, a profile some folders whole; what else is installed they do not say.
        opened.known = status.error() != ENOENT || files->complete_in(opened.path);
        return failed(status.error(), errno_text(status.error()));
    }
    opened.status = *status;
    std::string reason;
    if (int error = check_executable(*status, target.user, reason); error != 0) return failed(error, std::move(reason));
    // The kernel reads what it executes, whatever the r bits say.
    auto file = cache.open(opened.path, target::Credentials{0, 0});
    if (!file || file->module == nullptr) {
        opened.known = false;
        opened.reason = fmt::format("{} cannot be read here", opened.path);
        return opened;
    }
    opened.module = file->module;
    if (opened.module->description() != nullptr) {
        opened.known = false;
        opened.reason = fmt::format("only the name of {} is known, not its bytes", opened.path);
    }
    return opened;
}

}  // namespace abiscope::loader
