// Streams that are unpacked as far as somebody reads, against zlib and zstd themselves.
#include "bytes/decompress_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include <zlib.h>
#include <zstd.h>

namespace abiscope {
namespace {

std::vector<std::byte> plain(std::size_t size) {
    std::vector<std::byte> bytes(size);
    unsigned state = 1;
    for (std::byte& one : bytes) one = static_cast<std::byte>((state = state * 1664525 + 1013904223) >> 28);
    return bytes;
}

std::vector<std::byte> packed(const std::vector<std::byte>& bytes, Compression method) {
    std::vector<std::byte> out(bytes.size() + 1000);
    std::size_t size = 0;
    if (method == Compression::zlib) {
        uLongf room = out.size();
        compress(reinterpret_cast<Bytef*>(out.data()), &room, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
        size = room;
    } else {
        size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1);
    }
    out.resize(size);
    return out;
}

TEST(DecompressStream, UnpacksAsFarAsItIsRead) {
    std::vector<std::byte> bytes = plain(3 << 20);
    for (Compression method : {Compression::zlib, Compression::zstd}) {
        std::vector<std::byte> stream = packed(bytes, method);
        auto made = DecompressStream::start(View(stream, 64), method, bytes.size(), default_limits);
        ASSERT_TRUE(made);
        EXPECT_EQ((*made)->view().size(), bytes.size());
        EXPECT_EQ((*made)->view().file_offset(77), 64U);
        for (std::size_t end : {std::size_t{10}, std::size_t{5}, std::size_t{1 << 20}, bytes.size()}) {
            ASSERT_TRUE((*made)->reach(end));
            EXPECT_TRUE(std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(end), (*made)->view().data()));
        }
        EXPECT_FALSE((*made)->reach(bytes.size() + 1));
    }
}

TEST(DecompressStream, EndsWhereTheStreamDoes) {
    std::vector<std::byte> bytes = plain(1 << 20);
    for (Compression method : {Compression::zlib, Compression::zstd}) {
        std::vector<std::byte> stream = packed(bytes, method);
        auto claims_more = DecompressStream::start(View(stream, 0), method, bytes.size() * 2, default_limits);
        ASSERT_TRUE(claims_more);
        EXPECT_TRUE((*claims_more)->reach(bytes.size()));
        EXPECT_FALSE((*claims_more)->reach(bytes.size() + 1));
        std::vector<std::byte> cut(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(stream.size() / 2));
        auto half = DecompressStream::start(View(cut, 0), method, bytes.size(), default_limits);
        ASSERT_TRUE(half);
        EXPECT_TRUE((*half)->reach(1000));
        EXPECT_FALSE((*half)->reach(bytes.size()));
        std::vector<std::byte> nonsense(1000, std::byte{0xff});
        auto bad = DecompressStream::start(View(nonsense, 0), method, 5000, default_limits);
        ASSERT_TRUE(bad);
        EXPECT_FALSE((*bad)->reach(1));
    }
}

TEST(DecompressStream, BelievesNoClaimBeyondTheLimit) {
    std::vector<std::byte> stream = packed(plain(100), Compression::zlib);
    EXPECT_FALSE(DecompressStream::start(View(stream, 0), Compression::zlib, ~std::uint64_t{0}, default_limits));
}

}  // namespace
}  // namespace abiscope
