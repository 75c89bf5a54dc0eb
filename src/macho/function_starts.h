// LC_FUNCTION_STARTS and LC_DATA_IN_CODE: where functions start, and which ranges of code are data. Both survive strip.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/image.h"

namespace abiscope::macho {

struct FunctionStarts {
    std::vector<std::uint64_t> addresses;   // ascending, not slid
    bool complete = true;                   // false: cut off or malformed, which is a finding
};

struct DataInCode {
    std::uint32_t offset = 0;    // from the start of the image
    std::uint16_t size = 0;      // bytes
    std::uint16_t kind = 0;      // DICE_KIND_*
};

// Findings: MACHO-FUNCTION-STARTS-MALFORMED, MACHO-TABLE-TRUNCATED.
[[nodiscard]] Result<FunctionStarts> read_function_starts(const Image& image, finding::Sink& sink);
[[nodiscard]] Result<std::vector<DataInCode>> read_data_in_code(const Image& image, finding::Sink& sink);

}  // namespace abiscope::macho
