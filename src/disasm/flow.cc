#include "disasm/flow.h"

#include <unordered_set>
#include <vector>

#include "base/checked.h"

namespace abiscope::disasm {

bool flows_to(const Code& code, const Decoder& decoder, std::size_t index, std::uint64_t address) {
    AddressRange extent = code.extent(index);
    if (!range_contains(extent.address, extent.size, address)) return false;
    View body = code.bytes_at(extent.address);
    std::unordered_set<std::uint64_t> seen;
    std::vector<std::uint64_t> open{extent.address};
    while (!open.empty() && seen.size() < flow_max_instructions) {
        std::uint64_t at = open.back();
        open.pop_back();
        while (range_contains(extent.address, extent.size, at) && seen.insert(at).second && seen.size() < flow_max_instructions) {
            auto flow = decoder.flow(body.from(at - extent.address).bytes(), at);
            if (!flow) break;
            if (at == address) return true;
            bool jumps = flow->branch == BranchKind::jump || flow->branch == BranchKind::conditional_jump;
            if (jumps && flow->target) open.push_back(*flow->target);
            if (!flow->falls_through()) break;
            at += flow->length;
        }
    }
    return false;
}

}  // namespace abiscope::disasm
