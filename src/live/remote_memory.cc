#include "live/remote_memory.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>

#include "bytes/sparse_write.h"

namespace abiscope::live {

namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t block = 16 * page;

std::unexpected<Error> failure(const std::string& what, const std::string& path, int reason) {
    return fail(Error{.code = ErrorCode::cannot_open, .what = what, .file = path, .wanted = {}, .had = std::strerror(reason)});
}

// Memory that cannot be read stays zero, as in the kernel's dumps.
void read_memory(int memory, std::uint64_t address, std::byte* into, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
        ssize_t got = ::pread(memory, into + done, size - done, static_cast<off_t>(address + done));
        if (got < 0 && errno == EINTR) continue;
        if (got > 0) done += static_cast<std::size_t>(got);
        else done = (done / page + 1) * page;   // this page alone
    }
}

struct Remote {
    std::byte* base = nullptr;
    std::size_t size = 0;
    int memory = -1;
    std::vector<core::DumpedPiece> pieces;
    struct sigaction before{};
};

// A signal handler has no other way to its data.
Remote* current = nullptr;

// The first touch of a block raises SIGSEGV: it is filled, and the instruction runs again. What lies elsewhere is a bug of this program,
// and dies as it would have without us.
void fill_block(int signal, siginfo_t* info, void* context) {
    int kept = errno;
    auto* at = static_cast<std::byte*>(info->si_addr);
    const Remote* remote = current;
    if (remote != nullptr && at >= remote->base && at < remote->base + remote->size) {
        auto offset = static_cast<std::uint64_t>(at - remote->base);
        auto after = std::upper_bound(remote->pieces.begin(), remote->pieces.end(), offset,
                                      [](std::uint64_t value, const core::DumpedPiece& piece) { return value < piece.file_offset; });
        if (after != remote->pieces.begin()) {
            const core::DumpedPiece& piece = *std::prev(after);
            std::uint64_t within = (offset - piece.file_offset) / block * block;
            if (within < piece.size) {
                std::size_t size = std::min<std::uint64_t>(block, piece.size - within);
                std::byte* start = remote->base + piece.file_offset + within;
                if (::mprotect(start, size, PROT_READ | PROT_WRITE) == 0) {
                    read_memory(remote->memory, piece.address + within, start, size);
                    errno = kept;
                    return;
                }
            }
        }
    }
    errno = kept;
    struct sigaction before = remote != nullptr ? remote->before : decltype(remote->before){};
    if ((before.sa_flags & SA_SIGINFO) != 0) {
        before.sa_sigaction(signal, info, context);
        return;
    }
    ::signal(signal, SIG_DFL);
}

void release(Remote* remote) {
    ::sigaction(SIGSEGV, &remote->before, nullptr);
    current = nullptr;
    ::munmap(remote->base, remote->size);
    ::close(remote->memory);
    delete remote;
}

Result<int> open_memory(int pid) {
    std::string path = fmt::format("/proc/{}/mem", pid);
    int memory = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (memory < 0) return failure("cannot be read", path, errno);
    return memory;
}

// Whether none of the pages of a private mapping is there: neither in memory nor swapped out (Linux, admin-guide/mm/pagemap.rst).
bool untouched(int page_map, std::uint64_t address, std::size_t size) {
    std::vector<std::uint64_t> entries(size / page);
    std::size_t bytes = entries.size() * sizeof(std::uint64_t);
    auto at = static_cast<off_t>(address / page * sizeof(std::uint64_t));
    if (::pread(page_map, entries.data(), bytes, at) != static_cast<ssize_t>(bytes)) return false;
    return std::all_of(entries.begin(), entries.end(), [](std::uint64_t entry) { return entry >> 62 == 0; });
}

}  // namespace

Result<SourcePtr> map_remote_core(std::string name, int pid, const core::CoreLayout& layout) {
    ABISCOPE_TRY(int memory, open_memory(pid));
    std::size_t size = (layout.size + page - 1) / page * page;
    void* base = ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    std::size_t head = (layout.head.size() + page - 1) / page * page;
    if (base == MAP_FAILED || ::mprotect(base, head, PROT_READ | PROT_WRITE) != 0) {
        int reason = errno;
        if (base != MAP_FAILED) ::munmap(base, size);
        ::close(memory);
        return failure("cannot be mapped", name, reason);
    }
    std::memcpy(base, layout.head.data(), layout.head.size());
    auto* remote = new Remote{.base = static_cast<std::byte*>(base), .size = size, .memory = memory, .pieces = layout.pieces};
    current = remote;
    struct sigaction action{};
    action.sa_sigaction = fill_block;
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    ::sigaction(SIGSEGV, &action, &remote->before);
    std::span bytes(static_cast<const std::byte*>(base), layout.size);
    return Source::from_foreign(std::move(name), bytes, [remote] { release(remote); });
}

Result<void> write_remote_core(const std::string& path, int pid, const core::CoreLayout& layout) {
    ABISCOPE_TRY(int memory, open_memory(pid));
    // The memory of a program may hold secrets: for its owner alone, as the kernel's dumps are.
    int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int reason = file >= 0 ? write_but_zeros(file, layout.head, 0) : errno;
    std::vector<std::byte> buffer(256 * page);
    int page_map = ::open(fmt::format("/proc/{}/pagemap", pid).c_str(), O_RDONLY | O_CLOEXEC);
    for (const core::DumpedPiece& piece : layout.pieces) {
        for (std::uint64_t at = 0; reason == 0 && at < piece.size; at += buffer.size()) {
            std::size_t size = std::min<std::uint64_t>(buffer.size(), piece.size - at);
            if (!piece.shared && untouched(page_map, piece.address + at, size)) continue;
            std::fill_n(buffer.begin(), size, std::byte{});
            read_memory(memory, piece.address + at, buffer.data(), size);
            reason = write_but_zeros(file, std::span(buffer).first(size), piece.file_offset + at);
        }
    }
    if (reason == 0 && ::ftruncate(file, static_cast<off_t>(layout.size)) != 0) reason = errno;
    for (int descriptor : {file, page_map, memory}) {
        if (descriptor >= 0) ::close(descriptor);
    }
    if (reason != 0) return failure("cannot be written", path, reason);
    return {};
}

}  // namespace abiscope::live
