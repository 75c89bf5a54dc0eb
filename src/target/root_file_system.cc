#include "target/root_file_system.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>

#include <dirent.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "bytes/mapped_file.h"

namespace abiscope::target {

namespace {

FileStatus status_of(const struct stat& raw) {
    FileStatus status;
    status.kind = S_ISREG(raw.st_mode) ? FileKind::regular : S_ISDIR(raw.st_mode) ? FileKind::directory : FileKind::other;
    status.mode = raw.st_mode & 07777;
    status.uid = raw.st_uid;
    status.gid = raw.st_gid;
    status.size = static_cast<std::uint64_t>(raw.st_size);
    status.device = raw.st_dev;
    status.inode = raw.st_ino;
    status.modified = static_cast<std::uint64_t>(std::max<time_t>(raw.st_mtime, 0));
    return status;
}

void add_mount_flags(const std::string& path, FileStatus& status) {
    struct statvfs mount{};
    if (::statvfs(path.c_str(), &mount) != 0) return;
    status.no_execute = (mount.f_flag & ST_NOEXEC) != 0;
    status.no_setuid = (mount.f_flag & ST_NOSUID) != 0;
}

// A map from paths to answers, in shards so that threads seldom meet.
template <typename Answer>
class PathMap {
public:
    [[nodiscard]] std::optional<Answer> find(std::string_view path) const {
        const Shard& shard = shard_of(path);
        std::shared_lock lock(shard.mutex);
        auto at = shard.answers.find(path);
        if (at == shard.answers.end()) return std::nullopt;
        return at->second;
    }
    void keep(std::string_view path, const Answer& answer) {
        Shard& shard = const_cast<Shard&>(shard_of(path));
        std::unique_lock lock(shard.mutex);
        shard.answers.emplace(path, answer);
    }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    struct Shard {
        mutable std::shared_mutex mutex;
        std::unordered_map<std::string, Answer, Hash, std::equal_to<>> answers;
    };
    [[nodiscard]] const Shard& shard_of(std::string_view path) const { return shards_[(Hash{}(path) >> 7) % shards_.size()]; }
    std::array<Shard, 16> shards_;
};

}  // namespace

class RootFileSystem::Memory {
public:
    PathMap<SystemResult<FileStatus>> statuses;   // links followed, by the kernel
    PathMap<SystemResult<Node>> nodes;
};

RootFileSystem::RootFileSystem(std::string prefix)
    : prefix_(std::move(prefix)), self_(own_credentials()), memory_(std::make_unique<Memory>()) {}
RootFileSystem::~RootFileSystem() = default;

Result<std::shared_ptr<const RootFileSystem>> RootFileSystem::open_root(const std::string& folder) {
    struct stat raw{};
    auto refuse = [&](ErrorCode code, std::string what, std::string had) {
        return fail(Error{.code = code, .what = std::move(what), .file = folder, .wanted = {}, .had = std::move(had)});
    };
    if (::stat(folder.c_str(), &raw) != 0) return refuse(ErrorCode::cannot_open, "cannot be opened", std::strerror(errno));
    if (!S_ISDIR(raw.st_mode)) return refuse(ErrorCode::not_a_file, "is not a folder", {});
    std::unique_ptr<char, decltype(&::free)> real(::realpath(folder.c_str(), nullptr), &::free);
    if (!real) return refuse(ErrorCode::cannot_open, "cannot be opened", std::strerror(errno));
    std::string prefix = real.get();
    if (prefix == "/") prefix.clear();
    return std::shared_ptr<const RootFileSystem>(new RootFileSystem(std::move(prefix)));
}

std::string RootFileSystem::host_path(std::string_view real_path) const {
    if (prefix_.empty()) return std::string(real_path);
    return real_path == "/" ? prefix_ : prefix_ + std::string(real_path);
}

bool RootFileSystem::kernel_answers_for(Credentials who) const { return prefix_.empty() && who == self_; }

SystemResult<FileStatus> RootFileSystem::remembered_status(std::string_view path) const {
    if (auto known = memory_->statuses.find(path)) return *known;
    // Most lookups of a loader fail because the folder is not there at all (glibc-hwcaps/...): one answer serves all names in it.
    std::size_t slash = path.rfind('/');
    if (slash != std::string_view::npos && slash > 0 && slash + 1 < path.size()) {
        auto folder = remembered_status(path.substr(0, slash));
        if (!folder && folder.error() == ENOENT) return folder;
    }
    struct stat raw{};
    std::string terminated(path);
    SystemResult<FileStatus> answer =
        ::stat(terminated.c_str(), &raw) == 0 ? SystemResult<FileStatus>(status_of(raw)) : std::unexpected(errno);
    if (answer && answer->kind == FileKind::regular) {
        add_mount_flags(terminated, *answer);
        // Real and effective ids are the same here, unless somebody made this very program set-user-ID.
        if (self_.uid != 0 && !answer->no_execute) answer->may_execute = ::access(terminated.c_str(), X_OK) == 0;
    }
    memory_->statuses.keep(path, answer);
    return answer;
}

SystemResult<FileStatus> RootFileSystem::status(std::string_view path, Credentials who) const {
    if (!kernel_answers_for(who) || path.empty() || path.front() != '/') return TreeFileSystem::status(path, who);
    return remembered_status(path);
}

SystemResult<Contents> RootFileSystem::open(std::string_view path, Credentials who) const {
    if (!kernel_answers_for(who) || path.empty() || path.front() != '/') return TreeFileSystem::open(path, who);
    auto known = remembered_status(path);
    if (!known) return std::unexpected(known.error());
    if (known->kind == FileKind::directory) return std::unexpected(EISDIR);
    if (::access(std::string(path).c_str(), R_OK) != 0) return std::unexpected(errno);
    if (known->kind == FileKind::other) return Contents(Source::from_memory(std::string(path), {}));
    return contents(std::string(path), *known);
}

SystemResult<Node> RootFileSystem::node(std::string_view path) const {
    if (auto known = memory_->nodes.find(path)) return *known;
    auto look = [&]() -> SystemResult<Node> {
        std::string real = host_path(path);
        struct stat raw{};
        if (::lstat(real.c_str(), &raw) != 0) return std::unexpected(errno);
        Node node{.status = status_of(raw), .is_link = S_ISLNK(raw.st_mode), .link = {}};
        if (!node.is_link) {
            if (prefix_.empty() && node.status.kind == FileKind::regular) add_mount_flags(real, node.status);
            return node;
        }
        std::array<char, longest_path> text{};
        ssize_t size = ::readlink(real.c_str(), text.data(), text.size());
        if (size < 0) return std::unexpected(errno);
        node.link.assign(text.data(), static_cast<std::size_t>(size));
        return node;
    };
    SystemResult<Node> answer = look();
    memory_->nodes.keep(path, answer);
    return answer;
}

std::vector<std::string> RootFileSystem::list(std::string_view directory) const {
    auto found = walk(directory, Credentials{});
    if (!found) return {};
    std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(host_path(found->path).c_str()), &::closedir);
    std::vector<std::string> names;
    if (!folder) return names;
    while (const dirent* entry = ::readdir(folder.get())) {
        std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    std::ranges::sort(names);
    return names;
}

SystemResult<Contents> RootFileSystem::contents(const std::string& real_path, const FileStatus&) const {
    auto source = open_file(host_path(real_path));
    // open_file tells the reason in words only; what else than a race or the disk could still refuse here is EIO to a loader.
    if (!source) return std::unexpected(::access(host_path(real_path).c_str(), R_OK) != 0 ? errno : EIO);
    return Contents(*std::move(source));
}

Credentials own_credentials() { return {static_cast<std::uint32_t>(::geteuid()), static_cast<std::uint32_t>(::getegid())}; }

}  // namespace abiscope::target
