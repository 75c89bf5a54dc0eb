// What an argument takes of the stack of 32-bit x86.
#pragma once

#include <cstdint>
#include <string_view>

#include "abi/call_placement.h"
#include "base/result.h"

namespace abiscope::abi {

// 4, but for vectors; GCC also for __float128, and for what holds one of them.
[[nodiscard]] std::uint64_t i386_stack_alignment(const CallPlacement& placement, const Value& value);

struct StackRoom {
    std::uint64_t carried = 0;   // bytes of the argument that travel
    std::uint64_t taken = 0;     // bytes of the stack, whole words
    std::string_view why;        // of less than all of it; empty where all travels
};

// Error unsupported where it depends on what nobody knows of a class.
[[nodiscard]] Result<StackRoom> i386_stack_room(const CallPlacement& placement, const Item& item);

}  // namespace abiscope::abi
