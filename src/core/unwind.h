// From the frame that crashed to its callers. Every frame says how it was found, and the end why there is no more.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/process.h"

namespace abiscope::core {

// How the registers of a frame are known, best first.
enum class Trust : std::uint8_t {
    context,         // recorded by the kernel
    signal_frame,    // recorded by the kernel when a signal was delivered
    cfi,             // by call frame information
    language,        // by the tables of a language's own runtime
    frame_pointer,   // by the chain of frame pointers
    call_site,       // a return address was found where it has to be, behind a call
};
[[nodiscard]] std::string_view to_string(Trust trust);

// What the kernel recorded when it delivered a signal (rt_sigframe).
struct SignalContext {
    SignalInfo info;
    Registers registers;               // where the signal interrupted
    std::optional<std::uint64_t> trap;         // x86: the exception's number
    std::optional<std::uint64_t> error_code;   // x86: of a page fault
    std::optional<std::uint64_t> fault_address;
    std::uint64_t address = 0;         // of the ucontext
    bool from_trap = false;  // there is no siginfo: `info` is what the last exception of the thread says, which may be an older one
};

struct Frame {
    Registers registers;
    std::uint64_t pc = 0;
    std::uint64_t sp = 0;
    std::optional<std::uint64_t> cfa;  // the caller's sp, where that is known
    Trust trust = Trust::context;
    bool exact = false;  // pc is the next instruction to execute, not a return address
    std::optional<SignalContext> signal;  // this frame is the trampoline a signal handler returns to

    [[nodiscard]] std::uint64_t lookup_pc() const { return exact || pc == 0 ? pc : pc - 1; }
};

// One frame, or a run of calls that repeats.
struct StackItem {
    Frame frame;
    std::uint64_t repeats = 0;  // not 0: `cycle` frames from this item on stand for so many rounds more; they are not listed again
    std::uint32_t cycle = 0;
    std::uint64_t bytes = 0;  // of stack per round
};

struct Stack {
    std::vector<StackItem> items;
    std::uint64_t frames = 0;  // those that are folded included
    std::string end;  // why it stops
    bool complete = false;  // it ends at an outermost frame
};

// What another room adds: frames of a language that call frame information does not cover.
class FrameSource {
public:
    FrameSource() = default;
    FrameSource(const FrameSource&) = delete;
    FrameSource& operator=(const FrameSource&) = delete;
    virtual ~FrameSource() = default;

    struct Step {
        std::optional<Registers> caller;   // nothing: the stack ends here
        std::optional<std::uint64_t> cfa;
        bool exact = false;                // the caller's pc is the instruction it was interrupted at
        bool other_stack = false;          // the caller's frame is on another stack
        bool outermost = false;
        std::string why_not;               // where there is no caller, and this is not the outermost frame
    };
    // Before the first frame of a stack. `thread` is its number in the kernel.
    virtual void start(const Registers& /*registers*/, std::uint32_t /*thread*/) {}
    // Asked first, for every frame. Nothing: not one of this source's.
    [[nodiscard]] virtual std::optional<Step> step(const Process& process, const Frame& frame) = 0;
};

struct UnwindOptions {
    std::uint64_t most_frames = 10'000'000;
    std::vector<FrameSource*> sources;
};

// Not for two threads at once.
class Unwinder {
public:
    explicit Unwinder(const Process& process, UnwindOptions options = {});
    ~Unwinder();
    Unwinder(const Unwinder&) = delete;
    Unwinder& operator=(const Unwinder&) = delete;

    struct Start {
        bool exact = true;             // false: the pc is a return address, of a goroutine that does not run
        std::uint64_t most_frames = 0; // 0: as many as UnwindOptions allows
    };
    [[nodiscard]] Stack unwind(const Registers& registers, std::uint32_t thread, Start start);
    [[nodiscard]] Stack unwind(const Registers& registers, std::uint32_t thread) { return unwind(registers, thread, Start()); }

    // Whether the bytes before `address` are a call, as far as they are known.
    [[nodiscard]] bool follows_call(std::uint64_t address) const;
    // The signal frame whose trampoline is `pc`, with the stack pointer of the moment it runs.
    [[nodiscard]] std::optional<SignalContext> signal_frame(std::uint64_t pc, std::uint64_t sp) const;

private:
    struct Step;
    struct Rows;
    [[nodiscard]] Step step(const Frame& frame);
    [[nodiscard]] std::optional<Step> by_call_frames(Frame frame);
    [[nodiscard]] std::optional<Step> by_prologue(const Frame& frame);
    [[nodiscard]] std::optional<Step> by_calls(const Frame& frame);
    [[nodiscard]] std::optional<Step> by_frame_pointer(const Frame& frame) const;
    [[nodiscard]] std::optional<Step> by_call_site(const Frame& frame) const;
    [[nodiscard]] std::optional<Step> by_unmapped_code(const Frame& frame);
    [[nodiscard]] bool is_code(std::uint64_t address) const;

    const Process& process_;
    UnwindOptions options_;
    std::unique_ptr<Rows> rows_;
};

}  // namespace abiscope::core
