// Goroutines in the memory of a running or dumped program: found without symbols, each with its state and where it stopped.
// Source: runtime/runtime2.go (g, gobuf, stack), runtime/proc.go (allgs); offsets by release and architecture in data/go.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "golang/memory.h"
#include "golang/module_data.h"
#include "golang/release.h"

namespace abiscope::golang {

// gobuf: where a goroutine that does not run goes on.
struct SavedRegisters {
    std::uint64_t sp = 0, pc = 0, lr = 0, bp = 0;
};

struct Goroutine {
    std::uint64_t address = 0;                // of its g
    std::uint64_t id = 0;
    AddressRange stack;
    std::uint32_t status = 0;                 // without the scan bit
    bool scanned = false;                     // the garbage collector had it in its hands
    std::string_view status_name;             // "waiting"; empty for a number the release does not have
    std::string_view wait_reason;             // "chan receive"; only of one that waits
    std::uint64_t wait_since = 0;             // nanoseconds of the runtime's clock; 0: no collection has stamped it
    SavedRegisters saved;
    std::uint64_t syscall_pc = 0, syscall_sp = 0, syscall_bp = 0;   // sp 0: in no system call
    std::uint64_t created_at = 0;             // return address of the go statement
    std::uint64_t start = 0;                  // of its function
    std::optional<std::uint64_t> created_by;  // id of the goroutine that did, from 1.21 on
    std::uint64_t machine = 0;                // address of the m that runs it; 0: none
    std::uint64_t waiting_on = 0;             // address of the first sudog
    std::uint32_t signal = 0;                 // that made it panic, and its figures
    std::uint64_t signal_code0 = 0, signal_code1 = 0, signal_pc = 0;
};

class GoroutineReader {
public:
    // Nothing when data/go does not describe the release on that architecture (GOARCH).
    [[nodiscard]] static std::optional<GoroutineReader> make(const Memory& memory, Release release, std::string_view architecture);

    [[nodiscard]] std::optional<Goroutine> read(std::uint64_t address) const;

    // Whether there can be a g at that address: a stack that is one, a state that is one, a saved stack pointer within.
    [[nodiscard]] bool looks_like_goroutine(std::uint64_t address) const;

    // runtime.allgs: the slice in the module's variables whose every element looks like a g, of several the longest. Addresses of all g,
    // dead ones too.
    [[nodiscard]] std::vector<std::uint64_t> find_all(const Module& module) const;

private:
    GoroutineReader(const Memory& memory, Release release) : memory_(&memory), release_(release) {}

    struct Offsets {
        std::uint64_t stack, saved, status, id, reason, since, syscall_pc, syscall_sp, created_at, start, machine, waiting, signal, code0,
            code1, signal_pc;
        std::uint64_t sp, pc;
        std::optional<std::uint64_t> syscall_bp, created_by, lr, bp;
    };

    [[nodiscard]] std::uint64_t word(std::uint64_t address) const { return memory_->pointer(address).value_or(0); }

    const Memory* memory_;
    Release release_;
    Offsets at_{};
    std::uint64_t size_ = 0;
};

}  // namespace abiscope::golang
