#include "core/call_before.h"

#include <vector>

namespace abiscope::core {

std::optional<disasm::Flow> call_flow_before(const Memory& memory, const disasm::Decoder& decoder, std::uint64_t address) {
    // The forms of CALL are 2 to 7 bytes long, and 8 with a prefix.
    for (std::uint64_t length : {5U, 6U, 2U, 3U, 4U, 7U, 8U}) {
        if (address < length) continue;
        std::vector<std::byte> bytes = memory.read_some(address - length, length);
        if (bytes.size() != length) continue;
        auto flow = decoder.flow(bytes, address - length);
        if (!flow || flow->length != length) continue;
        if (flow->branch == disasm::BranchKind::call || flow->branch == disasm::BranchKind::indirect_call) return flow;
    }
    return std::nullopt;
}

}  // namespace abiscope::core
