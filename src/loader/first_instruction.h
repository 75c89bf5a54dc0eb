// What the very first instruction of a program does, when that is certain from its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace abiscope::loader {

struct CertainCrash {
    int signal;
    std::string_view reason;
};

// `bytes` are what lies at the entry, as far as it is known. Registers are as the kernel hands them over: zero, but for the stack pointer.
// `page_zero_mapped`: address 0 can be written to, which saves what writes there.
[[nodiscard]] std::optional<CertainCrash> certain_crash(std::span<const std::byte> bytes, std::uint16_t machine, bool page_zero_mapped);

}  // namespace abiscope::loader
