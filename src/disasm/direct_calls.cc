#include "disasm/direct_calls.h"

#include <algorithm>
#include <cstring>

#include "bytes/endian.h"

namespace abiscope::disasm {

namespace {

constexpr int call_opcode = 0xe8;
constexpr std::size_t call_length = 5;

}  // namespace

std::vector<std::uint64_t> direct_calls(const Code& code, std::span<const std::uint64_t> targets) {
    std::vector<std::uint64_t> out;
    if (targets.empty()) return out;
    std::uint64_t lowest = targets.front(), width = targets.back() - lowest;
    for (const CodeRange& range : code.ranges()) {
        const std::byte* begin = range.bytes.data();
        const std::byte* end = begin + range.bytes.size();
        for (const std::byte* at = begin; end - at >= static_cast<std::ptrdiff_t>(call_length); ++at) {
            at = static_cast<const std::byte*>(std::memchr(at, call_opcode, static_cast<std::size_t>(end - at)));
            if (at == nullptr || end - at < static_cast<std::ptrdiff_t>(call_length)) break;
            std::uint64_t next = range.address + static_cast<std::uint64_t>(at - begin) + call_length;
            auto distance = static_cast<std::int32_t>(load<std::uint32_t>(at + 1, Endian::little));
            std::uint64_t target = next + static_cast<std::uint64_t>(std::int64_t{distance});
            if (target - lowest <= width && std::ranges::binary_search(targets, target)) out.push_back(next - call_length);
        }
    }
    std::ranges::sort(out);
    return out;
}

}  // namespace abiscope::disasm
