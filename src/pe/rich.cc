#include "pe/rich.h"

#include <bit>

#include "base/text.h"
#include "bytes/reader.h"
#include "pe/image.h"

namespace abiscope::pe {

namespace {

constexpr std::uint32_t mark_rich = 0x68636952;   // "Rich"
constexpr std::uint32_t mark_dans = 0x536e6144;   // "DanS"
constexpr std::uint64_t lfanew_at = 0x3c;

std::uint32_t word_at(View bytes, std::uint64_t at) { return load<std::uint32_t>(bytes.data() + at, Endian::little); }

// The header starts at its own offset; every byte before it, e_lfanew read as zero, and every entry goes in.
std::uint32_t compute_checksum(View before, const RichHeader& rich) {
    auto sum = static_cast<std::uint32_t>(before.size());
    for (std::uint64_t i = 0; i < before.size(); ++i) {
        if (range_contains(lfanew_at, 4, i)) continue;
        sum += std::rotl(static_cast<std::uint32_t>(before.data()[i]), static_cast<int>(i % 32));
    }
    for (const RichEntry& entry : rich.entries) {
        std::uint32_t id = std::uint32_t{entry.product} << 16 | entry.build;
        sum += std::rotl(id, static_cast<int>(entry.count % 32));
    }
    return sum;
}

}  // namespace

Result<std::optional<RichHeader>> read_rich_header(const Image& image, finding::Sink& sink) {
    if (!image.dos()) return std::nullopt;
    View stub = image.bytes().clamped(0, image.dos()->lfanew);
    // Aligned to four bytes from the start, behind the DOS header.
    std::uint64_t end = 0;
    for (std::uint64_t at = 0x40; at + 8 <= stub.size() && end == 0; at += 4) {
        if (word_at(stub, at) == mark_rich) end = at;
    }
    if (end == 0) return std::nullopt;
    RichHeader rich{.checksum = word_at(stub, end + 4)};
    std::uint64_t start = end;
    do {
        start -= 4;
        if (start < 0x40) return std::nullopt;
    } while ((word_at(stub, start) ^ rich.checksum) != mark_dans);
    rich.offset = stub.file_offset(start);
    rich.size = end + 8 - start;
    // Three words of padding behind the mark.
    for (std::uint64_t at = start + 16; at + 8 <= end; at += 8) {
        std::uint32_t id = word_at(stub, at) ^ rich.checksum;
        rich.entries.push_back({.product = static_cast<std::uint16_t>(id >> 16),
                                .build = static_cast<std::uint16_t>(id),
                                .count = word_at(stub, at + 4) ^ rich.checksum});
    }
    rich.computed = compute_checksum(stub.clamped(0, start), rich);
    if (rich.computed != rich.checksum) {
        sink.add(finding::Finding(finding::RuleId::PE_RICH_CHECKSUM,
                                  finding::Evidence::value("pe/rich.checksum", stub.file_offset(end + 4), 4, text::hex(rich.checksum)))
                     .with("stored", finding::Address{rich.checksum})
                     .with("computed", finding::Address{rich.computed}));
    }
    return rich;
}

}  // namespace abiscope::pe
