// A file that has no name, in the system's folder for temporary files: room for what is larger than memory may be, gone with its last
// reference. It is written by a thread of its own while the caller makes the next bytes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "bytes/source.h"

namespace abiscope::target {

class SparseFile {
public:
    // Errors: cannot_open with the system's reason.
    [[nodiscard]] static Result<std::unique_ptr<SparseFile>> create();
    ~SparseFile();
    SparseFile(const SparseFile&) = delete;
    SparseFile& operator=(const SparseFile&) = delete;

    // Appends. Pages of zeros become holes. False when there is no room left.
    [[nodiscard]] bool append(std::span<const std::byte> bytes);

    // What was appended, as bytes that are called `name`. Nothing can be appended afterwards. Errors: cannot_open with the system's reason.
    [[nodiscard]] Result<SourcePtr> finish(const std::string& name);

    [[nodiscard]] std::uint64_t size() const { return size_; }

private:
    explicit SparseFile(int descriptor);
    void hand_over();
    void write_handed(const std::stop_token& stop);

    int descriptor_;
    std::uint64_t size_ = 0;
    std::vector<std::byte> filling_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable_any changed_;
    std::vector<std::byte> handed_;  // to be written behind written_; empty: the thread waits
    std::uint64_t written_ = 0;
    int failure_ = 0;  // errno
    std::jthread writer_;
};

}  // namespace abiscope::target
