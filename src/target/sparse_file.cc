#include "target/sparse_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bytes/sparse_write.h"

namespace abiscope::target {

namespace {

// Measured on ext4 (Linux 6.18): 2 MiB in one call take three times the system's time of 128 KiB.
constexpr std::size_t handed_at_once = 1 << 17;

std::unexpected<Error> cannot_write(int reason) {
    return fail(Error{.code = ErrorCode::cannot_open,
                      .what = "no temporary file can be written (TMPDIR)",
                      .file = {},
                      .wanted = {},
                      .had = std::strerror(reason)});
}

int temporary_file() {
    const char* folder = std::getenv("TMPDIR");
    std::string path = folder != nullptr && *folder != '\0' ? folder : "/tmp";
    int descriptor = ::open(path.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0) return descriptor;
    // A file system without O_TMPFILE.
    path += "/abiscope-XXXXXX";
    descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor >= 0) ::unlink(path.c_str());
    return descriptor;
}

}  // namespace

SparseFile::SparseFile(int descriptor) : descriptor_(descriptor), writer_([this](const std::stop_token& stop) { write_handed(stop); }) {}

Result<std::unique_ptr<SparseFile>> SparseFile::create() {
    int descriptor = temporary_file();
    if (descriptor < 0) return cannot_write(errno);
    try {
        return std::unique_ptr<SparseFile>(new SparseFile(descriptor));
    } catch (const std::system_error& no_thread) {
        ::close(descriptor);
        return cannot_write(no_thread.code().value());
    }
}

SparseFile::~SparseFile() {
    writer_ = {};
    ::close(descriptor_);
}

bool SparseFile::append(std::span<const std::byte> bytes) {
    filling_.insert(filling_.end(), bytes.begin(), bytes.end());
    size_ += bytes.size();
    if (filling_.size() >= handed_at_once) hand_over();
    std::lock_guard lock(mutex_);
    return failure_ == 0;
}

void SparseFile::hand_over() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return handed_.empty(); });
    std::swap(filling_, handed_);
    changed_.notify_all();
}

void SparseFile::write_handed(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !handed_.empty(); })) {
        lock.unlock();
        int failure = failure_ != 0 ? failure_ : write_but_zeros(descriptor_, handed_, written_);
        lock.lock();
        failure_ = failure;
        written_ += handed_.size();
        handed_.clear();
        changed_.notify_all();
    }
}

Result<SourcePtr> SparseFile::finish(const std::string& name) {
    hand_over();
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return handed_.empty(); });
        if (failure_ != 0) return cannot_write(failure_);
    }
    if (size_ == 0) return Source::from_memory(name, {});
    // The last page may be a hole.
    if (::ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) return cannot_write(errno);
    void* address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor_, 0);
    if (address == MAP_FAILED) return cannot_write(errno);
    return Source::from_foreign(name, {static_cast<const std::byte*>(address), size_},
                                [address, size = size_] { ::munmap(address, size); });
}

}  // namespace abiscope::target
