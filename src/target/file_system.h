// The files of a target as its kernel and its dynamic loader would meet them: a live root, a folder that holds one, a captured profile,
// or a catalogue entry that knows only names. Paths are absolute paths *on the target*; symbolic links never lead out of it.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bytes/source.h"

namespace abiscope::target {

enum class FileKind : std::uint8_t { regular, directory, other };

struct FileStatus {
    FileKind kind = FileKind::regular;
    std::uint32_t mode = 0;            // permission bits, 07777
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint64_t size = 0;            // bytes
    std::uint64_t device = 0;          // together with inode: two paths are the same file when both are equal
    std::uint64_t inode = 0;
    std::uint64_t modified = 0;        // seconds since 1970-01-01 UTC
    // Of the file system it lies on: mounted noexec, nosuid; known of the machine itself, not of folders and profiles.
    bool no_execute = false;
    bool no_setuid = false;
    bool permits_capabilities = false;  // to whoever starts it (setcap)
    // The kernel's own answer for the user who asks, who may be in more groups than one, and for whom an ACL may say something; empty:
    // nobody asked, and the mode decides.
    std::optional<bool> may_execute;
};

// Who asks. Root (uid 0) passes every read and search check, and execute checks when any x bit is set.
struct Credentials {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    bool operator==(const Credentials&) const = default;
};

// What lies at a path itself, without following it.
struct Node {
    FileStatus status;
    bool is_link = false;  // then status is the link's own, its kind `other`
    std::string link;  // the text of a symbolic link
};

enum class Access : std::uint8_t { execute = 1, write = 2, read = 4 };

// The kernel's generic_permission() without ACLs: owner, group or other bits; root as said above.
[[nodiscard]] bool permits(const FileStatus& status, Credentials who, Access access);

// A library of which only facts are known (catalogue): no bytes, no symbols.
struct DescribedLibrary {
    std::string soname;
    std::string path;
    std::vector<std::string> needed;
    std::vector<std::string> versions;  // version nodes it defines; empty when it has none
    std::vector<std::string> doubtful_versions;  // nodes that some builds of it define and others do not: only the real file tells
    std::string source;  // where these facts come from
};

using Contents = std::variant<SourcePtr, std::shared_ptr<const DescribedLibrary>>;

// Failures are errno numbers of Linux: ENOENT, ENOTDIR, EACCES, EISDIR, ELOOP, ENAMETOOLONG, EIO.
template <typename T>
using SystemResult = std::expected<T, int>;

class FileSystem {
public:
    virtual ~FileSystem() = default;

    // Follows symbolic links. Checks search permission on every directory on the way.
    [[nodiscard]] virtual SystemResult<FileStatus> status(std::string_view path, Credentials who) const = 0;

    // Bytes or description of a regular file that `who` may read. A directory gives EISDIR; a device, pipe or socket has no bytes.
    [[nodiscard]] virtual SystemResult<Contents> open(std::string_view path, Credentials who) const = 0;

    // The path with every symbolic link resolved.
    [[nodiscard]] virtual SystemResult<std::string> real_path(std::string_view path) const = 0;

    // What lies at `path` itself: lstat(2). The directories on the way must be real ones, so that nothing has to be followed.
    [[nodiscard]] virtual SystemResult<Node> node(std::string_view path) const = 0;

    // Names in a directory, sorted, without . and ..; empty when there is none. Symbolic links on the way are followed.
    [[nodiscard]] virtual std::vector<std::string> list(std::string_view directory) const = 0;

    // What is not listed is not there. False for a catalogue, which names only a base system: anything else may be installed.
    [[nodiscard]] virtual bool complete() const = 0;

    // The same for one folder, which need not exist: a profile holds all of some folders and nothing of others.
    [[nodiscard]] virtual bool complete_in(std::string_view /*directory*/) const { return complete(); }
};

using FileSystemPtr = std::shared_ptr<const FileSystem>;

}  // namespace abiscope::target
