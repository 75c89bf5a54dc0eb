#include <cerrno>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <mutex>
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

// The mappings there are: only their pages can be given back and read again.
class Mappings {
public:
    void add(std::span<const std::byte> bytes) {
        std::lock_guard lock(mutex_);
        sizes_.emplace(start_of(bytes), bytes.size());
    }
    void remove(std::span<const std::byte> bytes) {
        std::lock_guard lock(mutex_);
        sizes_.erase(start_of(bytes));
        ::munmap(const_cast<std::byte*>(bytes.data()), bytes.size());
    }
    void give_back(std::span<const std::byte> part) {
        std::lock_guard lock(mutex_);
        auto behind = sizes_.upper_bound(start_of(part));
        if (part.empty() || behind == sizes_.begin()) return;
        auto [start, size] = *std::prev(behind);
        if (start_of(part) - start > size || part.size() > size - (start_of(part) - start)) return;
        static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
        std::uintptr_t first = (start_of(part) + page - 1) / page * page;
        std::uintptr_t last = (start_of(part) + part.size()) / page * page;
        if (first < last) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
    }

private:
    static std::uintptr_t start_of(std::span<const std::byte> bytes) { return reinterpret_cast<std::uintptr_t>(bytes.data()); }

    std::mutex mutex_;
    std::map<std::uintptr_t, std::size_t> sizes_;
};

// Never destroyed: a Source may outlive what is static.
Mappings& mappings() {
    static auto* all = new Mappings;
    return *all;
}

}  // namespace

void give_back_pages(View part) { mappings().give_back(part.bytes()); }

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
    mappings().add(bytes);
    return Source::from_foreign(path, bytes, [bytes] { mappings().remove(bytes); });
}

}  // namespace abiscope
