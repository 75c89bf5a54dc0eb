// Every goroutine of a crashed Go program with its stack, those that stand at the same place together.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "core/crash.h"

namespace abiscope::core {

struct GoroutineGroup {
    std::vector<std::uint64_t> ids;    // ascending
    golang::Goroutine first;           // state, reason to wait and go statement are those of all
    std::uint64_t waiting_for = 0;     // nanoseconds that the longest of them has waited at least; 0: no collection has stamped it
    Stack stack;                       // of the first of them
};

struct Goroutines {
    std::uint64_t count = 0;           // dead ones left out
    std::vector<GoroutineGroup> groups;   // the largest first
    bool found = false;                // false: the list was not found in the dump
};

// All of these are only for a Go program, and use the crash's unwinder: its Go thread is another one afterwards.
[[nodiscard]] Goroutines group_goroutines(Crash& crash);
// The one of that number, in a group of its own; no group when there is none that is alive.
[[nodiscard]] Goroutines goroutine_with(Crash& crash, std::uint64_t id);

// Unwinds the thread of every goroutine that runs, once.
class GoroutineStacks {
public:
    explicit GoroutineStacks(Crash& crash);
    [[nodiscard]] Stack stack_of(const golang::Goroutine& goroutine);

private:
    Crash& crash_;
    std::map<std::uint64_t, Stack> running_;   // by the goroutine's address: the stack of its thread
};

// Dead ones are not found: they have no stack.
[[nodiscard]] std::optional<golang::Goroutine> goroutine_of_stack(const Crash& crash, std::uint64_t address);

// The one that the outermost frames of Go of that stack belong to.
[[nodiscard]] std::optional<golang::Goroutine> goroutine_of(const Crash& crash, const Stack& stack);

// Where its go statement returned to; 0 for the one that runs main.main, which the runtime's own start made.
[[nodiscard]] inline std::uint64_t created_at(const golang::Goroutine& goroutine) { return goroutine.id == 1 ? 0 : goroutine.created_at; }

}  // namespace abiscope::core
