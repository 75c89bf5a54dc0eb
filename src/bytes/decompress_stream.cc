#include "bytes/decompress_stream.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

namespace abiscope {

namespace {

constexpr std::uint64_t step = 1 << 18;

class Inflate final : public DecompressStream {
public:
    explicit Inflate(View compressed) : compressed_(compressed), ready_(inflateInit(&stream_) == Z_OK) {}
    ~Inflate() override {
        if (ready_) inflateEnd(&stream_);
    }
    Inflate(const Inflate&) = delete;
    Inflate& operator=(const Inflate&) = delete;

protected:
    std::uint64_t unpack(std::byte* begin, std::uint64_t have, std::uint64_t wanted) override {
        if (!ready_) return 0;
        stream_.next_out = reinterpret_cast<Bytef*>(begin + have);
        stream_.avail_out = static_cast<uInt>(std::min<std::uint64_t>(wanted, 1U << 30));
        uInt before = stream_.avail_out;
        if (stream_.avail_in == 0) {
            auto chunk = std::min<std::uint64_t>(compressed_.size() - fed_, 1U << 30);
            stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(compressed_.data() + fed_));
            stream_.avail_in = static_cast<uInt>(chunk);
            fed_ += chunk;
        }
        int status = inflate(&stream_, Z_NO_FLUSH);
        return status == Z_OK || status == Z_STREAM_END ? before - stream_.avail_out : 0;
    }

private:
    View compressed_;
    z_stream stream_{};
    std::uint64_t fed_ = 0;
    bool ready_;
};

class Unzstd final : public DecompressStream {
public:
    explicit Unzstd(View compressed) : in_{compressed.data(), compressed.size(), 0}, stream_(ZSTD_createDStream()) {
        // A frame may ask for a window of gigabytes; what a section needs fits 128 MiB.
        if (stream_) ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, 27);
    }

protected:
    std::uint64_t unpack(std::byte* begin, std::uint64_t have, std::uint64_t wanted) override {
        if (!stream_) return 0;
        ZSTD_outBuffer out{begin + have, wanted, 0};
        while (out.pos == 0 && in_.pos < in_.size) {
            if (ZSTD_isError(ZSTD_decompressStream(stream_.get(), &out, &in_)) != 0) return 0;
        }
        return out.pos;
    }

private:
    struct FreeStream {
        void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
    };
    ZSTD_inBuffer in_;
    std::unique_ptr<ZSTD_DStream, FreeStream> stream_;
};

}  // namespace

void DecompressStream::Free::operator()(std::byte* bytes) const { std::free(bytes); }

Result<std::shared_ptr<DecompressStream>> DecompressStream::start(View compressed, Compression method, std::uint64_t claimed,
                                                                  const Limits& limits) {
    std::shared_ptr<DecompressStream> made;
    if (method == Compression::zlib) made = std::make_shared<Inflate>(compressed);
    else made = std::make_shared<Unzstd>(compressed);
    // Zeroed pages that nobody touches cost nothing.
    if (claimed <= limits.decompressed_bytes)
        made->bytes_.reset(static_cast<std::byte*>(std::calloc(std::max<std::uint64_t>(claimed, 1), 1)));
    if (!made->bytes_) {
        return fail(Error{.code = ErrorCode::limit_reached,
                          .what = "decompressed bytes exceed the limit",
                          .file = {},
                          .offset = compressed.file_offset(),
                          .wanted = fmt::format("{} bytes", claimed),
                          .had = {}});
    }
    made->size_ = claimed;
    made->file_offset_ = compressed.file_offset();
    return made;
}

bool DecompressStream::reach(std::uint64_t end) {
    if (end > size_) return false;
    while (have_ < end && !ended_) {
        std::uint64_t more = unpack(bytes_.get(), have_, std::min(size_ - have_, std::max(step, end - have_)));
        ended_ = more == 0;
        have_ += more;
    }
    return have_ >= end;
}

}  // namespace abiscope
