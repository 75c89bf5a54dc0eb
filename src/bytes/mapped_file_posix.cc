#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/mapped_file.h"

namespace abiscope {

namespace {

struct Descriptor {
    int number;
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
};

std::unexpected<Error> cannot_open(const std::string& path, int reason) {
    return fail(
        Error{.code = ErrorCode::cannot_open, .what = "cannot be opened", .file = path, .wanted = {}, .had = std::strerror(reason)});
}

}  // namespace

Result<SourcePtr> read_descriptor(int descriptor, std::string name, const Limits& limits) {
    std::vector<std::byte> bytes;
    constexpr std::size_t step = 1 << 16;
    for (;;) {
        std::size_t used = bytes.size();
        if (used >= limits.stream_bytes) {
            return fail(
                Error{.code = ErrorCode::limit_reached, .what = "is longer than a stream may be", .file = name, .wanted = {}, .had = {}});
        }
        bytes.resize(used + step);
        ssize_t got = ::read(descriptor, bytes.data() + used, step);
        if (got < 0 && errno == EINTR) got = 0;
        else if (got < 0) return cannot_open(name, errno);
        else if (got == 0) {
            bytes.resize(used);
            return Source::from_memory(std::move(name), std::move(bytes));
        }
        bytes.resize(used + static_cast<std::size_t>(got));
    }
}

Result<SourcePtr> open_file(const std::string& path, const Limits& limits) {
    // O_NONBLOCK: opening a FIFO nobody writes to must not hang.
    Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    if (file.number < 0) return cannot_open(path, errno);
    struct stat status{};
    if (::fstat(file.number, &status) != 0) return cannot_open(path, errno);
    if (S_ISDIR(status.st_mode)) {
        return fail(Error{.code = ErrorCode::not_a_file, .what = "is a directory, not a file", .file = path, .wanted = {}, .had = {}});
    }
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) {
        return fail(
            Error{.code = ErrorCode::not_a_file, .what = "is a device or socket, not a file", .file = path, .wanted = {}, .had = {}});
    }
    if (S_ISFIFO(status.st_mode)) ::fcntl(file.number, F_SETFL, 0);
    if (!S_ISREG(status.st_mode) || status.st_size == 0) return read_descriptor(file.number, path, limits);
    auto size = static_cast<std::size_t>(status.st_size);
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
    if (address == MAP_FAILED) return cannot_open(path, errno);
    std::span bytes(static_cast<const std::byte*>(address), size);
    return Source::from_foreign(path, bytes, [address, size] { ::munmap(address, size); });
}

}  // namespace abiscope
