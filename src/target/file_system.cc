#include "target/file_system.h"

namespace abiscope::target {

bool permits(const FileStatus& status, Credentials who, Access access) {
    if (access == Access::execute && status.no_execute) return false;
    if (access == Access::execute && status.may_execute) return *status.may_execute;
    if (who.uid == 0) return access != Access::execute || status.kind == FileKind::directory || (status.mode & 0111) != 0;
    unsigned shift = who.uid == status.uid ? 6 : who.gid == status.gid ? 3 : 0;
    return ((status.mode >> shift) & static_cast<unsigned>(access)) != 0;
}

}  // namespace abiscope::target
