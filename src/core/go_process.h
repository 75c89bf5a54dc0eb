// The Go program in a crashed process: its tables, found in the memory that is known, and which goroutine each thread was running.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/process.h"
#include "finding/sink.h"
#include "golang/goroutines.h"
#include "golang/memory.h"
#include "golang/program.h"
#include "golang/release_data.h"

namespace abiscope::core {

// What the dump and the files that are proved to be mapped hold. Searches look through the mappings of these modules alone: a heap of many
// gigabytes holds no tables.
class GoMemory final : public golang::Memory {
public:
    GoMemory(const Process& process, std::span<const Module* const> modules);

    [[nodiscard]] View at(std::uint64_t address) const override;
    [[nodiscard]] std::span<const golang::MemoryRange> ranges() const override { return ranges_; }

private:
    const Process& process_;
    void add(const Module& module);

    std::vector<golang::MemoryRange> ranges_;
};

// A thread as the runtime knows it (runtime.m).
struct GoThread {
    std::uint64_t address = 0;         // of the m
    golang::Goroutine system;          // g0: the stack of the scheduler, and of C
    std::optional<golang::Goroutine> current;   // curg: what runs user code
};

// Whether a stack pointer lies on its stack; the pointer is at its end when nothing was pushed.
[[nodiscard]] inline bool on_stack(const golang::Goroutine& goroutine, std::uint64_t sp) {
    return sp > goroutine.stack.start && sp <= goroutine.stack.end;
}

// What one processor's Go programs for Linux have in common.
struct GoMachine {
    std::uint16_t machine = 0;         // e_machine
    std::string_view architecture;     // GOARCH
    std::string_view goroutine;        // register that Go's own code keeps the running g in; empty: none
    std::string_view thread_pointer;   // register; empty: not among the dump's general registers
    std::int64_t slot = 0;             // of the running g, from the thread pointer (cmd/link, runtime.tlsg)
};

class GoProcess {
public:
    // Null when neither the program nor a library is Go's, as far as the memory that is known tells. `process` must outlive it.
    [[nodiscard]] static std::unique_ptr<GoProcess> open(const Process& process, finding::Sink& sink);

    [[nodiscard]] const golang::Program& program() const { return *program_; }
    // That holds it: the program, or a library (-buildmode=c-shared).
    [[nodiscard]] const Module& module() const { return *module_; }
    [[nodiscard]] const GoMachine& machine() const { return *machine_; }
    // Null when data/go does not describe the release.
    [[nodiscard]] const golang::GoroutineReader* goroutines() const { return goroutines_ ? &*goroutines_ : nullptr; }

    // Addresses of every g, dead ones too; looked for once. Not for two threads at once.
    [[nodiscard]] const std::vector<std::uint64_t>& all() const;
    // Nothing when it has no stack.
    [[nodiscard]] std::optional<golang::Goroutine> goroutine(std::uint64_t address) const;
    // The runtime's thread that has this number in the kernel, by the goroutine that its registers name.
    [[nodiscard]] std::optional<GoThread> thread(const Registers& registers, std::uint32_t number) const;

    [[nodiscard]] bool starts_function(std::uint64_t pc) const;

    // Where a field of one of the runtime's structures lies: "runtime.g", "_panic". Nothing when this release has none of that name.
    [[nodiscard]] std::optional<golang::FieldPlace> field(std::string_view type, std::string_view name) const;

    // The constant's name of a FuncID: "sigpanic"; empty for a usual function.
    [[nodiscard]] std::string_view special(const golang::Function& function) const {
        return function.id < special_.size() ? special_[function.id] : std::string_view();
    }

private:
    struct Offsets {
        std::uint64_t g0 = 0, curg = 0, procid = 0;   // of m
    };
    explicit GoProcess(const Process& process) : process_(process) {}
    [[nodiscard]] static std::unique_ptr<GoProcess> open_modules(const Process& process, std::span<const Module* const> modules,
                                                                 const GoMachine* machine, finding::Sink& sink);
    void read_offsets();
    // The thread that `goroutine_on_it` is on, if it has that number.
    [[nodiscard]] std::optional<GoThread> thread_of(const golang::Goroutine& goroutine_on_it, std::uint32_t number) const;

    const Process& process_;
    const GoMachine* machine_ = nullptr;
    const Module* module_ = nullptr;
    std::unique_ptr<GoMemory> memory_;
    std::optional<golang::Program> program_;
    std::optional<golang::GoroutineReader> goroutines_;
    std::optional<Offsets> offsets_;
    // Filled when they are first asked for.
    mutable std::optional<std::vector<std::uint64_t>> all_;
    mutable std::optional<std::vector<golang::Goroutine>> running_;   // those that are on a thread
    std::array<std::string_view, 64> special_;   // by FuncID; no release has more than thirty
};

}  // namespace abiscope::core
