#include "elf/exports.h"

#include <algorithm>
#include <span>

#include "elf/spec.h"
#include "elf/versions.h"

namespace abiscope::elf {

namespace {

struct GnuHashShape {
    std::uint32_t buckets = 0, symbol_offset = 0, bloom_words = 0, bloom_shift = 0;
    View bloom_view, bucket_view, chain_view;
};

// Layout: nbuckets, symoffset, bloom_size, bloom_shift (u32 each); bloom words of the file's word size; buckets; chains.
std::optional<GnuHashShape> read_gnu_hash(const Image& image) {
    auto address = image.dynamic() ? image.dynamic()->value(dt_gnu_hash) : std::nullopt;
    if (!address) return std::nullopt;
    View table = image.view_at(*address);
    if (table.size() < 16) return std::nullopt;
    Endian order = image.encoding().order;
    auto word = [&](std::uint64_t i) { return load<std::uint32_t>(table.data() + 4 * i, order); };
    GnuHashShape shape{.buckets = word(0),
                       .symbol_offset = word(1),
                       .bloom_words = word(2),
                       .bloom_shift = word(3),
                       .bloom_view = {},
                       .bucket_view = {},
                       .chain_view = {}};
    std::uint64_t bloom_bytes = std::uint64_t{shape.bloom_words} * (image.encoding().wide ? 8 : 4);
    std::uint64_t bucket_bytes = std::uint64_t{shape.buckets} * 4;
    if (shape.buckets == 0 || shape.bloom_words == 0 || !range_fits(16 + bloom_bytes, bucket_bytes, table.size())) return std::nullopt;
    shape.bloom_view = table.clamped(16, bloom_bytes);
    shape.bucket_view = table.clamped(16 + bloom_bytes, bucket_bytes);
    shape.chain_view = table.from(16 + bloom_bytes + bucket_bytes);
    return shape;
}

struct SysvHashShape {
    View bucket_view, chain_view;
    std::uint32_t buckets = 0, chains = 0;
};

// nbucket, nchain, then both tables. Every known writer uses 32-bit words except Alpha and 64-bit s390.
std::optional<SysvHashShape> read_sysv_hash(const Image& image) {
    auto address = image.dynamic() ? image.dynamic()->value(dt_hash) : std::nullopt;
    if (!address) return std::nullopt;
    View table = image.view_at(*address);
    if (table.size() < 8) return std::nullopt;
    Endian order = image.encoding().order;
    SysvHashShape shape;
    shape.buckets = load<std::uint32_t>(table.data(), order);
    shape.chains = load<std::uint32_t>(table.data() + 4, order);
    std::uint64_t bucket_bytes = std::uint64_t{shape.buckets} * 4;
    if (shape.buckets == 0 || !range_fits(8, bucket_bytes, table.size())) return std::nullopt;
    shape.bucket_view = table.clamped(8, bucket_bytes);
    shape.chain_view = table.clamped(8 + bucket_bytes, std::uint64_t{shape.chains} * 4);
    return shape;
}

}  // namespace

std::uint32_t gnu_hash(std::string_view name) {
    std::uint32_t hash = gnu_hash_of_nothing;
    constexpr std::uint32_t two = 33 * 33, four = two * two, eight = four * four;     // powers of the multiplier, modulo 2^32
    constexpr std::uint64_t every_second_byte = 0x00ff00ff00ff00ff, every_second_pair = 0x0000ffff0000ffff;
    const std::byte* at = std::as_bytes(std::span(name)).data();
    std::size_t left = name.size();
    // Neighbours are joined inside one word: two letters fit 16 bits, four fit 32; the first four are in the lower half.
    auto joined = [](std::uint64_t letters) {
        std::uint64_t pairs = (letters & every_second_byte) * 33 + (letters >> 8 & every_second_byte);
        return (pairs & every_second_pair) * two + (pairs >> 16 & every_second_pair);
    };
    // Eight letters a step: each step waits for the last one's product, and names are long.
    for (; left >= 8; left -= 8, at += 8) {
        std::uint64_t fours = joined(load<std::uint64_t>(at, Endian::little));
        hash = hash * eight + static_cast<std::uint32_t>(fours) * four + static_cast<std::uint32_t>(fours >> 32);
    }
    if (left >= 4) {
        hash = hash * four + static_cast<std::uint32_t>(joined(load<std::uint32_t>(at, Endian::little)));
        left -= 4;
        at += 4;
    }
    for (; left != 0; --left, ++at) hash = hash * 33 + std::to_integer<std::uint32_t>(*at);
    return hash;
}

ExportTable::ExportTable(const Image& image) : symbols_(dynamic_symbols(image)), encoding_(image.encoding()) {
    if (auto shape = read_gnu_hash(image)) {
        kind_ = Kind::gnu;
        bloom_ = shape->bloom_view;
        buckets_ = shape->bucket_view;
        chains_ = shape->chain_view;
        bucket_count_ = shape->buckets;
        bloom_words_ = shape->bloom_words;
        symbol_offset_ = shape->symbol_offset;
        bloom_shift_ = shape->bloom_shift;
    } else if (auto sysv = read_sysv_hash(image)) {
        kind_ = Kind::sysv;
        buckets_ = sysv->bucket_view;
        chains_ = sysv->chain_view;
        bucket_count_ = sysv->buckets;
    }
}

std::optional<std::uint64_t> symbol_count_by_hash(const Image& image) {
    if (auto sysv = read_sysv_hash(image)) return sysv->chains;
    auto shape = read_gnu_hash(image);
    if (!shape) return std::nullopt;
    Endian order = image.encoding().order;
    std::uint32_t last = 0;
    for (std::uint64_t i = 0; i < shape->buckets; ++i) last = std::max(last, load<std::uint32_t>(shape->bucket_view.data() + 4 * i, order));
    if (last < shape->symbol_offset) return std::nullopt;   // an empty table: linkers write any offset into it
    std::uint64_t chains = shape->chain_view.size() / 4;
    for (std::uint64_t link = last - shape->symbol_offset; link < chains; ++link) {
        if ((load<std::uint32_t>(shape->chain_view.data() + 4 * link, order) & 1) != 0) return shape->symbol_offset + link + 1;
    }
    return std::nullopt;
}

}  // namespace abiscope::elf
