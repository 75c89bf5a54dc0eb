#include <algorithm>
#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "bytes/sparse_write.h"

namespace abiscope {

namespace {

constexpr std::size_t page = 4096;

// 0, or the errno.
int write_at(int descriptor, std::span<const std::byte> bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return written < 0 ? errno : ENOSPC;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return 0;
}

bool all_zero(std::span<const std::byte> bytes) {
    return bytes[0] == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

}  // namespace

int write_but_zeros(int descriptor, std::span<const std::byte> bytes, std::uint64_t offset) {
    std::size_t start = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        std::size_t count = std::min(bytes.size() - at, page - static_cast<std::size_t>((offset + at) % page));
        if (all_zero(bytes.subspan(at, count))) {
            if (int failure = write_at(descriptor, bytes.subspan(start, at - start), offset + start)) return failure;
            start = at + count;
        }
        at += count;
    }
    return write_at(descriptor, bytes.subspan(start), offset + start);
}

}  // namespace abiscope
