// What Go up to 1.20 keeps of a signal that C code met: its handler makes the instruction look as if it had called runtime.sigpanic, which
// throws, and the signal that ends the program takes the place of the first one's frame. Source: runtime/signal_amd64.go (preparePanic),
// runtime/signal_unix.go (sighandler, sigpanic).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/fault.h"
#include "core/go_frames.h"
#include "core/go_process.h"
#include "core/unwind.h"

namespace abiscope::core {

struct KeptSignal {
    SignalInfo info;
    std::uint64_t place = 0;           // address of the fields of runtime.g that it is from
    std::size_t frame = 0;             // index of the frame that it met
};
// Nothing where no frame of C is under runtime.sigpanic, or the goroutine's fields contradict it.
[[nodiscard]] std::optional<KeptSignal> kept_signal(const Process& process, const GoProcess& go, const GoFrames& frames,
                                                    const Stack& stack);

// The fault behind it, of which the stack's registers are known, and the one that the address leaves no choice. Nothing for a signal that
// was sent, and where an operand stays unknown.
[[nodiscard]] std::optional<Fault> kept_fault(const Process& process, const KeptSignal& kept, const Frame& frame);

}  // namespace abiscope::core
