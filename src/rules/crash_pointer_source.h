// Where a bad pointer came from, where that is the cause: a block that had been freed, or a module that was not relocated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rules/crash_builder.h"
#include "rules/crash_trace.h"

namespace abiscope::rules {

// The use of a pointer that failed.
struct PointerUse {
    std::uint64_t value = 0;
    std::optional<std::uint64_t> slot;         // it was loaded from there
    std::optional<std::uint64_t> base;         // through this pointer
    bool moved = false;                        // which the function may have moved from one object to the next
    std::string reg;                           // that held it; may be empty
    std::string what;                          // "reads 4 bytes through", "calls"
    std::optional<std::size_t> operand;        // of the instruction that faulted
    std::optional<disasm::Instruction> call;   // the one that led there; nothing: the one that faulted used it itself

    // What was loaded is the pointer, whatever was added to it since.
    void from(const core::Crash& crash, const std::optional<LoadedFrom>& place) {
        auto word = place ? crash.process.memory.word(place->slot) : std::nullopt;
        if (!word) return;
        slot = place->slot;
        base = place->base;
        moved = place->moved;
        value = *word;
    }
};

[[nodiscard]] std::optional<Cause> freed_pointer(core::Crash& crash, const PointerUse& use);
[[nodiscard]] std::optional<Cause> unrelocated_pointer(core::Crash& crash, const PointerUse& use);
// Either of them.
[[nodiscard]] std::optional<Cause> pointer_source(core::Crash& crash, const PointerUse& use);

// The pointer was read behind the end of a block that is in use, or in front of it, where a free neighbour lies: "..."; empty otherwise.
[[nodiscard]] std::string neighbour_words(const core::Crash& crash, const PointerUse& use);

// The value is what malloc keeps in free blocks for want of a next one, and the function goes along a list: "..."; empty otherwise. Another
// block on the same page, which was given out again and not set, holds the same.
[[nodiscard]] std::string last_link_words(core::Crash& crash, const PointerUse& use);

// The pointer is what malloc() gives for a large block, nothing is mapped there, and free() has given such blocks back: "..."; empty
// otherwise.
[[nodiscard]] std::string returned_words(const core::Crash& crash, std::uint64_t pointer);

// What malloc leaves in a block when it is freed, and does not clear when it is given out again: "...", empty where the value is no such.
[[nodiscard]] std::string leftover_words(const core::Crash& crash, const PointerUse& use);

// Signal, instruction and register, as both begin.
[[nodiscard]] CauseBuilder begin_pointer(RuleId rule, core::Crash& crash, const PointerUse& use);

}  // namespace abiscope::rules
