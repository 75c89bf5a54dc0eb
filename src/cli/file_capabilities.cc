#include "cli/file_capabilities.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include <sys/xattr.h>

#include "bytes/endian.h"

namespace abiscope::cli {

bool permits_capabilities(const std::string& path) {
    // Linux, include/uapi/linux/capability.h, struct vfs_cap_data: a word of revision and flags, then pairs of words, permitted and
    // inheritable; the first revision has one pair, later ones two and at the end the user they count from.
    constexpr std::size_t word = 4;
    std::array<std::byte, 6 * word> data{};
    auto size = ::getxattr(path.c_str(), "security.capability", data.data(), data.size());
    if (size < static_cast<std::ptrdiff_t>(3 * word)) return false;
    auto permitted = [&](std::size_t pair) { return load<std::uint32_t>(data.data() + word + pair * 2 * word, Endian::little); };
    bool two = size >= static_cast<std::ptrdiff_t>(5 * word);
    return permitted(0) != 0 || (two && permitted(1) != 0);
}

}  // namespace abiscope::cli
