#include "bytes/packed.h"

#include <algorithm>
#include <string>

#include <zstd.h>

#include "bytes/decompress.h"
#include "bytes/reader.h"

namespace abiscope {

Result<std::vector<std::byte>> pack(const PackedFormat& format, std::span<const std::byte> payload, int level) {
    std::vector<std::byte> bytes(packed_header_size + ZSTD_compressBound(payload.size()));
    std::ranges::copy(std::as_bytes(std::span(format.magic)), bytes.begin());
    auto put = [&](std::size_t at, std::uint64_t value, unsigned size) {
        for (unsigned i = 0; i < size; ++i) bytes[at + i] = static_cast<std::byte>(value >> (8 * i) & 0xff);
    };
    put(16, format.version, 4);
    put(24, payload.size(), 8);
    std::size_t size =
        ZSTD_compress(bytes.data() + packed_header_size, bytes.size() - packed_header_size, payload.data(), payload.size(), level);
    if (ZSTD_isError(size) != 0) return fail(ErrorCode::internal, std::string("zstd: ") + ZSTD_getErrorName(size));
    bytes.resize(packed_header_size + size);
    return bytes;
}

Result<SourcePtr> unpack(const PackedFormat& format, const SourcePtr& file, const Limits& limits) {
    Reader header(file->view(), Endian::little, format.header);
    header.skip(format.magic.size());
    std::uint32_t version = header.u32();
    if (header.ok() && version != format.version)
        return fail(Error{.code = ErrorCode::unsupported,
                          .what = std::string(format.other_version),
                          .file = {},
                          .offset = format.magic.size(),
                          .wanted = "format " + std::to_string(format.version),
                          .had = std::to_string(version)});
    header.skip(4);
    std::uint64_t claimed = header.u64();
    if (!header.ok()) return fail(header.error());
    ABISCOPE_TRY(std::vector<std::byte> bytes, decompress(file->view().from(packed_header_size), Compression::zstd, claimed, limits));
    return Source::from_parent(file, packed_header_size, std::move(bytes));
}

}  // namespace abiscope
