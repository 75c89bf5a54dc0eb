#include "pe/checksum.h"

#include "base/text.h"
#include "bytes/endian.h"
#include "pe/image.h"

namespace abiscope::pe {

namespace {

constexpr std::uint64_t checksum_field = 64;   // within the optional header

std::uint32_t compute(View bytes, std::uint64_t skipped) {
    // The sum of all 16-bit words, carries added back in, the four bytes of the field itself read as zero; then the length.
    std::uint64_t sum = 0;
    std::uint64_t whole = bytes.size() / 2 * 2;
    for (std::uint64_t at = 0; at < whole; at += 2) sum += load<std::uint16_t>(bytes.data() + at, Endian::little);
    if (whole < bytes.size()) sum += static_cast<std::uint64_t>(bytes.data()[whole]);
    for (std::uint64_t at = skipped; at < skipped + 4 && at < bytes.size(); ++at) {
        sum -= static_cast<std::uint64_t>(bytes.data()[at]) << (at % 2 * 8);
    }
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint32_t>(sum + bytes.size());
}

}  // namespace

Result<Checksum> check_checksum(const Image& image, finding::Sink& sink) {
    if (!image.optional()) return fail(ErrorCode::unsupported, "an object file has no checksum");
    const OptionalHeader& header = *image.optional();
    std::uint64_t field = std::uint64_t{image.dos()->lfanew} + 24 + checksum_field;
    Checksum checksum{.stored = header.checksum, .computed = compute(image.bytes(), field)};
    if (checksum.stored != 0 && checksum.stored != checksum.computed) {
        sink.add(finding::Finding(
                     finding::RuleId::PE_CHECKSUM_WRONG,
                     finding::Evidence::value("pe/optional_header.CheckSum", header.offset + checksum_field, 4, text::hex(checksum.stored)))
                     .with("stored", finding::Address{checksum.stored})
                     .with("computed", finding::Address{checksum.computed}));
    }
    return checksum;
}

}  // namespace abiscope::pe
