#include "bytes/decompress.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

namespace abiscope {

namespace {

constexpr std::size_t first_step = 1 << 16;

Error corrupt(View compressed, std::string_view method, std::string had) {
    return {.code = ErrorCode::bad_value,
            .what = fmt::format("{} stream is corrupt", method),
            .file = {},
            .offset = compressed.file_offset(),
            .wanted = {},
            .had = std::move(had)};
}

Result<std::vector<std::byte>> inflate_all(View compressed, std::uint64_t most) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) return fail(ErrorCode::internal, "zlib cannot start");
    struct End {
        z_stream& stream;
        ~End() { inflateEnd(&stream); }
    } end{stream};
    std::vector<std::byte> out;
    std::uint64_t fed = 0;
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(compressed.data()));
    for (;;) {
        if (stream.avail_in == 0) {
            auto chunk = std::min<std::uint64_t>(compressed.size() - fed, 1U << 30);
            stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(compressed.data() + fed));
            stream.avail_in = static_cast<uInt>(chunk);
            fed += chunk;
        }
        std::size_t used = out.size();
        if (used > most) return out;
        out.resize(used + std::clamp<std::size_t>(used, first_step, 1U << 24));
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
        stream.avail_out = static_cast<uInt>(out.size() - used);
        int status = inflate(&stream, Z_NO_FLUSH);
        out.resize(out.size() - stream.avail_out);
        if (status == Z_STREAM_END) return out;
        if (status != Z_OK) return fail(corrupt(compressed, "zlib", stream.msg != nullptr ? stream.msg : "it ends early"));
        if (out.size() == used && stream.avail_in == 0 && fed == compressed.size())
            return fail(corrupt(compressed, "zlib", "it ends early"));
    }
}

Result<std::vector<std::byte>> unzstd_all(View compressed, std::uint64_t most) {
    struct Free {
        void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
    };
    std::unique_ptr<ZSTD_DStream, Free> stream(ZSTD_createDStream());
    if (!stream) return fail(ErrorCode::internal, "zstd cannot start");
    // A frame may ask for a window of gigabytes; what a section needs fits 128 MiB.
    ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, 27);
    std::vector<std::byte> out;
    ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
    for (;;) {
        std::size_t used = out.size();
        if (used > most) return out;
        out.resize(used + std::clamp<std::size_t>(used, first_step, 1U << 24));
        ZSTD_outBuffer buffer{out.data() + used, out.size() - used, 0};
        std::size_t status = ZSTD_decompressStream(stream.get(), &buffer, &in);
        out.resize(used + buffer.pos);
        if (ZSTD_isError(status) != 0) return fail(corrupt(compressed, "zstd", ZSTD_getErrorName(status)));
        if (status == 0) return out;
        if (buffer.pos == 0 && in.pos == in.size) return fail(corrupt(compressed, "zstd", "it ends early"));
    }
}

}  // namespace

Result<std::vector<std::byte>> decompress(View compressed, Compression method, std::uint64_t claimed, const Limits& limits) {
    std::uint64_t most = std::min<std::uint64_t>(claimed, limits.decompressed_bytes);
    ABISCOPE_TRY(auto bytes, method == Compression::zlib ? inflate_all(compressed, most) : unzstd_all(compressed, most));
    if (bytes.size() == claimed) return bytes;
    bool stopped = bytes.size() > limits.decompressed_bytes;
    return fail(Error{
        .code = stopped ? ErrorCode::limit_reached : ErrorCode::bad_value,
        .what = stopped ? "decompressed bytes exceed the limit" : "compressed stream yields another size than its header claims",
        .file = {},
        .offset = compressed.file_offset(),
        .wanted = fmt::format("{} bytes", claimed),
        .had = fmt::format("{}{} bytes", bytes.size() > claimed ? "more than " : "", std::min<std::uint64_t>(bytes.size(), claimed))});
}

}  // namespace abiscope
