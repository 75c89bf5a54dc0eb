// Which words of a Go frame hold pointers that the garbage collector would follow, out of the program's own stack maps. Source:
// runtime/stkframe.go (getStackMap), runtime/mgcmark.go (scanframeworker).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/crash.h"

namespace abiscope::core {

enum class SlotKind : std::uint8_t {
    argument,   // or a result, or the place a register argument was kept in
    local,
    object,     // part of a variable whose address was taken, and to which something that is alive points
};
[[nodiscard]] std::string_view to_string(SlotKind kind);

struct LiveSlot {
    SlotKind kind = SlotKind::local;
    std::uint64_t address = 0;
    std::optional<std::uint64_t> value;   // nothing: the dump does not have it
};

struct FrameSlots {
    bool known = false;            // a frame of Go whose maps say what is alive
    std::vector<LiveSlot> slots;   // by address
    std::string why_not;           // not empty: there is no exact answer for this frame, and why
};

// For each item of `stack`, which is that of `goroutine`; a frame that is not Go's is not known and has no reason. Only for a Go program.
[[nodiscard]] std::vector<FrameSlots> live_slots(const Crash& crash, const Stack& stack, const std::optional<golang::Goroutine>& goroutine);

}  // namespace abiscope::core
