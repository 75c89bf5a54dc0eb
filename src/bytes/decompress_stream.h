// A compressed stream that is unpacked as far as somebody reads: of a section of 300 MB a few units are wanted.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "bytes/decompress.h"
#include "bytes/limits.h"
#include "bytes/view.h"

namespace abiscope {

// Not for two threads at once.
class DecompressStream {
public:
    // `claimed` is the size the file says the result has; memory is used for what was unpacked only. Errors: limit_reached.
    [[nodiscard]] static Result<std::shared_ptr<DecompressStream>> start(View compressed, Compression method, std::uint64_t claimed,
                                                                         const Limits& limits);
    virtual ~DecompressStream() = default;
    DecompressStream(const DecompressStream&) = delete;
    DecompressStream& operator=(const DecompressStream&) = delete;

    // All of it; what is not unpacked yet is 0.
    [[nodiscard]] View view() const { return {{bytes_.get(), size_}, file_offset_, true}; }

    // Unpacks up to `end`. False when the stream ends before, or is corrupt.
    bool reach(std::uint64_t end);

protected:
    DecompressStream() = default;
    // Unpacks about `wanted` bytes more behind the first `have`. The number of bytes; 0: that was all.
    virtual std::uint64_t unpack(std::byte* begin, std::uint64_t have, std::uint64_t wanted) = 0;

    struct Free {
        void operator()(std::byte* bytes) const;
    };
    std::unique_ptr<std::byte, Free> bytes_;
    std::uint64_t size_ = 0;
    std::uint64_t have_ = 0;
    std::uint64_t file_offset_ = 0;
    bool ended_ = false;
};

}  // namespace abiscope
