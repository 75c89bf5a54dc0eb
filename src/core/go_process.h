// The Go program in a crashed process: its tables, found in the memory that is known, and which goroutine each thread was running.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/process.h"
#include "finding/sink.h"
#include "golang/memory.h"
#include "golang/program.h"
#include "golang/release_data.h"

namespace abiscope::core {

// What the dump and the files that are proved to be mapped hold. Searches look through the program's own mappings alone: a heap of many
// gigabytes holds no tables.
class GoMemory final : public golang::Memory {
public:
    GoMemory(const Process& process, const Module& program);

    [[nodiscard]] View at(std::uint64_t address) const override;
    [[nodiscard]] std::span<const golang::MemoryRange> ranges() const override { return ranges_; }

private:
    const Process& process_;
    std::vector<golang::MemoryRange> ranges_;
};

// A goroutine's stack, and where it goes on when it does not run (runtime.g, runtime.gobuf).
struct Goroutine {
    std::uint64_t address = 0;         // of the g
    std::uint64_t stack_low = 0, stack_high = 0;
    std::uint64_t thread = 0;          // its m; 0: none
    std::uint64_t saved_sp = 0, saved_pc = 0;

    [[nodiscard]] bool on_stack(std::uint64_t sp) const { return sp > stack_low && sp <= stack_high; }
};

// A thread as the runtime knows it (runtime.m).
struct GoThread {
    std::uint64_t address = 0;         // of the m
    Goroutine system;                  // g0: the stack of the scheduler, and of C
    std::optional<Goroutine> signal;   // gsignal: the stack of signal handlers
    std::optional<Goroutine> current;  // curg: what runs user code
};

class GoProcess {
public:
    // Null when the program is no Go program, as far as the memory that is known tells. `process` must outlive it.
    [[nodiscard]] static std::unique_ptr<GoProcess> open(const Process& process, finding::Sink& sink);

    [[nodiscard]] const golang::Program& program() const { return *program_; }
    [[nodiscard]] std::string_view architecture() const { return architecture_; }   // GOARCH

    // Nothing when the structure does not hold together.
    [[nodiscard]] std::optional<Goroutine> goroutine(std::uint64_t address) const;
    // The runtime's thread that has this number in the kernel, by the goroutine that its registers name.
    [[nodiscard]] std::optional<GoThread> thread(const Registers& registers, std::uint32_t number) const;

    [[nodiscard]] bool starts_function(std::uint64_t pc) const;

    // Where a field of one of the runtime's structures lies: "runtime.g", "_panic". Nothing when this release has none of that name.
    [[nodiscard]] std::optional<golang::FieldPlace> field(std::string_view type, std::string_view name) const;

    // The constant's name of a FuncID: "sigpanic"; empty for a usual function.
    [[nodiscard]] std::string_view special(const golang::Function& function) const;

private:
    struct Offsets {
        std::uint64_t stack = 0, m = 0, sched = 0;                 // of g
        std::uint64_t g0 = 0, gsignal = 0, curg = 0, procid = 0;   // of m
        std::uint64_t sp = 0, pc = 0;                              // of gobuf
    };
    explicit GoProcess(const Process& process) : process_(process) {}
    [[nodiscard]] static std::optional<Offsets> offsets_of(golang::Release release, std::string_view architecture);

    const Process& process_;
    std::unique_ptr<GoMemory> memory_;
    std::optional<golang::Program> program_;
    std::string_view architecture_;
    std::optional<Offsets> offsets_;
};

}  // namespace abiscope::core
