#include "macho/function_starts.h"

#include "macho/spec.h"

namespace abiscope::macho {

using finding::Evidence;
using finding::Finding;
using finding::RuleId;

// A run of ULEB128 distances, the first from the header's address; a zero ends it, the rest is padding.
Result<FunctionStarts> read_function_starts(const Image& image, finding::Sink& sink) {
    FunctionStarts starts;
    auto data = find_linkedit_data(image, lc_function_starts, sink);
    if (!data) return starts;
    Reader reader(data->bytes, image.header().order, "the function starts");
    std::uint64_t address = image.base_address();
    while (reader.remaining() > 0) {
        std::uint64_t at = reader.file_offset();
        std::uint64_t delta = reader.uleb128();
        if (reader.ok() && delta == 0) break;
        auto next = checked_add(address, delta);
        if (!reader.ok() || !next) {
            starts.complete = false;
            sink.add(Finding(RuleId::MACHO_FUNCTION_STARTS_MALFORMED,
                             Evidence::bytes("macho/function_starts", at, 1, "a distance that does not fit 64 bits or has no end"))
                         .with("count", std::uint64_t{starts.addresses.size()}));
            break;
        }
        address = *next;
        starts.addresses.push_back(address);
    }
    return starts;
}

Result<std::vector<DataInCode>> read_data_in_code(const Image& image, finding::Sink& sink) {
    std::vector<DataInCode> entries;
    auto data = find_linkedit_data(image, lc_data_in_code, sink);
    if (!data) return entries;
    Reader reader(data->bytes, image.header().order, "the data-in-code entries");
    entries.reserve(data->bytes.size() / 8);
    while (reader.remaining() >= 8) {
        DataInCode entry;
        entry.offset = reader.u32();
        entry.size = reader.u16();
        entry.kind = reader.u16();
        entries.push_back(entry);
    }
    return entries;
}

}  // namespace abiscope::macho
