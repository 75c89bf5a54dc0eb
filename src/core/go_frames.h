// Frames of Go, unwound by the tables of its own runtime, through the places where it changes stacks: into C and back, onto the
// scheduler's stack, and where a signal handler made a fault look like a call. Source: runtime/traceback.go (unwinder.resolveInternal),
// runtime/asm_amd64.s and asm_arm64.s (systemstack, asmcgocall, cgocallback), runtime/cgo/asm_amd64.s (crosscall2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/go_process.h"
#include "core/unwind.h"

namespace abiscope::core {

class GoFrames final : public FrameSource {
public:
    explicit GoFrames(const GoProcess& go) : go_(go) {}

    void start(const Registers& registers, std::uint32_t thread) override;
    [[nodiscard]] std::optional<Step> step(const Process& process, const Frame& frame) override;

    // The thread of the last start(), as the runtime knows it.
    [[nodiscard]] const std::optional<GoThread>& thread() const { return thread_; }

private:
    struct Here;
    [[nodiscard]] Registers caller_of(const Here& here, std::uint64_t pc, std::uint64_t sp) const;
    [[nodiscard]] std::optional<Step> from_c(const Here& here) const;
    [[nodiscard]] std::optional<Step> from_callback(const Here& here);
    [[nodiscard]] std::optional<Step> by_tables(const Here& here) const;

    const GoProcess& go_;
    std::optional<GoThread> thread_;
    std::uint64_t system_sp_ = 0;      // where the scheduler's stack goes on behind the innermost call from C that is left
};

}  // namespace abiscope::core
